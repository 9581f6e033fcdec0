"""Who waits, in which order, and who is to be offered to whom. Pure; times in milliseconds of one clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from telephony.operators.presence import WORKING, Presence


@dataclass(frozen=True)
class WaitingCall:
    """A caller in a queue. priority: higher first; since_ms: when they entered, kept when an offer fails.

    announce_every_ms: how often they hear their place, 0: as the desk has it. max_length: callers that the queue holds,
    0: any number. join_empty, leave_when_empty: whether they may come, and must go, while no operator works. promised:
    they are called back, and have nothing to hear. urgency: 'low' | 'normal' | 'high', as their words told it; their
    order is by priority. last_operator: who talked to them before, '' for nobody. skills: all that an operator should
    have, see `suited`.
    """

    call_id: str
    queue: str
    priority: int
    since_ms: int
    max_wait_ms: int
    line: str
    caller: str
    language: str
    reason: str
    slots: Mapping[str, str] = field(default_factory=dict)
    declined_by: frozenset[str] = frozenset()
    announce_every_ms: int = 0
    max_length: int = 0
    join_empty: bool = False
    leave_when_empty: bool = True
    promised: bool = False
    urgency: str = "normal"
    last_operator: str = ""
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """An operator as the queue sees one. queues: those they serve, empty for all; the longest idle goes first.
    calls_back: whether they are offered people to call back. skills: what they have."""

    id: str
    queues: frozenset[str]
    presence: Presence
    idle_since_ms: int
    calls_back: bool = True
    skills: frozenset[str] = frozenset()

    def serves(self, queue: str) -> bool:
        return not self.queues or queue in self.queues


def in_order(waiting: Iterable[WaitingCall]) -> list[WaitingCall]:
    return sorted(waiting, key=lambda call: (-call.priority, call.since_ms, call.call_id))


def place(waiting: Iterable[WaitingCall], call_id: str) -> int:
    """1 = next of its queue. Raises ValueError when the call does not wait."""
    everybody = list(waiting)
    queue = next((call.queue for call in everybody if call.call_id == call_id), None)
    if queue is None:
        raise ValueError(f"call {call_id} does not wait")
    same_queue = [call.call_id for call in in_order(everybody) if call.queue == queue]
    return same_queue.index(call_id) + 1


def before_all(waiting: Iterable[WaitingCall], queue: str) -> int:
    """The priority of who goes before everybody that waits in this queue."""
    return max((call.priority for call in waiting if call.queue == queue), default=0) + 1


def suited(call: WaitingCall, operators: Iterable[Candidate]) -> list[Candidate]:
    """Who may take this call, of those at work: they serve its queue and did not decline it. With all the skills that
    it asks for while anybody has them, busy or not; else anybody: a caller reaches a human rather than nobody."""
    can = [
        one
        for one in operators
        if one.presence in WORKING
        and one.serves(call.queue)
        and one.id not in call.declined_by
        and (one.calls_back or not call.promised)
    ]
    return [one for one in can if call.skills <= one.skills] or can


def next_offers(waiting: Iterable[WaitingCall], operators: Sequence[Candidate]) -> list[tuple[WaitingCall, str]]:
    """Pairs (call, operator id): a free operator gets at most one call; callers in order, each to who talked to them
    before, else to the longest idle."""
    taken: set[str] = set()
    offers = []
    for call in in_order(waiting):
        free = (one for one in suited(call, operators) if one.presence is Presence.AVAILABLE and one.id not in taken)
        best = min(free, key=lambda one: (one.id != call.last_operator, one.idle_since_ms, one.id), default=None)
        if best:
            offers.append((call, best.id))
            taken.add(best.id)
    return offers


def is_full(call: WaitingCall, waiting: Iterable[WaitingCall]) -> bool:
    """Whether the queue has no room for this call; those who are called back take none."""
    there = sum(other.queue == call.queue and not other.promised for other in waiting)
    return bool(call.max_length) and there >= call.max_length


def hopeless(call: WaitingCall, operators: Iterable[Candidate], now_ms: int, joined: bool = True) -> str:
    """Why this caller should wait no longer ('waited_too_long', 'nobody_available'), '' when waiting makes sense.

    joined: they wait already; False: they have just come. Who is to be called back waits for as long as it takes.
    """
    if call.promised:
        return ""
    if now_ms - call.since_ms >= call.max_wait_ms:
        return "waited_too_long"
    if not call.leave_when_empty if joined else call.join_empty:
        return ""
    return "" if suited(call, operators) else "nobody_available"
