"""One caller's ear: sound in, what was said out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
import structlog
from numpy.typing import NDArray

from voice.audio import duration_ms
from voice.listening import vad
from voice.listening.conditioning import Conditioner, Conditioning
from voice.listening.detecting import Detection, Moment
from voice.listening.echo import Echo
from voice.listening.endpointing import Endpointing, Turn, TurnTracker
from voice.listening.expecting import Completeness, Judge
from voice.listening.heard import ListenerEvent, MusicStarted, MusicStopped, SpeechStarted, SpeechStopped
from voice.listening.hold_music import HoldMusic, Music, MusicDetector
from voice.listening.nearness import OwnVoice
from voice.listening.prosody import WINDOW_S, Prosody
from voice.listening.recognizer import Recognition, Recognizer
from voice.listening.transcriber import Transcriber

log = structlog.get_logger()

_MUSIC_TURN_MS = HoldMusic().window_ms + 1_000
"""Music is sure after a window; a turn that began this long before is of somebody who spoke first."""
_BEFORE_MS = 500
"""Sound before a turn that prosody is heard with."""
_PUSH_MS = 40
"""Silence that pushes the end of a word out of the filters before the recognizer, when no sound comes that would."""


class Listener:
    """Finds the turns in a caller's sound, has them recognised, and tells `emit` (on the event loop, in order).

    A turn is told as SpeechStarted, partial Heard (streaming engines), SpeechStopped, final Heard; the last is missing
    when RecognizerRestarted said that its speech was lost. Only voiced sound and what surrounds it goes to the
    recognizer, which belongs to the listener from now on. Music on the caller's side is told as MusicStarted and
    MusicStopped; in between only a voice that is louder begins a turn.

    judge: is asked at each pause what the words so far are worth, and with it how much silence ends the turn; without
    one, every turn is OPEN. conditioning: what is done against noise and levels, default all.
    one, every turn is OPEN. prosody: is asked then whether the voice has come to an end.
    echo: knows what is sent to the caller; where that comes back, it begins no turn.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        *,
        rate_hz: int,
        emit: Callable[[ListenerEvent], None],
        endpointing: Endpointing | None = None,
        judge: Judge | None = None,
        conditioning: Conditioning | None = None,
        prosody: Prosody | None = None,
        echo: Echo | None = None,
    ) -> None:
        limits = endpointing or Endpointing()
        self._rate_hz = rate_hz
        self._emit = emit
        self._turns = TurnTracker(limits, judged=judge is not None)
        self._judge, self._prosody, self._echo = judge, prosody, echo
        self._voice: deque[NDArray[np.float32]] = deque(maxlen=WINDOW_S * 1000 // vad.CHUNK_MS)
        """What prosody would be heard from."""
        self._ended: asyncio.Task[float | None] | None = None
        self._detection = Detection(rate_hz)
        self._own_voice = OwnVoice()
        self._music = MusicDetector()
        self._over_music = False
        """Everybody is heard, however loud the music."""
        self._piece_bytes = rate_hz * vad.CHUNK_MS // 1000 * 2
        self._later = b""
        """Sound for the recognizer that is not detected yet."""
        leading = (limits.leading_ms + limits.start_ms) // vad.CHUNK_MS
        self._leading: deque[bytes] = deque(maxlen=max(1, leading))
        self._held: list[bytes] = []
        self._conditioner = Conditioner(rate_hz, conditioning or Conditioning())
        self._transcriber = Transcriber(recognizer, rate_hz, self._turns, emit, self._looked, self._conditioner)

    def feed(self, pcm: bytes, at_ms: int) -> None:
        """The caller's next sound: PCM16 mono at `rate_hz`, any length; at_ms: the clock when it arrived.

        Never waits: 0.15 ms of work for each 32 ms of sound. Raises ValueError on half a sample.
        """
        for start in range(0, len(pcm), self._piece_bytes):
            piece = pcm[start : start + self._piece_bytes]
            later_ms = duration_ms(pcm[start + len(piece) :], self._rate_hz)
            self._later += piece
            for moment in self._detection.feed(piece, at_ms - later_ms):
                self._hear(moment)

    def tick(self, at_ms: int) -> None:
        """The clock; call it every 50-100 ms, as phones may fall silent and send nothing."""
        turn = self._turns.clock(at_ms)
        if turn is Turn.PAUSED:  # No sound came: what is left of the last word is still on its way through.
            self._hear_the_rest()
            self._transcriber.sound(bytes(self._rate_hz * _PUSH_MS // 500))
        self._tell(turn)

    @property
    def sounding(self) -> bool:
        """Whether the caller's voice is heard now: in a turn, and not in a pause of it."""
        return self._turns.speaking and not self._turns.paused

    def end_turn(self, at_ms: int) -> None:
        """What the caller does otherwise (a key) says that the turn is over: its words are told as if it had ended."""
        self._tell(self._turns.clock(at_ms))
        if self.sounding:
            self._hear_the_rest()
        self._tell(self._turns.stop())

    def hear_everybody(self) -> None:
        """Nobody answered: the caller may have become softer, so a softer voice is heard, too (`nearness.py`)."""
        self._own_voice.forget()
        self._over_music = True

    def endpoint_by(self, limits: Endpointing) -> None:
        """The silences that end a turn from now on, the one under way included."""
        self._turns.limits = limits

    def expect(self, phrases: Sequence[str]) -> None:
        """What the next utterance may be, for engines with grammars; nothing: free speech."""
        self._transcriber.expect(phrases)

    async def finish(self, at_ms: int) -> None:
        """End the turn if there is one, and wait until everything heard was told."""
        self.end_turn(at_ms)
        await self._transcriber.drain()

    async def close(self) -> None:
        """Stop listening and free the recognizer; what was not told yet never will be. Idempotent."""
        if self._ended:
            self._ended.cancel()
        await self._transcriber.close()

    def _hear(self, moment: Moment) -> None:
        if self._prosody:
            self._voice.append(moment.samples)
        if self._echo:
            self._echo.heard(moment.samples)
        turn = self._turns.sound(self._own(moment), vad.CHUNK_MS, moment.at_ms)
        chunk, self._later = self._later[: self._piece_bytes], self._later[self._piece_bytes :]
        if turn in (Turn.STARTED, Turn.RESUMED):
            self._transcriber.sound(b"".join([*self._leading, *self._held, chunk]))
            self._leading.clear()
            self._held.clear()
        elif self._turns.paused or turn is Turn.ENDED:
            self._held.append(chunk)
        elif self._turns.speaking:
            self._transcriber.sound(chunk)
        else:
            self._leading.append(chunk)
        self._learn(moment, chunk)
        self._tell(turn)
        if music := self._music.hear(moment):
            self._tell_music(music, moment.at_ms)

    def _tell_music(self, music: Music, at_ms: int) -> None:
        """A turn that is nothing but music is over without words; one in which somebody spoke before ends as usual."""
        self._over_music = False
        if music is Music.STARTED and self._turns.speaking:
            only_music = self._turns.started_ms > at_ms - _MUSIC_TURN_MS
            self._tell(self._turns.stop(), dropped=only_music)
        self._emit(MusicStarted(at_ms) if music is Music.STARTED else MusicStopped(at_ms))

    def _learn(self, moment: Moment, chunk: bytes) -> None:
        self._conditioner.caller_db = self._own_voice.level_db
        if moment.probability < self._turns.limits.voice_off and not self.sounding:
            self._conditioner.nobody(chunk, moment.level_db)

    def _hear_the_rest(self) -> None:
        """What no moment has covered yet."""
        self._transcriber.sound(self._later)
        self._later = b""

    def _own(self, moment: Moment) -> float:
        """The probability that this is the caller's own voice, not that of somebody farther from the phone."""
        limits = self._turns.limits
        if self._only_music(moment.level_db):
            return 0.0
        if moment.probability < limits.voice_off:
            self._own_voice.unvoiced(moment.level_db)
        elif not self._own_voice.counts(moment.level_db, self._turns.speaking) or self._returns:
            return 0.0
        elif self._turns.speaking and moment.probability >= limits.voice_on:
            self._own_voice.learn()
        return moment.probability

    def _only_music(self, level_db: float) -> bool:
        """Whether music plays, and a moment of this level is no louder than what sings in it."""
        if not self._music.playing or self._over_music or self._turns.speaking:
            return False
        return level_db < self._music.level_db + HoldMusic().voice_above_db

    @property
    def _returns(self) -> bool:
        """Outside a turn: what is heard was sent to the caller just now."""
        return not self._turns.speaking and self._echo is not None and self._echo.is_heard

    async def _looked(self, pause: int, said: Recognition) -> None:
        if self._judge is None:
            return
        words, ended = Completeness.OPEN, None
        if said.text:
            try:
                words = await self._judge(said)
                ended = await self._ended if self._ended else None
            except Exception:
                log.exception("listener.judge_failed")  # The turn ends all the same, after the usual silence.
        self._tell(self._turns.judge(pause, words, ended))

    def _tell(self, turn: Turn | None, dropped: bool = False) -> None:
        if turn is Turn.STARTED:
            self._voice = deque(list(self._voice)[-_BEFORE_MS // vad.CHUNK_MS :], self._voice.maxlen)
            self._emit(SpeechStarted(self._turns.started_ms))
        elif turn is Turn.PAUSED:
            if self._prosody:
                self._ended = asyncio.create_task(self._prosody.ended(np.concatenate(self._voice)))
            self._transcriber.look(self._turns.pauses)
        elif turn is Turn.ENDED:
            self._leading.extend(self._held)
            self._held.clear()
            self._voice.clear()
            self._emit(SpeechStopped(self._turns.last_voiced_ms))
            self._transcriber.end(self._turns.started_ms, self._turns.last_voiced_ms, self._turns.voiced_ms, dropped)
