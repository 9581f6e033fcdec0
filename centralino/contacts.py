"""What calls are told of who calls: the port between the history and the dialog (`dialogs.contact`).

The history knows callers by their number only, so a name is not known yet, and a withheld number is nobody's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from dialogs.contact import MOST_OPEN, Contact, Interaction, Matter
from history import Timeline

LOOKED_BACK = 20
"""Interactions with a caller that are counted."""


def contacts_in(timeline: Timeline) -> Callable[[str], Awaitable[Contact]]:
    """number → contact. Raises HistoryUnavailable."""

    async def contact(number: str) -> Contact:
        if not number:
            return Contact()
        before, promised = await timeline.of_caller(number, LOOKED_BACK)
        if not before:
            return Contact()
        last = before[0]
        return Contact(
            known=True,
            interactions=len(before),
            last=Interaction(
                last.channel, last.started_at.date().isoformat(), last.article or last.queue, last.outcome
            ),
            open=tuple(Matter("callback", one.queue, _day(one.requested_at)) for one in promised[:MOST_OPEN]),
        )

    return contact


def _day(at: datetime) -> str:
    return at.astimezone().date().isoformat()
