"""An operator gives the call back to the bot, over real sockets: for good, or to have it again when the bot is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from dialogs.loading import read_flowbook
from dialogs.rendering import MASK
from telephony.operators import rounds
from telephony.operators.presence import Presence
from tests.dialogs.test_giving_back import BOOK
from tests.telephony.conftest import Console, Engines, Exchange, Phone, served
from tests.telephony.test_operator_socket import loud, talking, tone
from voice.listening.workers import RecognizersUnavailable, RemoteRecognizer

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLOWS = [
    {"flow": "carta", "titles": {"it": "La carta"}, "returns": True},
    {"flow": "pin", "titles": {"it": "Il codice"}, "returns": False},
]
TWO = BOOK.replace("returns: true}\n", "returns: true}\n  pin: {title: {it: Il codice}}\n").replace(
    "\ntexts:\n", "\n  pin:\n    - fill:\n        pin: {type: digits, length: 1, ask: ask_carta}\n"
    "      timeout: 600s\n    - handoff: aiuto\ntexts:\n"
).replace("sensitive: true}\n", "sensitive: true}\n      timeout: 600s\n")  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(engines: Engines, tmp_path: Path) -> AsyncIterator[Exchange]:
    line = replace(engines.line, book=read_flowbook(TWO))
    await engines.speaker.prerender([(text, line.voice) for text in line.book.spoken_texts("it")])
    async with served(replace(engines, line=line), tmp_path) as exchange:
        yield exchange


async def given(exchange: Exchange, flow: str) -> tuple[Phone, Console]:
    """A caller whose operator gave the call to the bot at this flow, which has asked for something."""
    phone, console = await talking(exchange)
    heard = len(phone.of("transcript"))
    await console.send(type="to_bot", flow=flow)
    await phone.until(lambda phone: len([one for one in phone.of("transcript") if one["is_final"]]) > heard)
    return phone, console


def types_of(console: Console) -> list[str]:
    """What the console was told since the call was connected for the first time, but for words."""
    told = [str(frame["type"]) for frame in console.got]
    shown = told[told.index("connected") :]
    return [kind for kind in shown if kind not in ("transcript", "waiting", "recording")]


async def payloads(exchange: Exchange, call_id: str, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    events = await exchange.events(call_id)
    return [(one.type, dict(one.payload)) for one in events if one.type.startswith(kinds)]


async def test_the_operator_who_waits_has_the_call_again_and_never_heard_the_number(exchange: Exchange) -> None:
    phone, console = await given(exchange, "carta")
    assert console.of("to_bot_flows") == [{"type": "to_bot_flows", "call_id": phone.call_id, "flows": FLOWS}] * 2
    assert console.of("with_bot") == [{"type": "with_bot", "call_id": phone.call_id, "flow": "carta"}]
    assert exchange.reception.in_progress() == [("it", "bot")]
    (anna,) = exchange.desk.now().operators
    assert (anna.presence, anna.call_id, anna.with_bot) == (Presence.ON_CALL, phone.call_id, True)
    console.sound = b""
    for key in "1234":
        await phone.ws.send(tone(200))
        await phone.press(key)
    await console.until(lambda console: len(console.of("connected")) == 2)
    assert not loud(console.sound)
    (back,) = console.of("returned")
    assert back == {
        "type": "returned", "call_id": phone.call_id, "queue": "aiuto", "reason": "flow", "slots": {"carta": MASK},
    }  # fmt: skip
    assert types_of(console) == [
        "connected", "to_bot_flows", "with_bot", "to_bot_flows", "returned", "connected", "to_bot_flows",
    ]  # fmt: skip
    assert console.states[-1] == "on_call"
    phone.sound = b""
    for _ in range(10):
        await console.ws.send(tone(100))
        await phone.ws.send(tone(100))
    await phone.until(lambda phone: loud(phone.sound))
    await console.until(lambda console: loud(console.sound))
    assert [one.with_bot for one in exchange.desk.now().operators] == [False]
    await console.send(type="hangup")
    assert await phone.until_closed() == (1000, "operator_ended")
    await console.until(lambda console: console.states[-1] == "wrap_up")
    await console.send(type="wrapped_up", code="solved")
    detail = await exchange.ended(id=phone.call_id)
    assert (detail.interaction.outcome, detail.interaction.operator) == ("handed_off", "anna")
    assert await payloads(exchange, phone.call_id, "handback", "handoff", "operator.joined", "operator.left") == [
        ("handoff.queued", {"queue": "aiuto", "reason": "flow", "slots": {"tasto": "0"}, "skills": []}),
        ("operator.joined", {"operator": "anna", "name": "Anna"}),
        ("handback.started", {"operator": "anna", "flow": "carta", "returns": True}),
        ("handback.ended", {"operator": "anna", "why": "returned", "queue": "aiuto", "reason": "flow",
                            "slots": {"carta": MASK}}),
        ("operator.left", {"operator": "anna", "reason": "operator_ended"}),
    ]  # fmt: skip
    everything = str(await exchange.events(phone.call_id)) + str(console.got)
    assert "1234" not in everything


async def test_given_back_for_good_the_operator_wraps_up_and_is_the_first_to_be_asked_again(exchange: Exchange) -> None:
    other = await exchange.console("bruno", "aiuto")
    phone, console = await given(exchange, "pin")
    await console.until(lambda console: console.states[-1] == "wrap_up")
    assert console.of("ended") == [{"type": "ended", "call_id": phone.call_id, "reason": "given_back"}]
    await other.send(type="available")  # has been idle for longer
    await other.until(lambda console: console.states[-1] == "available")
    await console.send(type="wrapped_up")
    await console.until(lambda console: console.states[-1] == "available")
    await phone.press("7")
    await console.until(lambda console: len(console.of("offer")) == 2)
    assert console.of("offer")[-1]["slots"] == {"tasto": "0", "pin": "7"}
    assert other.of("offer") == []
    await phone.send(type="stop")
    await console.until(lambda console: console.of("offer_gone"))
    await exchange.ended(id=phone.call_id)
    kinds = [kind for kind, _ in await payloads(exchange, phone.call_id, "handback", "operator.", "handoff")]
    assert kinds == [
        "handoff.queued", "operator.joined", "handback.started", "operator.left", "operator.wrapped_up",
        "handoff.queued",
    ]  # fmt: skip


async def test_an_operator_may_leave_it_to_the_bot_after_all(exchange: Exchange) -> None:
    phone, console = await given(exchange, "carta")
    await console.send(type="hold", held=True)
    await console.until(lambda console: console.of("error"))
    await console.send(type="let_go")
    await console.until(lambda console: console.states[-1] == "wrap_up")
    for key in "1234":
        await phone.press(key)
    await console.send(type="wrapped_up")
    await console.until(lambda console: len(console.of("offer")) == 2)
    assert console.of("offer")[-1]["slots"] == {"carta": MASK}
    await phone.send(type="stop")
    await exchange.ended(id=phone.call_id)
    ended = [payload for kind, payload in await payloads(exchange, phone.call_id, "handback.ended")]
    assert ended == [{"operator": "anna", "why": "let_go"}]


async def test_without_a_flow_the_bot_asks_what_else_there_is(exchange: Exchange) -> None:
    phone, console = await given(exchange, "")
    await console.until(lambda console: console.states[-1] == "wrap_up")
    await phone.press("5")
    assert await phone.until_closed() == (1000, "bot_ended")
    detail = await exchange.ended(id=phone.call_id)
    assert detail.interaction.outcome == "answered"
    assert [turn.text for turn in detail.transcript][-1] == "Ciao."


async def test_a_flow_that_is_not_listed_is_refused_and_the_call_stays(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    await console.send(type="to_bot", flow="welcome")
    await console.until(lambda console: console.of("to_bot_failed"))
    (failed,) = console.of("to_bot_failed")
    assert (failed["flow"], failed["reason"], failed["call_id"]) == ("welcome", "unknown_flow", phone.call_id)
    exchange.desk.server_stops(60)
    await console.send(type="to_bot", flow="carta")
    await console.until(lambda console: len(console.of("to_bot_failed")) == 2)
    assert console.of("to_bot_failed")[-1]["reason"] == "server_stops"
    phone.sound = b""
    for _ in range(10):
        await console.ws.send(tone(100))
    await phone.until(lambda phone: loud(phone.sound))
    assert exchange.reception.in_progress() == [("it", "person")]
    await console.send(type="hangup")
    await phone.until_closed()
    await console.until(lambda console: console.states[-1] == "wrap_up")
    await console.send(type="to_bot", flow="carta")
    await console.until(lambda console: len(console.of("to_bot_failed")) == 3)
    assert console.of("to_bot_failed")[-1]["reason"] == "not_talking"


async def test_where_nobody_hears_the_caller_the_call_stays_with_the_operator(
    exchange: Exchange, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_worker(language: str) -> RemoteRecognizer:
        raise RecognizersUnavailable(f"no worker listens to {language!r}")

    monkeypatch.setattr(engines.recognizers, "open", no_worker)
    console = await exchange.console("anna")
    await console.send(type="available")
    phone = await exchange.browser()
    assert await console.accept() == phone.call_id
    await console.send(type="to_bot", flow="carta")
    await console.until(lambda console: console.of("to_bot_failed"))
    assert console.of("to_bot_failed")[0]["reason"] == "cannot_hear"
    assert exchange.reception.in_progress() == [("it", "person")]
    await phone.send(type="stop")
    await phone.until_closed()


async def test_a_caller_who_hangs_up_meanwhile_leaves_the_operator_with_the_wrap_up(exchange: Exchange) -> None:
    phone, console = await given(exchange, "carta")
    await phone.send(type="stop")
    assert await phone.until_closed() == (1000, "caller_hung_up")
    await console.until(lambda console: console.states[-1] == "wrap_up")
    assert console.of("ended")[-1]["reason"] == "caller_hung_up"
    detail = await exchange.ended(id=phone.call_id)
    assert detail.interaction.outcome == "handed_off"
    assert await payloads(exchange, phone.call_id, "handback.ended", "operator.left") == [
        ("handback.ended", {"operator": "anna", "why": "caller_hung_up"}),
        ("operator.left", {"operator": "anna", "reason": "caller_hung_up"}),
    ]


async def test_a_console_that_comes_back_meanwhile_learns_that_the_bot_has_the_call(exchange: Exchange) -> None:
    phone, console = await given(exchange, "carta")
    console.ws.transport.abort()
    again = await exchange.console("anna", "aiuto")
    await again.until(lambda console: console.of("to_bot_flows"))
    assert [frame["flow"] for frame in again.of("with_bot")] == ["carta"]
    assert again.of("connected") == []
    assert again.of("with_bot")[0]["call"]["slots"] == {"tasto": "0"}
    for key in "1234":
        await phone.press(key)
    await again.until(lambda console: console.of("connected"))
    once_more = await exchange.console("anna", "aiuto")
    await once_more.until(lambda console: console.of("connected"))
    about = once_more.of("connected")[0]["call"]
    assert (about["reason"], about["slots"]) == ("flow", {"carta": MASK})  # as it came back, not as it was offered
    again = once_more
    await phone.send(type="stop")
    await again.until(lambda console: console.of("ended"))


async def test_an_operator_who_is_lost_meanwhile_leaves_the_caller_to_whoever_is_there(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "RECONNECT_MS", 200)
    phone, console = await given(exchange, "carta")
    other = await exchange.console("bruno", "aiuto")
    await other.send(type="available")
    console.ws.transport.abort()
    while exchange.desk.figures()["operators"] > 1:
        await asyncio.sleep(0.05)
    for key in "1234":
        await phone.press(key)
    assert await other.accept() == phone.call_id
    await other.send(type="hangup")
    await phone.until_closed()
    await exchange.ended(id=phone.call_id)
    assert await payloads(exchange, phone.call_id, "handback.ended") == [
        ("handback.ended", {"operator": "anna", "why": "lost"})
    ]
