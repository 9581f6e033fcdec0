"""What an operator is doing, and which changes make sense.

`away -> available -> offered -> on_call -> wrap_up -> available`; an offer that is declined or runs out leads back:
declined to `available`, unanswered to `away` (somebody who does not answer is not there).
"""

from __future__ import annotations

from enum import StrEnum


class Presence(StrEnum):
    AWAY = "away"
    AVAILABLE = "available"
    OFFERED = "offered"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"


WORKING = frozenset({Presence.AVAILABLE, Presence.OFFERED, Presence.ON_CALL, Presence.WRAP_UP})
"""States in which an operator will sooner or later take a call: worth waiting for."""

_BY_HAND = {
    (Presence.AWAY, Presence.AVAILABLE),
    (Presence.AVAILABLE, Presence.AWAY),
    (Presence.WRAP_UP, Presence.AVAILABLE),
    (Presence.WRAP_UP, Presence.AWAY),
}


def may_choose(now: Presence, wanted: Presence) -> bool:
    """Whether an operator may go from `now` to `wanted` by a click of their own."""
    return now == wanted or (now, wanted) in _BY_HAND
