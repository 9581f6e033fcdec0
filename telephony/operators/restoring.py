"""Places in a queue that outlive a restart: whoever was promised a call-back at their place has it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from dialogs.queueing import ASKED_IN_QUEUE
from history import Callback, Gap, Journal, Timeline
from telephony.operators.desk import Desk
from telephony.operators.queue import WaitingCall

log = structlog.get_logger()

MOST = 500


async def restore_places(timeline: Timeline, desk: Desk, now_ms: int, now: datetime | None = None) -> int:
    """Put open promises back into the queue; returns how many. now_ms: of the desk's clock.

    Raises HistoryUnavailable.
    """
    now = now or datetime.now(UTC)
    promised = [one for one in await timeline.callbacks(limit=MOST) if one.reason == ASKED_IN_QUEUE]
    for one in promised:
        events = await timeline.events(one.interaction_id)
        asked = next(event for event in events if event.seq == one.seq)
        waiting = waiting_of(one, asked.payload, now_ms, now)
        age_ms = int((now - one.requested_at).total_seconds() * 1000) + asked.at_ms
        desk.kept_places.restore(waiting, one.seq, one.number, age_ms)
    if promised:
        log.info("desk.places_restored", callbacks=len(promised))
    return len(promised)


def waiting_of(one: Callback, told: Mapping[str, Any], now_ms: int, now: datetime) -> WaitingCall:
    """The place as it was. told: the payload of the promise, where a place was kept."""
    try:
        since = datetime.fromisoformat(str(told["since"]))
    except (KeyError, ValueError):
        since = one.requested_at
    return WaitingCall(
        call_id=one.interaction_id,
        queue=one.queue,
        priority=int(told.get("priority", 0)),
        since_ms=now_ms - int((now - since).total_seconds() * 1000),
        max_wait_ms=0,
        line=str(told.get("line", "")),
        caller=one.number,
        language=str(told.get("language", "")),
        reason=one.reason,
        slots=one.slots,
        skills=frozenset(map(str, told.get("skills", ()))),
        promised=True,
    )


async def follow_callbacks(journal: Journal, timeline: Timeline, desk: Desk) -> None:
    """A place is free as soon as the history says that somebody has called back, whoever it was; until cancelled."""
    async for event in journal.subscribe():
        if isinstance(event, Gap):
            owed = {one.interaction_id for one in await timeline.callbacks(limit=MOST)}
            for call_id in set(desk.kept_places) - owed:
                desk.kept_places.called_back(call_id)
        elif event.type == "callback.done":
            desk.kept_places.called_back(event.interaction_id)
