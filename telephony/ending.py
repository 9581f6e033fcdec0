"""How a call ends: with the caller's last words kept, an operator free again, the reason in the history."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from dialogs.events import CallEnded
from history import HistoryUnavailable
from telephony.conversation import Conversation
from telephony.ear import Ear
from telephony.handover import Handover
from telephony.inputs import Input
from telephony.playback import Playback
from telephony.putting_through import PuttingThrough
from telephony.record import CallRecord, heard_turn, played_turn
from telephony.recording.call_recording import CallRecording
from telephony.saying import Saying
from voice.listening.heard import Heard

log = structlog.get_logger()

LAST_WORDS_S = 2.0
"""How long the recognizer keeps a caller who hung up in mid-sentence, so that their words are kept."""


class Ending:
    """One call's. unread: what the call has not taken in yet."""

    def __init__(
        self,
        conversation: Conversation,
        ear: Ear,
        playback: Playback,
        record: CallRecord,
        recording: CallRecording,
        handover: Handover,
        putting_through: PuttingThrough,
        saying: Saying,
        now_ms: Callable[[], int],
        unread: asyncio.Queue[Input],
    ) -> None:
        self._conversation, self._ear, self._playback, self._record = conversation, ear, playback, record
        self._handover, self._now_ms, self._unread = handover, now_ms, unread
        self._recording, self._putting_through, self._saying = recording, putting_through, saying

    async def end(self, reason: str) -> None:
        """Tell the dialog; nothing happens when the call is over already. Raises HistoryUnavailable."""
        if self._conversation.over is not None:
            return
        if reason not in ("bot_ended", "operator_ended", "transferred"):
            await self._last_words()
        await self._conversation.advance(CallEnded(self._now_ms(), reason))
        self._conversation.over = reason

    async def _last_words(self) -> None:
        """A caller who is cut off in mid-sentence has said it all the same, and heard what was played until then."""
        if ended := self._playback.abandon():
            await self._record.turn(played_turn(ended))
        if self._ear.deaf or self._ear.speaking_since_ms is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._ear.finish()
        while not self._unread.empty():
            item = self._unread.get_nowait()
            if isinstance(item, Heard) and item.is_final:
                await self._record.turn(heard_turn("caller", item))

    async def close(self, reason: str) -> None:
        """Leave nothing behind; what cannot be written is told to the log."""
        outcome = self._conversation.outcome
        for last in (
            self._saying.close(),
            self._putting_through.close(),
            self._handover.leave(reason),
            self._recording.close(reason),
            self._record.add("call.ended", {"reason": reason, "outcome": outcome or "abandoned"}),
        ):
            try:
                await last
            except HistoryUnavailable as error:
                log.error("call.end_not_recorded", error=str(error), reason=reason)
            except Exception:
                log.exception("call.close_failed", reason=reason)
        await self._ear.close()
        log.info("call.ended", reason=reason, outcome=outcome, duration_ms=self._now_ms())


async def to_the_end(closing: Coroutine[Any, Any, None]) -> None:
    """Wait for it even when cancelled meanwhile: a server that stops cuts no call short that is just ending."""
    task = asyncio.create_task(closing)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
