"""What happened after a call, of which its own log knows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

AGAIN_WITHIN = timedelta(hours=24)
"""A caller who calls again within this was not served by the bot the first time."""
SOLVED_AFTER = timedelta(days=7)
"""A matter that its contact has not come back about for so long was solved at once."""


@dataclass(frozen=True)
class Ahead:
    """known: who the contact is. topic: the call's, '' when there is none. called_again: an inbound call of the same
    contact began within 24 h of this one's end. repeated: an inbound interaction on any channel, same contact and
    topic, began within 7 days of it."""

    known: bool = False
    topic: str = ""
    called_again: bool = False
    repeated: bool = False
