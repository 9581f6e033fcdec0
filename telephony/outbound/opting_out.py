"""Somebody said, or keyed, that they do not want to be called any more: their number is on the list at once.

In calls of ours and in those of callers alike; the note is in the history before the words that confirm it are spoken.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from history import Gap, HistoryUnavailable, Journal, StoredEvent, Timeline
from telephony.outbound.numbers import dialled
from telephony.outbound.opt_outs import OptOuts

log = structlog.get_logger()


async def heed(
    journal: Journal, timeline: Timeline, opt_outs: OptOuts, country: str, now: Callable[[], datetime]
) -> None:
    """Until cancelled, or the history is closed."""
    with journal.subscribe() as subscription:
        async for event in subscription:
            try:
                for one in await _events(event, timeline):
                    if number := _number(one, country):
                        how = str(one.payload["values"].get("how", "spoken"))
                        await opt_outs.add([number], how, now(), one.interaction_id)
                        log.info("outbound.opted_out", call_id=one.interaction_id, how=how)
            except HistoryUnavailable as error:
                log.error("outbound.opt_out_not_kept", error=str(error))


async def _events(event: StoredEvent | Gap, timeline: Timeline) -> list[StoredEvent]:
    if isinstance(event, StoredEvent):
        return [event]
    return await timeline.events(event.interaction_id, event.first_seq - 1) if event.interaction_id else []


def _number(event: StoredEvent, country: str) -> str:
    payload = event.payload
    if event.type != "dialog.action" or (payload.get("kind"), payload.get("topic")) != ("Note", "opt_out"):
        return ""
    number = str(payload.get("values", {}).get("number", ""))
    try:
        return dialled(number, country)
    except ValueError:
        return number
