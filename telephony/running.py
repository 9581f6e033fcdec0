"""One call's errands: what its dialog wants done elsewhere, and the words that bridge the wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import structlog

from dialogs.events import Message, Request, Surveyed, SwitchLanguage
from dialogs.state import State
from history import new_id
from telephony.ear import Ear
from telephony.errands import Errands
from telephony.inputs import Failed, Input
from telephony.lines import Line
from telephony.record import CallRecord
from telephony.speaking import FILLER_MS, Speaking
from voice.listening.workers import RecognizersUnavailable
from voice.speaking.ssml import plain

log = structlog.get_logger()


class Running:
    """take_in: puts an input into the call's queue. start: runs work beside the call until it ends."""

    def __init__(
        self,
        call_id: str,
        line: Line,
        errands: Errands,
        record: CallRecord,
        speaking: Speaking,
        ear: Ear,
        now_ms: Callable[[], int],
        take_in: Callable[[Input], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._call_id, self._line, self._errands, self._record = call_id, line, errands, record
        self._speaking, self._ear, self._now_ms = speaking, ear, now_ms
        self._take_in, self._start = take_in, start

    async def run(self, action: Request | Message | SwitchLanguage | Surveyed, state: State) -> None:
        """Begin it; what comes of it is taken in as an event."""
        match action:
            case Request():
                self._start(self._ask(action, state))
            case Message():
                self._start(self._send(action))
            case SwitchLanguage():
                await self._switch(action.language)
            case Surveyed():
                answer = {"survey": action.survey, "kind": action.measure, "score": action.score, "scale": action.scale}
                await self._record.add(
                    "survey.answered",
                    answer
                    | ({"answered_by": action.answered_by} if action.answered_by else {})
                    | ({"comment": action.comment} if action.comment else {}),
                )

    async def _ask(self, request: Request, state: State) -> None:
        asking = asyncio.create_task(self._errands.ask(request, self._call_id, self._now_ms(), state.slots))
        try:
            if request.filler:
                await asyncio.wait({asking}, timeout=FILLER_MS / 1000)
                if not asking.done():
                    self._speaking.say(request.filler, self._now_ms())
            self._take_in(await asking)
        except asyncio.CancelledError:
            asking.cancel()
            raise
        except Exception as error:
            log.exception("call.errand_failed")
            self._take_in(Failed("errands", type(error).__name__))

    async def _send(self, message: Message) -> None:
        message = replace(message, text=plain(message.text), subject=plain(message.subject))
        # Those that nobody waits for are all 0: one of them must not pass for another's second attempt.
        key = f"{self._call_id}-{message.id or new_id()}"
        try:
            sent = await self._errands.send(message, key, self._now_ms())
            told = {"channel": message.channel, "to": message.to, "text": message.text}
            await self._record.add("message.sent" if sent.ok else "message.failed", {**told, "error": sent.error})
            if message.id:
                self._take_in(sent)
        except Exception as error:
            log.exception("call.errand_failed")
            if message.id:
                self._take_in(Failed("errands", type(error).__name__))

    async def _switch(self, language: str) -> None:
        """Hear the caller in another language; without a recognizer for it the keys still work, and a human is near."""
        try:
            await self._ear.switch(language)
        except RecognizersUnavailable as error:
            log.error("call.deaf", error=str(error), language=language)
            self._take_in(Failed("recognition", str(error)))
