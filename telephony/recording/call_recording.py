"""One call's recording: begins after the notice, pauses, ends; each of these is in the history."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from dialogs.events import Record
from telephony.confiding import Confiding
from telephony.media import Clear, Command, SoundOut
from telephony.prompts import PromptEnded
from telephony.record import CallRecord
from telephony.recording.opus_file import RATES_HZ
from telephony.recording.policy import RecordingPolicy
from telephony.recording.recorder import NotDestroyed, Recorder, Tape
from telephony.recording.two_tracks import SETTLE_MS, TwoTracks
from voice.audio import Resampler

log = structlog.get_logger()

BLOCK_MS = 500
"""Sound is handed to the writer in pieces of at least this length."""
FINISH_S = 5.0
"""How long the end of a call waits for a disk."""
OTHER_RATE_HZ = 16_000
"""For sound at a rate that Opus does not take."""
MEDIA_TYPE = "audio/ogg; codecs=opus"


def file_of(call_id: str, number: int, day: datetime) -> str:
    """Of the call's recordings the one with that number, counted from 1."""
    return f"{day:%Y/%m/%d}/{call_id}-{number}.ogg"


def call_of(file: str) -> str:
    """The call that a file of `file_of` belongs to, '' for any other."""
    found = re.fullmatch(r"\d{4}/\d\d/\d\d/(.+)-\d+\.ogg", file)
    return found[1] if found else ""


class CallRecording:
    """recorder None: nothing can be recorded. rate_hz: of the sound in both directions.

    What the flow wants comes through `wanted`, what was played through `played`; an operator through `operator_wants`.
    """

    def __init__(
        self,
        call_id: str,
        policy: RecordingPolicy,
        recorder: Recorder | None,
        record: CallRecord,
        confiding: Confiding,
        now_ms: Callable[[], int],
        rate_hz: int,
    ) -> None:
        self._call_id, self._policy, self._recorder = call_id, policy, recorder
        self._record, self._confiding, self._now_ms = record, confiding, now_ms
        self._rate_hz = rate_hz if rate_hz in RATES_HZ else OTHER_RATE_HZ
        self._heard, self._sent = Resampler(rate_hz, self._rate_hz), Resampler(rate_hz, self._rate_hz)
        self._notice: dict[str, Any] | None = None
        """Which notice was played to its end, and when."""
        self._awaited = ""
        self._sounding: dict[str, Any] | None = None
        """The notice, whose end is on its way: the next prompt is sent before it was heard."""
        self._over = self._failed = False
        self._tape: Tape | None = None
        self._tracks: TwoTracks | None = None
        self._file, self._began_ms, self._taken_ms, self._files = "", 0, 0, 0
        self._pausers: set[str] = set()
        self._paused_ms: int | None = None
        self._pauses: list[tuple[int, int]] = []

    @property
    def possible(self) -> bool:
        """Whether the flow may have this call recorded."""
        return self._policy.after_notice and self._recorder is not None

    @property
    def state(self) -> str:
        """'off' | 'on' | 'paused' | 'failed', for who looks on. Paused: also without a recording, while somebody tells
        something in confidence; failed: the disk ended it."""
        if self._confiding.wanted or (self._tape and self._pausers):
            return "paused"
        if self._failed:
            return "failed"
        return "on" if self._tape else "off"

    # -------------------------------------------------------------------------------------------------------- sound

    def heard(self, pcm: bytes) -> None:
        """The caller's sound."""
        if self._tracks:
            self._tracks.heard(self._heard.feed(pcm), self._now_ms())

    def sent(self, command: Command) -> None:
        """What goes to the caller's far end."""
        if isinstance(command, Clear) and self._sounding and self._now_ms() < self._sounding["ended_ms"]:
            self._sounding["cut"] = True
        if self._tracks is None:
            return
        if isinstance(command, SoundOut):
            self._tracks.sent(self._sent.feed(command.pcm), self._now_ms())
        elif isinstance(command, Clear):
            self._tracks.cleared(self._now_ms())

    # ----------------------------------------------------------------------------------------------- what is wanted

    async def wanted(self, action: Record) -> None:
        """The flow says so. Raises HistoryUnavailable, as all of these do."""
        if not self.possible or self._over:
            return
        match action.mode:
            case "on" if self._tape:
                await self._resume("flow", "bot")
            case "on":
                self._awaited = action.notice
                if self._notice:
                    await self._begin()
            case "pause":
                await self._pause("flow", "bot")
            case "off":
                self._over = True
                await self._stop("flow", action.keep)

    async def played(self, ended: PromptEnded) -> None:
        """A prompt was played. The notice, to its end: recording begins as soon as that end was heard."""
        say = ended.prompt.say
        if not self._awaited or say.key != self._awaited or self._over:
            return
        self._awaited = ""
        notice: dict[str, Any] = {"key": say.key, "language": say.language, "text": say.text}
        notice |= {"started_ms": ended.started_ms, "ended_ms": ended.ended_ms}
        self._sounding = notice | {"cut": not ended.complete}
        await self._noticed()

    async def _noticed(self) -> None:
        notice = self._sounding
        if notice is None or (self._now_ms() < notice["ended_ms"] and not notice["cut"]):
            return
        self._sounding = None
        if notice.pop("cut"):
            await self._record.add("recording.not_begun", {"notice": notice, "why": "it was not played to its end"})
        elif not self._over:
            self._notice = notice
            await self._begin()

    async def operator_wants(self, wanted: str, who: str) -> str:
        """'pause': nothing is recorded or written down of what is said, until 'resume'. Returns the state."""
        if wanted == "pause" and not self._confiding.wanted:
            self._confiding.wanted = True
            self._confiding.look(False, False, False)
            await self._record.add("recording.paused", {"by": "operator"}, actor=who)
        elif wanted == "resume" and self._confiding.wanted:
            self._confiding.wanted = False
            await self._record.add("recording.resumed", {"by": "operator"}, actor=who)
        return self.state

    async def look(self) -> None:
        """Told often: hand over what has settled; say so when the disk refuses it."""
        await self._noticed()
        if self._tape is None:
            return
        if self._tape.failure:
            self._failed = True
            await self._stop(self._tape.failure)
        elif self._now_ms() - SETTLE_MS - self._taken_ms >= BLOCK_MS:
            self._hand_over(self._now_ms() - SETTLE_MS)

    async def close(self, reason: str) -> None:
        """The call is over. reason: as in the history."""
        self._over = True
        await self._stop(reason)

    # ------------------------------------------------------------------------------------------------------- inside

    async def _begin(self) -> None:
        assert self._recorder is not None
        if self._record.is_late:  # what says that it was announced must be there before the sound is
            log.error("recording.not_begun", why="the history cannot be written")
            return
        self._files += 1
        self._failed = False
        now = datetime.now(UTC)
        self._file = file_of(self._call_id, self._files, now)
        about: dict[str, Any] = {"file": self._file, "rate_hz": self._rate_hz, "channels": ["caller", "bot, operator"]}
        about["kept_days"] = self._policy.kept_days
        await self._record.add("recording.started", {"notice": self._notice, **about})
        self._began_ms = self._taken_ms = self._now_ms()
        self._tracks = TwoTracks(self._rate_hz, self._began_ms)
        self._tape = self._recorder.begin(self._file, self._rate_hz)
        self._paused_ms, self._pauses = (self._began_ms if self._pausers else None), []

    async def _pause(self, who: str, actor: str) -> None:
        if who not in self._pausers:
            self._paused_ms = self._now_ms() if self._paused_ms is None else self._paused_ms
            self._pausers.add(who)
            await self._record.add("recording.paused", {"by": who}, actor=actor)

    async def _resume(self, who: str, actor: str) -> None:
        if who in self._pausers:
            self._pausers.remove(who)
            await self._record.add("recording.resumed", {"by": who}, actor=actor)
            if not self._pausers and self._paused_ms is not None:
                self._pauses.append((self._paused_ms, self._now_ms()))
                self._paused_ms = None

    def _silences(self) -> Iterator[tuple[int, int]]:
        yield from self._confiding.stretches()
        yield from self._pauses
        if self._paused_ms is not None:
            yield self._paused_ms, self._now_ms()

    def _hand_over(self, until_ms: int) -> None:
        assert self._tape is not None
        assert self._tracks is not None
        self._tape.write(self._tracks.take(until_ms, self._silences()))
        self._taken_ms = until_ms
        self._pauses = [pause for pause in self._pauses if pause[1] > until_ms]

    async def _stop(self, reason: str, keep: bool = True) -> None:
        tape = self._tape
        if tape is None:
            return
        self._hand_over(self._now_ms())
        self._tape = self._tracks = None
        about: dict[str, Any] = {"file": self._file, "reason": reason, "started_ms": self._began_ms}
        try:
            async with asyncio.timeout(FINISH_S):
                written = await tape.finish(keep)
        except (TimeoutError, NotDestroyed):
            log.error("recording.not_finished", file=self._file, waited_s=FINISH_S)
            await self._record.add("recording.unfinished", {**about, "keep": keep})
            return
        if written is None:
            await self._record.add("recording.discarded", about)
            return
        days = self._policy.kept_days
        delete_after = None if days is None else (datetime.now(UTC) + timedelta(days=days)).isoformat()
        about |= {"bytes": written.bytes_, "sha512": written.sha512, "duration_ms": written.duration_ms}
        about |= {"media_type": MEDIA_TYPE, "delete_after": delete_after, "key_id": written.key_id}
        await self._record.add("recording.stored", about)
