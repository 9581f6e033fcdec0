"""What the dialog wants said becomes prompts: their sentences come from the cache, or are made while others play.

A prompt is handed to the playback at once. The sentences that no cache has are synthesised one after the other, in the
order in which they will be heard, a little ahead of what is being played.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog

from dialogs.events import Say
from dialogs.flowbook import Flowbook
from telephony.playback import Playback
from telephony.prompts import Prompt
from voice.speaking.phrases import Phrase
from voice.speaking.prompts import Speaker
from voice.speaking.synthesizer import SynthesisFailed, Voice

log = structlog.get_logger()

AHEAD_MS = 6_000
"""Sound that is kept ready ahead of what is heard: a sentence, or several short ones. The slowest engine needs a second
for a second of speech, so that a sentence is ready when one as long has been played; what is made beyond that is lost
whenever a caller interrupts."""
SYNTHESIS_S = 8.0
"""Longest silence while a sentence is awaited; then the dialog hears of a failed part."""
FILLER_MS = 700
"""Silence on the line while a first sentence is awaited; then the flowbook's filler is played, if it has one. Measured
(docs/speaking.md): pyttsx3 and Piper are there sooner, Kokoro never is."""
FILLER_KEY = "one_moment"
_LOOK_S = 0.05


class Speaking:
    """One call's, on a line that speaks by `voice`. fillers: by language, a short prompt for when nothing is ready.

    failed: told why, when a prompt cannot be spoken to its end; what is there of it is still played.
    """

    def __init__(
        self,
        speaker: Speaker,
        playback: Playback,
        rate_hz: int,
        voice: Voice,
        now_ms: Callable[[], int],
        failed: Callable[[str], None],
        fillers: Mapping[str, Say] = MappingProxyType({}),
    ) -> None:
        self._speaker, self._playback, self._rate_hz = speaker, playback, rate_hz
        self._voice, self._now_ms, self._failed = voice, now_ms, failed
        self._fillers = fillers
        self._unfinished: deque[Prompt] = deque()
        self._news = asyncio.Event()

    def voice_for(self, language: str) -> Voice:
        """The line's voice, or for another language its default. Raises SynthesisFailed when nobody speaks it."""
        return self._voice if language == self._voice.language else self._speaker.default_voice(language)

    def say(self, say: Say, decided_ms: int, answers_ms: int | None = None) -> None:
        """Play it behind what plays. decided_ms: when the dialog decided to say it. Never waits, never raises."""
        try:
            speech = self._speaker.begin(say.text, self.voice_for(say.language), self._rate_hz)
        except SynthesisFailed as error:
            self._fail(say, str(error))
            return
        prompt = Prompt(say, speech, decided_ms, answers_ms)
        self._playback.enqueue(prompt)
        if not speech.finished:
            self._unfinished.append(prompt)
        self._news.set()

    def fill(self, language: str) -> None:
        """Say the filler, where there is one and it need not be made first."""
        filler = self._fillers.get(language)
        if filler and self._speaker.cached(filler.text, self.voice_for(language)):
            self.say(filler, self._now_ms())

    async def run(self) -> None:
        """Make what is missing, until cancelled."""
        while True:
            if self._unfinished:
                await self._make(self._unfinished.popleft())
            else:
                self._news.clear()
                await self._news.wait()

    async def _make(self, prompt: Prompt) -> None:
        """Until its sound is there, or another prompt came and nobody wants this one any more."""
        finishing, bridging, watching = (
            asyncio.create_task(work(prompt)) for work in (self._finish, self._bridge, self._until_unwanted)
        )
        try:
            await asyncio.wait({finishing, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (finishing, bridging, watching):
                task.cancel()
            await asyncio.gather(finishing, bridging, watching, return_exceptions=True)

    async def _until_unwanted(self, prompt: Prompt) -> None:
        while not prompt.speech.unwanted:
            self._news.clear()
            await self._news.wait()

    async def _finish(self, prompt: Prompt) -> None:
        speech = prompt.speech
        while (phrase := speech.missing) is not None and not speech.unwanted:
            if self._playback.unplayed_ms > AHEAD_MS:
                await asyncio.sleep(_LOOK_S)
                continue
            try:
                async with asyncio.timeout(SYNTHESIS_S + self._playback.unplayed_ms / 1000):
                    speech.add(await self._sound(phrase, prompt.say))
            except (SynthesisFailed, TimeoutError) as error:
                speech.fail(str(error) or f"no sound within {SYNTHESIS_S:.0f} s of silence")
            except Exception as error:
                log.exception("call.synthesizer_broken")
                speech.fail(f"{type(error).__name__}: {error}")
            if speech.failure:
                self._fail(prompt.say, speech.failure)
                return

    async def _bridge(self, prompt: Prompt) -> None:
        """Have the filler played when the line is silent and the first sentence is slow to come."""
        filler = self._fillers.get(prompt.say.language)
        if filler is None or not self._speaker.cached(filler.text, self.voice_for(filler.language)):
            return
        silent_ms = prompt.decided_ms
        while self._now_ms() - silent_ms < FILLER_MS:
            await asyncio.sleep(_LOOK_S)
            if self._playback.foremost is not prompt:
                silent_ms = self._now_ms()
        speech = self._speaker.begin(filler.text, self.voice_for(filler.language), self._rate_hz)
        while (phrase := speech.missing) is not None:
            speech.add(await self._sound(phrase, filler))
        if self._playback.foremost is prompt and not prompt.speech.begun:
            self._playback.enqueue_first(Prompt(filler, speech, self._now_ms()))

    async def _sound(self, phrase: Phrase, say: Say) -> bytes:
        return await self._speaker.sound(phrase, self.voice_for(say.language), self._rate_hz, keep=not say.shown)

    def _fail(self, say: Say, why: str) -> None:
        log.error("call.synthesis_failed", key=say.key, article=say.article, error=why)
        self._failed(why)


def fillers(book: Flowbook) -> dict[str, Say]:
    """By language, the flowbook's text for when the next sentence is slow to come."""
    return {code: Say(text, code, FILLER_KEY) for code, text in book.texts.get(FILLER_KEY, {}).items()}
