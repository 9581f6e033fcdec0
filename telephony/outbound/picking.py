"""Who is called next, and how many at once: people who call us always find room. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from telephony.outbound.campaign import Due


@dataclass(frozen=True)
class Caps:
    """most_calls: calls of ours at once. kept_free: places of the server's `most_calls` that only callers may take.
    a_line: of one line at once, so that not all of a trunk's channels are ours."""

    most_calls: int = 5
    kept_free: int = 5
    a_line: int = 5


@dataclass(frozen=True)
class Busy:
    """What goes on now. calls: all that the server has or expects, ours among them; server_most: that it takes.
    ours, of_lines, of_campaigns: those that we placed, from the dialling on."""

    calls: int = 0
    server_most: int = 20
    ours: int = 0
    of_lines: Mapping[str, int] = field(default_factory=dict)
    of_campaigns: Mapping[str, int] = field(default_factory=dict)


def room(caps: Caps, busy: Busy) -> int:
    """How many calls may be placed now."""
    return max(0, min(caps.most_calls - busy.ours, busy.server_most - caps.kept_free - busy.calls))


def pick(due: Iterable[Due], caps: Caps, busy: Busy) -> Sequence[Due]:
    """Of those who may be called, in their order, as many as fit; one number is never called twice at once."""
    left, lines, campaigns = room(caps, busy), Counter(busy.of_lines), Counter(busy.of_campaigns)
    picked: list[Due] = []
    for one in due:
        if len(picked) >= left:
            break
        plan = one.campaign.plan
        full = lines[plan.line] >= caps.a_line or campaigns[one.campaign.id] >= plan.most_calls
        if full or any(one.number == other.number for other in picked):
            continue
        lines[plan.line] += 1
        campaigns[one.campaign.id] += 1
        picked.append(one)
    return picked
