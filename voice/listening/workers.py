"""Recognizers in worker processes: open one for a call, and go on when its process dies.

One model is loaded once, by a nursery; its workers share the memory. A recognizer lives in one worker, which serves
several of them, one request at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from itertools import count

import structlog

from voice.cores import usable_cores
from voice.listening.nursery_process import NurseryProcess, RecognizersUnavailable
from voice.listening.prosody import MODEL as PROSODY
from voice.listening.prosody import Prosody
from voice.listening.recognizer import Recognition, RecognizerLost
from voice.listening.vad import VoiceDetector
from voice.listening.wire import Header, recognition_from_json
from voice.listening.worker_link import WorkerLink, WorkerStats
from voice.models import EngineChoice, ModelMissing, ModelStore

__all__ = ["Recognizers", "RecognizersUnavailable", "RemoteRecognizer"]

log = structlog.get_logger()

_reported: set[str] = set()
"""Unknown words that were told already."""

CORES_A_WORKER = 4
"""More threads would crowd one interpreter, fewer leave cores idle while callers wait at another worker."""
_ASKED_AT_ONCE = 1000
"""Words in one request: well below the limit of a frame."""
ANSWER_WITHIN_S = 10.0
"""A worker that says nothing for so long while it owes an answer hangs; the longest decode takes 3 s on two cores."""


class Recognizers:
    """All recognizers of a server. `start` before use, `close` at the end; on one event loop.

    workers: processes for each model whose recognizers can be used side by side, default one for each four cores; each
    has its share of the cores as threads. Whisper has one, whose decodes use every core.
    """

    def __init__(
        self, store: ModelStore, *, workers: int | None = None, answer_within_s: float = ANSWER_WITHIN_S
    ) -> None:
        self._store = store
        self._cores = usable_cores()
        self._workers = workers or max(1, self._cores // CORES_A_WORKER)
        self._answer_within_s = answer_within_s
        self._choices: dict[str, EngineChoice] = {}
        self._nurseries: dict[tuple[str, str], NurseryProcess] = {}
        self._links: dict[tuple[str, str], list[WorkerLink]] = {}
        self._numbers = count(1)
        self._prosody: Prosody | None = None

    async def start(self, choices: Iterable[EngineChoice]) -> None:
        """Load the models of these languages and wait until each worker answers.

        Raises RecognizersUnavailable: a model is missing or broken (with the command that helps). Nothing runs then.
        """
        self._choices = {choice.language: choice for choice in choices}
        wanted = sorted({(choice.engine, choice.model) for choice in self._choices.values()})
        try:
            folders = {key: self._store.path(key[1]) for key in wanted}
        except ModelMissing as failure:
            raise RecognizersUnavailable(str(failure)) from failure
        self._nurseries = {key: NurseryProcess(*key, folders[key], self._cores, self._workers) for key in wanted}
        try:
            # The first detector loads its network, which is not to happen on the loop in the first call.
            vad = asyncio.to_thread(VoiceDetector)
            await asyncio.gather(vad, *(nursery.start() for nursery in self._nurseries.values()))
            for key, nursery in self._nurseries.items():
                places = self._workers if nursery.parallel else 1
                self._links[key] = [WorkerLink(nursery, self._answer_within_s) for _ in range(places)]
            await asyncio.gather(*(link.ready() for link in self._all_links()))
            if not all(nursery.streaming for nursery in self._nurseries.values()) and self._store.has(PROSODY):
                self._prosody = await asyncio.to_thread(Prosody, self._store.path(PROSODY))
        except RecognizerLost as failure:
            await self.close()
            raise RecognizersUnavailable(f"no worker to listen: {failure}") from failure
        except BaseException:
            await self.close()
            raise

    def choice(self, language: str) -> EngineChoice:
        """Who listens to this language. Raises RecognizersUnavailable when `start` was not told of it."""
        if language not in self._choices:
            known = ", ".join(self._choices) or "none"
            raise RecognizersUnavailable(
                f"no recognizer was started for the language {language!r} (there are: {known})"
            )
        return self._choices[language]

    async def open(self, language: str) -> RemoteRecognizer:
        """A recognizer for one caller, in the worker that has the fewest. Raises RecognizersUnavailable."""
        choice = self.choice(language)
        link = min(self._links[choice.engine, choice.model], key=lambda link: link.recognizers)
        nursery = self._nurseries[choice.engine, choice.model]
        recognizer = RemoteRecognizer(link, next(self._numbers), choice, nursery.rate_hz, nursery.streaming)
        try:
            await recognizer.open()
        except RecognizerLost:
            try:
                await recognizer.open()
            except RecognizerLost as failure:
                await recognizer.close()
                raise RecognizersUnavailable(f"no worker listens to {language!r}: {failure}") from failure
        return recognizer

    async def unknown(self, language: str, words: Iterable[str]) -> list[str]:
        """Those of `words` that the recognizer of this language can never write; nothing is loaded for that.

        Raises RecognizersUnavailable.
        """
        choice = self.choice(language)
        link = self._links[choice.engine, choice.model][0]
        asked, found = list(words), []
        for start in range(0, len(asked), _ASKED_AT_ONCE):
            try:
                _, answer = await link.call("unknown", 0, words=asked[start : start + _ASKED_AT_ONCE])
            except RecognizerLost as failure:
                raise RecognizersUnavailable(f"no worker tells its words of {language!r}: {failure}") from failure
            found += answer["unknown"]
        return found

    def prosody(self, language: str) -> Prosody | None:
        """What tells from a voice whether it has come to an end, where its model was fetched and the recognizer's own
        look takes longer: a streaming one has its words at once, for less work than this takes.

        Raises RecognizersUnavailable.
        """
        choice = self.choice(language)
        return None if self._nurseries[choice.engine, choice.model].streaming else self._prosody

    def stats(self) -> list[WorkerStats]:
        """One for each worker, for gauges: restarts and backlog."""
        return [link.stats() for link in self._all_links()]

    async def close(self) -> None:
        """End every process. Idempotent."""
        await asyncio.gather(*(link.close() for link in self._all_links()))
        await asyncio.gather(*(nursery.close() for nursery in self._nurseries.values()))
        self._links.clear()
        self._nurseries.clear()
        if self._prosody:
            self._prosody.close()

    def _all_links(self) -> list[WorkerLink]:
        return [link for links in self._links.values() for link in links]


class RemoteRecognizer:
    """A `Recognizer` whose work is done by a worker process."""

    def __init__(self, link: WorkerLink, number: int, choice: EngineChoice, rate_hz: int, streaming: bool) -> None:
        self.engine = choice.engine
        self.rate_hz = rate_hz
        self.streaming = streaming
        self._link = link
        self._number = number
        self._language = choice.language
        self._phrases: list[str] = []
        self._life = 0
        """The link's life in which it was opened; 0: it has to be opened (again)."""
        self._closed = False
        link.recognizers += 1

    async def open(self) -> None:
        """Make it in the worker, with the phrases it had."""
        self._life, answer = await self._link.call("open", self._number, language=self._language, phrases=self._phrases)
        self._report(answer["unknown"])

    async def accept(self, pcm: bytes) -> None:
        await self._call("accept", pcm)

    async def partial(self) -> Recognition:
        if not self.streaming:
            return Recognition("", is_final=False)
        return recognition_from_json((await self._call("partial"))["recognition"])

    async def glance(self) -> Recognition | None:
        link, began_ms = self._link, time.monotonic() * 1000
        others = len(link.in_turn - {self._number})
        if self._closed or not self._life or not link.glancing.allowed(began_ms, others):
            return None
        link.glancing.glanced(began_ms, began_ms + ANSWER_WITHIN_S * 1000)  # No second one beside it.
        try:
            _, answer = await link.call("glance", self._number, life=self._life)
        except RecognizerLost:
            return None  # Whoever needs the recognizer next is told.
        finally:
            link.glancing.glanced(began_ms, time.monotonic() * 1000)
        return recognition_from_json(answer["recognition"]) if answer["recognition"] else None

    async def look(self, pcm: bytes = b"") -> Recognition:
        return recognition_from_json((await self._call("look", pcm))["recognition"])

    async def final(self, pcm: bytes = b"") -> Recognition:
        return recognition_from_json((await self._call("final", pcm))["recognition"])

    async def expect(self, phrases: Sequence[str]) -> None:
        self._phrases = list(phrases)
        self._report((await self._call("expect", phrases=self._phrases))["unknown"])

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._link.recognizers -= 1
        self._link.in_turn.discard(self._number)
        if self._life == self._link.life:
            try:
                await self._link.call("close", self._number, life=self._life)
            except RecognizerLost as failure:
                log.info("recognizer.closed_with_its_worker", reason=str(failure))

    async def _call(self, operation: str, pcm: bytes = b"", **fields: object) -> Header:
        if self._closed:
            raise RuntimeError("this recognizer is closed")
        if not self._life:
            await self.open()
        try:
            _, answer = await self._link.call(operation, self._number, pcm, life=self._life, **fields)
        except RecognizerLost:
            self._life = 0
            self._link.in_turn.discard(self._number)
            raise
        if operation in ("accept", "look"):
            self._link.in_turn.add(self._number)
        elif operation == "final":
            self._link.in_turn.discard(self._number)
        return answer

    def _report(self, unknown: object) -> None:
        """Say which words of a grammar the model does not know: each once, however often the grammar is used."""
        new = {str(word) for word in unknown} - _reported if isinstance(unknown, list) else set()
        if new:
            _reported.update(new)
            log.warning("recognizer.words_unknown", engine=self.engine, language=self._language, words=sorted(new))
