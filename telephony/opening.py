"""How a call begins: the ear opens, who answered a call of ours is found out, and the dialog learns who is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from dialogs.events import CallStarted
from history import HistoryUnavailable
from telephony.conversation import Conversation
from telephony.ear import Ear
from telephony.hearing import Hearing
from telephony.inputs import Failed, Input
from telephony.lines import Line
from telephony.occasion import Occasion
from telephony.parts import Parts
from telephony.record import CallRecord, heard_turn
from telephony.screening import Screening
from voice.listening.heard import Heard
from voice.listening.workers import RecognizersUnavailable

log = structlog.get_logger()

CONTACT_S = 0.5
"""How long a call may wait for what the history knows of its caller; the greeting waits with it."""


class Opening:
    """One call's. occasion: what a call of ours is about, None for a caller's. records: whether it can be recorded.
    end: ends the call, for a reason."""

    def __init__(
        self,
        line: Line,
        caller: str,
        occasion: Occasion | None,
        rate_hz: int,
        parts: Parts,
        conversation: Conversation,
        hearing: Hearing,
        ear: Ear,
        record: CallRecord,
        records: bool,
        now_ms: Callable[[], int],
        take_in: Callable[[Input], None],
        end: Callable[[str], Awaitable[None]],
    ) -> None:
        self._line, self._caller, self._occasion, self._parts = line, caller, occasion, parts
        self._conversation, self._hearing, self._ear, self._record = conversation, hearing, ear, record
        self._records, self._now_ms, self._take_in, self._end = records, now_ms, take_in, end
        self._screening = (
            Screening(occasion, line.language, rate_hz, now_ms, self._begin, self._unanswered, record.add)
            if occasion and occasion.screened
            else None
        )

    async def answer(self) -> None:
        """The call was answered. Raises HistoryUnavailable."""
        try:
            await self._ear.open(self._parts.recognizers, self._hearing.consider)
        except RecognizersUnavailable as error:
            log.error("call.deaf", error=str(error))
            self._take_in(Failed("recognition", str(error)))
            self._screening = None
        if self._screening is None:
            await self._begin("person" if self._occasion else "")

    def hear(self, pcm: bytes) -> None:
        """The other end's sound, PCM16 at the door's rate, any length."""
        if self._screening:
            self._screening.hear(pcm)

    async def takes(self, item: Input) -> bool:
        """Whether `item` belongs to finding out who answered; what was said then is written down all the same."""
        if self._screening is None or not await self._screening.takes(item):
            return False
        if isinstance(item, Heard) and item.is_final:
            await self._record.turn(heard_turn("caller", item))
        return True

    async def _who_calls(self) -> Mapping[str, Any]:
        """What the history knows of the other end; nothing when it takes too long to say."""
        if self._parts.contacts is None:
            return {}
        try:
            async with asyncio.timeout(CONTACT_S):
                return (await self._parts.contacts(self._caller)).facts()
        except (TimeoutError, HistoryUnavailable) as error:
            log.warning("call.contact_unknown", error=str(error) or type(error).__name__)
            return {}

    async def _begin(self, answered_by: str) -> None:
        line, occasion, now = self._line, self._occasion, datetime.now().astimezone()
        day, closed = now.date().isoformat(), "" if occasion else line.first_flow(now)
        started = CallStarted(
            self._now_ms(), line.id, line.language, self._caller, day,
            closed_flow=closed, clock=now.isoformat(), records=self._records, contact=await self._who_calls(),
            sends=self._parts.errands.channels,
        )  # fmt: skip
        if occasion:
            started = replace(started, flow=occasion.flow, slots=occasion.slots, answered_by=answered_by)
        await self._conversation.advance(started)

    async def _unanswered(self, outcome: str) -> None:
        """No person answered a call of ours, and nothing is left to be said."""
        await self._end(f"{outcome}_answered")
