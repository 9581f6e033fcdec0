"""What calls are told of who calls: the port between the history and the dialog (`dialogs.contact`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from dialogs.contact import MOST_OPEN, Contact, Interaction, Matter
from history import Contacts, OpenMatter, Stories, Timeline
from history import Interaction as Row
from history.identity.points import telephone
from history.threads import WITHIN

LOOKED_BACK = 20
"""Interactions with a caller that are counted."""
SAME_OPERATOR = timedelta(days=7)
"""How long after a call whoever talked in it is asked first."""


def contacts_in(timeline: Timeline, within: timedelta = WITHIN) -> Callable[[str], Awaitable[Contact]]:
    """number → contact: what happened with them on every channel; of a number that no telephone has (an extension), the
    calls alone. A withheld number is nobody's. within: of one thread (`history.threads`). Raises HistoryUnavailable."""
    contacts, stories = Contacts(timeline), Stories(timeline, within)

    async def contact(number: str) -> Contact:
        if not number:
            return Contact()
        point = telephone(number)
        if point is None:
            before, promised = await timeline.of_caller(number, LOOKED_BACK)
            waiting = [OpenMatter("callback", one.queue, one.requested_at, one.interaction_id) for one in promised]
            return _told("", before, waiting)
        who = await contacts.at(point)
        if who is None:
            return Contact()
        story = await stories.story(who.id, latest=LOOKED_BACK)
        thread = story.threads[0].subject if story.threads else ""
        return _told(who.name, story.latest, story.open, thread)

    return contact


def _told(
    name: str,
    before: list[Row] | tuple[Row, ...],
    waiting: list[OpenMatter] | tuple[OpenMatter, ...],
    thread: str = "",
) -> Contact:
    """thread: what the thread of the latest interaction is about; a call has no subject, the chat it continued has."""
    if not before:
        return Contact()
    last = before[0]
    subject = last.subject or thread or last.article or last.queue
    return Contact(
        known=True,
        name=name,
        interactions=len(before),
        last=Interaction(last.channel, _day(last.started_at), subject, last.outcome),
        operator=next((one.operator for one in before if one.operator and _is_recent(one)), ""),
        open=tuple(Matter(one.kind, one.subject, _day(one.since)) for one in waiting[:MOST_OPEN]),
    )


def _is_recent(one: Row) -> bool:
    return datetime.now(one.started_at.tzinfo) - one.started_at < SAME_OPERATOR


def _day(at: datetime) -> str:
    return at.astimezone().date().isoformat()
