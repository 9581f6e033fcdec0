"""Campaigns as work for the dialler: who is due within hours and caps, and what becomes of each try."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from history import new_id
from telephony.lines import Lines, UnknownLine
from telephony.occasion import Occasion
from telephony.outbound.campaign import Due
from telephony.outbound.campaigns import Campaigns
from telephony.outbound.hours import may_call
from telephony.outbound.picking import Busy, pick, room
from telephony.outbound.placing import Wanted
from telephony.outbound.results import Result
from telephony.outbound.settings import OutboundSettings
from telephony.outbound.work import Job

log = structlog.get_logger()


class CampaignWork:
    def __init__(self, campaigns: Campaigns, settings: OutboundSettings, lines: Callable[[], Lines]) -> None:
        self._campaigns, self._settings, self._lines = campaigns, settings, lines

    async def claim(self, now: datetime, until: datetime, busy: Busy, reserved: Sequence[str]) -> list[Job]:
        caps = self._settings.caps()
        if room(caps, busy) == 0:
            return []
        due: list[Due] = []
        for one in await self._campaigns.all():
            if one.status != "running":
                continue
            day = now.astimezone(ZoneInfo(self._settings.zone)).date()
            if await self._campaigns.finish(one, over=one.plan.window.is_over(day)):
                log.info("outbound.campaign_finished", campaign=one.name)
            elif may_call(now, self._settings.hours(one.plan.purpose), one.plan.window):
                due += await self._campaigns.due(one, now)
        jobs = []
        for contact in pick(due, caps, busy):
            claim = f"claim-{new_id()}"
            if await self._campaigns.claim(contact.id, claim, until):
                jobs.append(Job(claim, self._wanted(contact), campaign=contact.campaign.id))
        return jobs

    def _wanted(self, due: Due) -> Wanted:
        plan, campaign = due.campaign.plan, due.campaign
        about = {"campaign": campaign.name, "campaign_id": campaign.id, "contact": due.id, "try": str(due.tried + 1)}
        occasion = Occasion(plan.flow, due.slots, leaves_message=plan.on_machine == "leave_message", about=about)
        ring_s = int(plan.ring_s or self._settings.ring_s)
        return Wanted(due.number, plan.line, shown(self._settings, self._lines(), plan.line), ring_s, occasion)

    async def renamed(self, claim: str, call_id: str) -> None:
        await self._campaigns.renamed(claim, call_id)

    async def extend(self, call_id: str, until: datetime) -> None:
        await self._campaigns.extend(call_id, until)

    async def settle(self, call_id: str, result: Result, now: datetime) -> None:
        due = await self._campaigns.claimed(call_id)
        if due:
            next_try = due.campaign.plan.spacing.next_try(result.outcome, due.tried + 1, now)
            await self._campaigns.settle(call_id, result.outcome, next_try, now)

    async def release(self, call_id: str, due_at: datetime) -> None:
        await self._campaigns.release(call_id, due_at)

    async def abandoned(self, now: datetime, everything: bool) -> Sequence[str]:
        return await self._campaigns.abandoned(now, everything)


def shown(settings: OutboundSettings, lines: Lines, line: str) -> str:
    """The caller id of calls from this line: a number at which it can be called back."""
    if line in settings.caller_ids:
        return settings.caller_ids[line]
    try:
        return lines.get(line).number
    except UnknownLine:
        return ""
