"""The end of a server's day: who may finish, who is asked to, and what is asked afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from centralino.readiness import Readiness, reasons
from dialogs import engine
from dialogs.events import Callback, CallStarted, End, OperatorJoined, Say, ServiceEnds
from dialogs.loading import read_flowbook
from history import HistoryUnavailable
from telephony import draining
from telephony.admission import Refusal
from telephony.draining import drain, linger
from tests.telephony.conftest import FLOWBOOK, Engines, Exchange, served
from voice.listening.worker_link import WorkerStats

ALIVE = WorkerStats("vosk", "small", 4711, 0, 0, 0, 0)


class Running:
    """Calls that last as long as they are told."""

    def __init__(self, *lasts_s: float) -> None:
        self.tasks = {asyncio.create_task(asyncio.sleep(lasts)) for lasts in lasts_s}
        self.asked_to_leave = 0
        self.hurry = asyncio.Event()

    def now(self) -> list[asyncio.Task[None]]:
        return [task for task in self.tasks if not task.done()]

    def take_leave(self) -> None:
        self.asked_to_leave += 1

    async def drain(self, grace_s: float) -> float:
        """How long it took."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        await drain(self.now, self.take_leave, grace_s, self.hurry)
        for task in self.tasks:
            task.cancel()
        return loop.time() - began_s


async def test_who_finishes_in_time_is_left_alone() -> None:
    running = Running(0.01, 0.02)
    assert await running.drain(30) < 5
    assert running.asked_to_leave == 0


async def test_who_does_not_finish_is_asked_to_while_there_is_still_time() -> None:
    running = Running(60)
    assert await running.drain(0.2) >= 0.2
    assert running.asked_to_leave == 1


async def test_a_second_signal_ends_it_at_once_and_without_time_nobody_is_asked() -> None:
    running = Running(60)
    asyncio.get_running_loop().call_later(0.05, running.hurry.set)
    assert await running.drain(60) < 30
    assert running.asked_to_leave == 0
    hurried = Running(60)
    await hurried.drain(0)
    assert hurried.asked_to_leave == 0
    await linger(running.hurry)


BOOK = read_flowbook(FLOWBOOK)


@pytest.mark.parametrize("human", [True, False])
def test_the_bot_takes_its_leave_towards_a_human_or_with_a_promise(human: bool) -> None:
    state, _ = engine.step(BOOK, engine.start(BOOK, "it"), CallStarted(0, "it", "it", "+39021234"))
    state, actions = engine.step(BOOK, state, ServiceEnds(1, human))
    said = [action.key for action in actions if isinstance(action, Say)]
    promised = [action.queue for action in actions if isinstance(action, Callback)]
    (end,) = [action for action in actions if isinstance(action, End)]
    if human:
        assert (said, promised, end.outcome) == (["again"], [], "handed_off")
    else:
        assert (said, promised, end.outcome) == (["nobody_available"], ["aiuto"], "callback")
    assert engine.step(BOOK, state, ServiceEnds(2, human))[1] == ()


def test_who_talks_to_an_operator_is_not_disturbed() -> None:
    state, _ = engine.step(BOOK, engine.start(BOOK, "it"), CallStarted(0, "it", "it", "+39021234"))
    state, _ = engine.step(BOOK, state, OperatorJoined(1, "anna"))
    assert engine.step(BOOK, state, ServiceEnds(2, human=True))[1] == ()


def test_reasons_why_no_call_should_come() -> None:
    assert reasons(False, None, "", [ALIVE]) == []
    full, dead = Refusal("most_calls", "4 calls are running"), replace(ALIVE, pid=None)
    assert [r.why for r in reasons(False, full, "disk full", [dead])] == ["history", "models", "capacity"]
    assert [r.why for r in reasons(True, full, "", [ALIVE])] == ["draining"]
    assert [r.why for r in reasons(False, None, "", [])] == ["models"]


@pytest.mark.asyncio(loop_scope="session")
async def test_readiness_tries_the_history_and_knows_when_it_works_again(
    exchange: Exchange, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    readiness = Readiness(exchange.reception, exchange.journal, engines.recognizers)
    assert await readiness.look() == []
    await exchange.journal.probe()  # nothing is left of it
    monkeypatch.setattr("centralino.readiness.PROBED_EVERY_S", 0.0)

    async def full() -> None:
        raise HistoryUnavailable("no room")

    with monkeypatch.context() as broken:
        broken.setattr(exchange.journal, "probe", full)
        assert [(r.why, r.detail) for r in await readiness.look()] == [("history", "no room")]
    assert await readiness.look() == []
    await exchange.reception.close(0)
    assert [r.why for r in await readiness.look()] == ["draining"]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_call_that_is_still_there_is_handed_to_the_human_and_the_phone_system_finds_somebody_to_ask(
    engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "LINGER_S", 1.5)
    line = replace(engines.line, human_number="+390518888888")
    async with served(replace(engines, line=line), tmp_path) as exchange:
        phone = await exchange.twilio("CA1")
        await phone.until_it_speaks()
        console = await exchange.console()
        closing = asyncio.create_task(exchange.reception.close(12.0))
        await console.until(lambda console: console.of("draining"))
        refused = await exchange.webhook(sid="CA2")
        assert "+390518888888" in refused.text
        assert await phone.until_closed() == (1000, "server_stopped")
        assert not closing.done()
        assert "+390518888888" in (await exchange.webhook("/twilio/after", sid="CA1")).text
        await closing
        detail = await exchange.ended(ref="CA1")
        assert (detail.interaction.outcome, detail.interaction.end_reason) == ("handed_off", "server_stopped")
        assert [turn.key for turn in detail.transcript][-1] == "again"
        assert (await exchange.ended(ref="CA2")).interaction.end_reason == "draining"
