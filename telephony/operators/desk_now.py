"""What the desk looks like at one moment: who waits in which queue, and what each operator does. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from telephony.operators.presence import Presence
from telephony.operators.queue import WaitingCall
from telephony.operators.seats import Seat


@dataclass(frozen=True)
class QueueNow:
    """waiting: callers on the line, by_urgency of them; promised: who is called back at their place. since_ms: when who
    waits longest on the line entered, of the desk's clock, None when nobody does. free: operators who could take a call
    of it now."""

    queue: str
    waiting: int
    promised: int
    since_ms: int | None
    by_urgency: Mapping[str, int]
    free: int


@dataclass(frozen=True)
class WaitingNow:
    """Who waits on the line. place: 1 = next of the queue. rings_at: the id of the operator who is being asked, '' for
    none. skills: what they ask for."""

    call_id: str
    queue: str
    line: str
    place: int
    since_ms: int
    urgency: str
    reason: str
    rings_at: str
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class OperatorNow:
    """queues: none for all. skills: what they have. since_ms: when they began what they do. why: in words, or
    'unanswered'. forced: what a supervisor wants of them after the call, '' for nothing. call_id: of the call they talk
    in, '' for none. with_bot: they do not talk now, the bot has that call and brings it back."""

    id: str
    name: str
    queues: tuple[str, ...]
    presence: Presence
    why: str
    since_ms: int
    forced: str
    call_id: str
    with_bot: bool
    by_phone: bool
    connected: bool
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeskNow:
    """waiting: in the order in which they are offered, those who are called back left out."""

    queues: tuple[QueueNow, ...]
    operators: tuple[OperatorNow, ...]
    waiting: tuple[WaitingNow, ...] = ()

    def with_queues(self, names: Iterable[str]) -> DeskNow:
        """Also those in which nobody waits, by name."""
        there = {one.queue for one in self.queues}
        more = (_queue(name, [], self.operators) for name in set(names) - there)
        queues = sorted((*self.queues, *more), key=lambda one: one.queue)
        return replace(self, queues=tuple(queues))


def desk_now(in_order: Iterable[WaitingCall], seats: Iterable[Seat]) -> DeskNow:
    waiting, seats = list(in_order), list(seats)
    operators = tuple(sorted(map(_operator, seats), key=lambda one: (one.name.casefold(), one.id)))
    by_queue: dict[str, list[WaitingCall]] = {}
    for call in waiting:
        by_queue.setdefault(call.queue, []).append(call)
    queues = tuple(_queue(name, by_queue[name], operators) for name in sorted(by_queue))
    return DeskNow(queues, operators, tuple(_on_the_line(waiting, seats)))


def _on_the_line(in_order: Iterable[WaitingCall], seats: Iterable[Seat]) -> Iterator[WaitingNow]:
    rings_at = {seat.offer.call_id: seat.id for seat in seats if seat.offer}
    places: Counter[str] = Counter()
    for call in in_order:
        places[call.queue] += 1
        if not call.promised:
            yield WaitingNow(
                call.call_id, call.queue, call.line, places[call.queue], call.since_ms, call.urgency, call.reason,
                rings_at.get(call.call_id, ""), tuple(sorted(call.skills)),
            )  # fmt: skip


def _operator(seat: Seat) -> OperatorNow:
    return OperatorNow(
        id=seat.id,
        name=seat.name,
        queues=tuple(sorted(seat.queues)),
        presence=seat.presence,
        why=seat.why,
        since_ms=seat.idle_since_ms,
        forced=seat.forced.wanted if seat.forced else "",
        call_id=seat.call.call_id if seat.call else "",
        with_bot=seat.with_bot is not None,
        by_phone=not seat.calls_back,
        connected=seat.socket is not None,
        skills=tuple(sorted(seat.skills)),
    )


def _queue(name: str, calls: list[WaitingCall], operators: Iterable[OperatorNow]) -> QueueNow:
    on_the_line = [call for call in calls if not call.promised]
    free = (one for one in operators if one.presence is Presence.AVAILABLE and (not one.queues or name in one.queues))
    return QueueNow(
        queue=name,
        waiting=len(on_the_line),
        promised=len(calls) - len(on_the_line),
        since_ms=min((call.since_ms for call in on_the_line), default=None),
        by_urgency=Counter(call.urgency for call in on_the_line),
        free=sum(1 for _ in free),
    )
