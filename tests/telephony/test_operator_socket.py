"""Operators on real websockets: consoles that misbehave or do not read, and a caller who is really passed on."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from telephony.operators import rounds
from telephony.operators.voice_socket import MOST_NEWS
from tests.telephony.conftest import Engines, Exchange, Phone
from voice.listening.workers import RecognizersUnavailable, RemoteRecognizer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def tone(ms: int, hz: float = 440) -> bytes:
    at = np.arange(16 * ms) / 16_000
    return (np.sin(2 * np.pi * hz * at) * 8000).astype("<i2").tobytes()


def loud(pcm: bytes) -> bool:
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")
    return len(samples) > 0 and int(np.abs(samples.astype(int)).max()) > 4000


BAD = [
    ("{", 1003, "malformed_frame: not JSON"),
    ("[]", 1003, "malformed_frame: a JSON object was expected"),
    ('{"type":"dance"}', 1003, "malformed_frame: unknown type 'dance'"),
    ('{"type":"accept"}', 1003, "malformed_frame: string 'offer' is missing"),
    ('{"type":"accept","offer":"\\ud800"}', 1003, "malformed_frame: string 'offer' has half"),
    ('{"type":"wrapped_up","then":"dance"}', 1003, "malformed_frame: then: one of available, away"),
    ('{"type":"wrap_up","note":"%s"}' % ("x" * 2001), 1003, "malformed_frame: string 'note'"),
    (b"\x00", 1003, "wrong_codec: PCM16 is expected"),
    (bytes(64 * 1024 + 1), 1009, ""),
]


@pytest.mark.parametrize(("message", "close", "reason"), BAD)
async def test_a_console_that_misbehaves(exchange: Exchange, message: str | bytes, close: int, reason: str) -> None:
    other = await exchange.console("bruno")
    console = await exchange.console("anna")
    await console.ws.send(message)
    code, why = await console.until_closed()
    assert code == close
    assert (why or "").startswith(reason)
    if close == 1003:
        assert exchange.log_of("operator.bad_frame")
    await other.send(type="available")
    await other.until(lambda console: console.states[-1] == "available")
    assert exchange.desk.figures()["operators"] == 1


async def test_a_console_needs_a_ticket_of_its_own(exchange: Exchange) -> None:
    browsers = exchange.tickets.issue("browser", {})
    for ticket in ("", "made-up", browsers):
        with pytest.raises(InvalidStatus) as refused:
            await connect(exchange.ws_url(f"/ws/operator?ticket={ticket}"))
        assert refused.value.response.status_code == 403


async def test_a_second_tab_replaces_the_first(exchange: Exchange) -> None:
    first = await exchange.console("anna")
    second = await exchange.console("anna")
    assert await first.until_closed() == (4000, "replaced")
    await second.send(type="available")
    await second.until(lambda console: console.states[-1] == "available")
    assert exchange.desk.figures()["operators"] == 1


async def talking(exchange: Exchange) -> tuple[Phone, Any]:
    """A caller who pressed 0, and the operator who took the call."""
    console = await exchange.console("anna", "aiuto")
    await console.send(type="available")
    phone = await exchange.browser()
    await phone.until_it_speaks()
    await phone.press("0")
    assert await console.accept() == phone.call_id
    return phone, console


async def test_a_console_that_does_not_read_is_disconnected_and_delays_nobody(exchange: Exchange) -> None:
    phone, slow = await talking(exchange)
    lively = await exchange.console("bruno")
    slow.ws.transport.pause_reading()
    for told in range(100):  # the sockets' buffers take the first ones
        for _ in range(MOST_NEWS // 10):
            exchange.desk.tell_operator(phone.call_id, {"type": "transcript", "text": "x" * 20_000})
        wanted = "away" if told % 2 else "available"
        await lively.send(type=wanted)
        await lively.until(lambda console, wanted=wanted: console.states[-1] == wanted)
        if exchange.log_of("operator.too_slow"):
            break
    assert exchange.log_of("operator.too_slow")
    back = await exchange.console("anna", "aiuto")  # and is told where the call is
    assert [frame["call_id"] for frame in back.of("connected")] == [phone.call_id]
    await phone.send(type="stop")
    await back.until(lambda console: console.of("ended"))
    slow.ws.transport.abort()


async def test_a_caller_is_passed_on_and_both_are_heard(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    (offer,) = console.of("offer")
    assert (offer["queue"], offer["slots"], offer["line"]) == ("aiuto", {"tasto": "0"}, "it")
    assert [turn["speaker"] for turn in offer["transcript"]][:1] == ["bot"]
    phone.sound = b""
    for at in range(0, 32_000, 640):
        await phone.ws.send(tone(1000)[at : at + 640])
        await console.ws.send(tone(1000)[at : at + 640])
        await asyncio.sleep(0.005)
    await console.until(lambda console: loud(console.sound))
    await phone.until(lambda phone: loud(phone.sound))
    assert exchange.reception.in_progress() == [("it", "person")]
    await console.send(type="hangup")
    assert await phone.until_closed() == (1000, "operator_ended")
    await console.until(lambda console: console.of("ended"))
    assert console.of("ended") == [{"type": "ended", "call_id": phone.call_id, "reason": "operator_ended"}]
    await console.until(lambda console: console.states[-1] == "wrap_up")
    detail = await exchange.ended(id=phone.call_id)
    assert (detail.interaction.outcome, detail.interaction.operator) == ("handed_off", "anna")
    log = await exchange.events(phone.call_id)
    walked = [event.payload for event in log if event.type == "dialog.walked"]
    assert walked[0] == {"at": "flows.welcome.0", "steps": ["flows.welcome.0"]}
    to_human = "flows.welcome.1.then"
    assert walked[-1]["at"] == f"{to_human}.0"
    assert to_human in walked[-1]["ways"]
    kinds = [event.type for event in log if event.type.split(".")[0] != "dialog"]
    assert [kind for kind in kinds if kind not in ("transcript", "flow.entered")] == [
        "call.started",
        "handoff.queued",
        "offer.made",
        "offer.accepted",
        "operator.joined",
        "operator.left",
        "call.ended",
    ]


async def test_where_nobody_can_transcribe_a_human_takes_over_all_the_same(
    exchange: Exchange, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_worker(language: str) -> RemoteRecognizer:
        raise RecognizersUnavailable(f"no worker listens to {language!r}")

    monkeypatch.setattr(engines.recognizers, "open", no_worker)
    console = await exchange.console("anna")
    await console.send(type="available")
    phone = await exchange.browser()
    assert await console.accept() == phone.call_id
    assert console.of("offer")[0]["reason"] == "failure"
    phone.sound = b""
    for _ in range(10):
        await console.ws.send(tone(100))
        await phone.ws.send(tone(100))
    await phone.until(lambda phone: loud(phone.sound))
    await console.until(lambda console: loud(console.sound))
    await phone.send(type="stop")
    assert await phone.until_closed() == (1000, "caller_hung_up")
    assert exchange.log_of("call.deaf")
    assert exchange.log_of("call.operator_not_transcribed")


async def test_a_caller_who_vanishes_frees_the_operator(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    phone.ws.transport.abort()
    await console.until(lambda console: console.of("ended"))
    assert console.of("ended")[0]["reason"] == "connection_lost"
    await console.until(lambda console: console.states[-1] == "wrap_up")
    assert (await exchange.ended(id=phone.call_id)).interaction.end_reason == "connection_lost"


async def test_an_operator_who_comes_back_talks_on(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    console.ws.transport.abort()
    again = await exchange.console("anna", "aiuto")
    assert again.states == ["on_call"]
    phone.sound = b""
    for _ in range(10):
        await again.ws.send(tone(100))
    await phone.until(lambda phone: loud(phone.sound))
    await phone.send(type="stop")
    assert await phone.until_closed() == (1000, "caller_hung_up")
    await again.until(lambda console: console.of("ended"))


async def test_an_operator_who_is_lost_for_good_leaves_the_caller_to_the_bot(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "RECONNECT_MS", 200)
    phone, console = await talking(exchange)
    console.ws.transport.abort()
    assert await phone.until_closed() == (1000, "bot_ended")
    detail = await exchange.ended(id=phone.call_id)
    kinds = [event.type for event in await exchange.events(phone.call_id)]
    assert "operator.left" in kinds
    assert "callback.requested" in kinds
    assert "La richiamiamo." in [turn.text for turn in detail.transcript]


async def test_a_caller_who_hangs_up_while_it_rings(exchange: Exchange) -> None:
    console = await exchange.console("anna")
    await console.send(type="available")
    phone = await exchange.browser()
    await phone.until_it_speaks()
    await phone.press("0")
    await console.until(lambda console: console.of("offer"))
    await phone.send(type="stop")
    await console.until(lambda console: console.of("offer_gone"))
    assert console.of("offer_gone") == [
        {"type": "offer_gone", "offer": console.of("offer")[0]["offer"], "why": "caller_left"}
    ]
    await console.until(lambda console: console.states[-1] == "available")


async def test_a_notice_is_heard_to_its_end_before_operators_are_asked(exchange: Exchange) -> None:
    phone, console = await talking(exchange)  # who pressed the key while it was being said
    log = await exchange.events(phone.call_id)
    queued = next(event for event in log if event.type == "handoff.queued")
    (notice,) = [event for event in log if event.type == "transcript" and event.payload.get("key") == "disclosure"]
    assert not notice.payload["interrupted"]
    assert notice.seq < queued.seq
    await phone.send(type="stop")
    await console.until(lambda console: console.of("ended"))
