"""Everything that calls people by itself, put together; and the ear for those who do not want to be called."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import structlog

from history import Journal, Timeline
from telephony.operators.desk import Desk
from telephony.outbound.callback_work import CallbackWork
from telephony.outbound.campaign_work import CampaignWork
from telephony.outbound.dialler import Dialler
from telephony.outbound.office import Outbound
from telephony.outbound.opting_out import heed
from telephony.outbound.placing import Placing
from telephony.reception import Reception

log = structlog.get_logger()


def _utc_now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def dialling(
    outbound: Outbound,
    reception: Reception,
    desk: Desk,
    journal: Journal,
    timeline: Timeline,
    now: Callable[[], datetime] = _utc_now,
) -> AsyncIterator[Dialler]:
    """Calls are placed while this is open, if the settings say so; opt-outs are heeded in any case."""
    settings = outbound.settings
    works = (
        CallbackWork(outbound.promises, outbound.opt_outs, settings, outbound.lines, desk, journal, timeline),
        CampaignWork(outbound.campaigns, settings, outbound.lines),
    )
    placing = Placing(reception, journal, timeline, tuple(settings.doors))
    dialler = Dialler(works, placing, reception, outbound.opt_outs, timeline, now)
    tasks = [asyncio.create_task(heed(journal, timeline, outbound.opt_outs, settings.country, now))]
    if outbound.dials:
        tasks.append(asyncio.create_task(dialler.run()))
    try:
        yield dialler
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await dialler.close()
