"""An exchange that places calls: real history, lists, recognizer and voice; phones that do what a test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dialogs.loading import read_flowbook
from history import Entry, Timeline, new_id
from telephony.control.contract import CallControl, Deed, Order
from telephony.control.legs import Leg, Outcome
from telephony.expected import Expected
from telephony.lines import Line, Lines
from telephony.media import Command, HangUp, Mark, MarkPlayed, Pacing, SoundOut
from telephony.outbound.campaign import Campaign, Plan
from telephony.outbound.contact_list import read_contacts
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.dialler import Dialler
from telephony.outbound.dialling import dialling
from telephony.outbound.office import Outbound
from telephony.outbound.settings import OutboundSettings
from tests.telephony.conftest import FLOWBOOK, Engines, Exchange, served

NUMBER = "+393331234567"
OTHER = "+393337654321"
BOOK = FLOWBOOK.replace(
    "  operator: {handoff: aiuto, say: again}",
    "  operator: {handoff: aiuto, say: again}\n  opt_out: {say: never}\n"
    "outgoing:\n"
    "  ritiro: {disclosure: chi, slots: [titolo], message: segreteria}\n"
    "  richiamata: {disclosure: indietro, callbacks: [aiuto]}",
).replace(
    "texts:\n",
    """  ritiro:
    - fill:
        viene: {type: yes_no}
    - say: bye
    - end: confirmed
  richiamata:
    - handoff: aiuto
texts:
  chi: {it: "Assistente automatico. {titolo} è arrivato."}
  segreteria: {it: "Libreria: {titolo} è arrivato."}
  indietro: {it: La richiamiamo.}
  never: {it: Mai più.}
  ask_viene: {it: Viene?}
""",
)
WORKING_DAY = datetime(2026, 11, 27, 10, tzinfo=UTC)
"""A Friday, 11 o'clock in Rome."""


class Clock:
    """The dialler's own; a call's is real."""

    def __init__(self) -> None:
        self.now = WORKING_DAY

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **what: float) -> None:
        self.now += timedelta(**what)


class InHouse(CallControl):
    """A phone system within this process. does: what comes of ringing a number; answered: who answered, by number.
    ringing: those who are rung and have not answered."""

    name: ClassVar[str] = "in_house"
    can = frozenset({Deed.DIAL, Deed.HANG_UP})

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.does: dict[str, Outcome | None] = {}
        self.orders: list[Order] = []
        self.answered: dict[str, Person] = {}
        self.ringing: list[Leg] = []

    def reaches(self, to: str) -> None: ...

    async def hang_up(self, ref: str) -> None: ...

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        self.orders.append(order)
        leg.ref = f"ref-{len(self.orders)}"
        outcome = self.does.get(order.to, Outcome.ANSWERED)
        if outcome is None:
            self.ringing.append(leg)
        elif outcome is Outcome.ANSWERED:
            self.answered[order.to] = Person(self._exchange, expected)
        else:
            leg.tell(outcome, "404 Not Found" if outcome is Outcome.FAILED else "")


class Person:
    """Who answered: hears, and is silent unless told otherwise."""

    def __init__(self, exchange: Exchange, expected: Expected) -> None:
        claimed = exchange.reception.claim(expected.token)
        assert claimed
        self.call_id = expected.call_id
        self.heard_ms = 0.0
        self.call, self.task = exchange.reception.answer(claimed, 8000, self._take, Pacing())

    async def _take(self, command: Command) -> None:
        if isinstance(command, SoundOut):
            self.heard_ms += len(command.pcm) / 16
        elif isinstance(command, Mark):
            self.call.mark_played(MarkPlayed(command.name))  # plays at once: tests wait for no sound
        elif isinstance(command, HangUp):
            self.call.hung_up("caller_hung_up")


@dataclass
class Office:
    """exchange: with `phones` that ring; timeline, outbound, dialler, clock: of the calls that go out."""

    exchange: Exchange
    phones: InHouse
    timeline: Timeline
    outbound: Outbound
    dialler: Dialler
    clock: Clock
    promised: list[tuple[str, int]] = field(default_factory=list)

    async def campaign(self, *numbers: str, name: str = "ritiri", **plan: Any) -> Campaign:
        """A running one."""
        rows = "\n".join(f"{number},Gomorra" for number in numbers or (NUMBER,))
        described = Plan("ritiro", "it", "service", **plan)
        listed = read_contacts(f"number,titolo\n{rows}\n", ["titolo"], "service")
        await self.outbound.campaigns.create(name, described, listed, self.clock())
        return await self.outbound.campaigns.change(name, "running")

    async def promise(self, number: str = NUMBER, queue: str = "aiuto", minutes: float = 5) -> tuple[str, int]:
        """Somebody called and was promised a call-back."""
        call, asked = new_id(), self.clock() - timedelta(minutes=minutes)
        wanted = {"queue": queue, "number": number, "reason": "nobody_available", "slots": {"ordine": "471290"}}
        entries = [
            Entry("call.started", {"line": "it", "door": "sip", "caller": number}, 0),
            Entry("callback.requested", wanted, 1000, occurred_at=asked),
            Entry("call.ended", {"reason": "bot_ended", "outcome": "callback"}, 2000),
        ]
        self.promised.append((call, await self.exchange.journal.append(call, entries) - 1))
        return self.promised[-1]

    async def contact(self, one: Campaign, number: str = NUMBER) -> dict[str, Any]:
        rows = await self.outbound.campaigns.reports.contacts(one.id)
        return next(row for row in rows if row["number"] == number)

    async def settled(self) -> None:
        """All calls of ours have ended and are settled."""
        async with asyncio.timeout(30):
            while self.dialler.running:
                await asyncio.sleep(0.02)

    async def until(self, seen: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not seen():
                await asyncio.sleep(0.02)


Opened = Callable[..., AbstractAsyncContextManager[Office]]


def line_of(engines: Engines) -> Line:
    return replace(engines.line, book=read_flowbook(BOOK))


@contextlib.asynccontextmanager
async def office_of(
    exchange: Exchange, engines: Engines, folder: Path, clock: Clock, **settings: Any
) -> AsyncIterator[Office]:
    """Places calls when a test says `dialler.look()`, not by itself."""
    exchange.reception.take_up(Lines([line_of(engines)]))
    phones = InHouse(exchange)
    exchange.reception.controls.add(phones)
    timeline = Timeline(exchange.journal.path)
    database = await OutboundDatabase.open(folder / "outbound.db")
    given = OutboundSettings(**{"kept_free": 1, **settings})
    outbound = replace(Outbound.of(database, lambda: exchange.reception.lines, given), dials=False)
    async with dialling(outbound, exchange.reception, exchange.desk, exchange.journal, timeline, clock) as dialler:
        yield Office(exchange, phones, timeline, outbound, dialler, clock)
    await database.close()
    await timeline.close()


@pytest.fixture
def office(engines: Engines, tmp_path: Path) -> Opened:
    """office(**settings): on the same folder each time, so that a second one is a restart."""
    clock = Clock()

    @contextlib.asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[Office]:
        async with (
            served(engines, tmp_path) as exchange,
            office_of(exchange, engines, tmp_path, clock, **settings) as one,
        ):
            yield one

    return opened
