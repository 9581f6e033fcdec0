"""One client of the vosk-server websocket: what it asks, and one answer for each message with sound."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace

import structlog

from telephony.dictation import Dictation, Utterance
from telephony.media import ProtocolError
from telephony.protocols import vosk_server as wire
from telephony.wire import WebsocketWire, WireClosed
from voice.listening.recognizer import RecognizerLost
from voice.listening.workers import Recognizers, RecognizersUnavailable, RemoteRecognizer

log = structlog.get_logger()

AHEAD_S = 2.0
"""Sound that may come at once, however slow a session has to be."""


@dataclass(frozen=True)
class Limits:
    """idle_s: without a message, or an answer that is taken; longest_s: in all; fastest: seconds of sound a second."""

    idle_s: float
    longest_s: float
    fastest: float


class Session:
    """One client: its messages are answered in their order, the next one is read when the last was answered."""

    def __init__(self, socket: WebsocketWire, recognizers: Recognizers, limits: Limits) -> None:
        self._wire, self._recognizers, self._limits = socket, recognizers, limits
        self._options = wire.Options()
        self._dictation: Dictation | None = None
        self._began_s = time.monotonic()
        self._sound_s = 0.0

    async def serve(self, language: str) -> None:
        """Until the client is done, is gone, or is sent away."""
        recognizer: RemoteRecognizer | None = None
        try:
            async with asyncio.timeout(self._limits.longest_s):
                recognizer = await self._recognizers.open(language)
                await self._answer_all(recognizer)
            await self._wire.close(1000, "")
        except WireClosed as closed:
            log.debug("vosk_server.closed", code=closed.code)
        except ProtocolError as error:
            log.info("vosk_server.sent_away", code=error.code, detail=error.detail)
            await self.leave(error.close, error.detail)
        except RecognizersUnavailable as error:
            await self.leave(1008 if recognizer is None else 1011, str(error))
        except TimeoutError:
            await self.leave(1008, f"no session may take longer than {self._limits.longest_s:.0f} s")
        finally:
            if recognizer:
                await recognizer.close()

    async def leave(self, code: int, why: str) -> None:
        """Say why, in a message that any client prints and in the close frame."""
        try:
            await self._wire.send(wire.error(why))
            await self._wire.close(code, why)
        except WireClosed:
            pass

    async def _answer_all(self, recognizer: RemoteRecognizer) -> None:
        while True:
            request = wire.request_of(await self._next())
            if isinstance(request, wire.Config):
                await self._configure(request, recognizer)
                continue
            dictation = self._dictation = self._dictation or Dictation(recognizer, self._options.rate_hz)
            await self._send(await self._answer(request, dictation))
            if isinstance(request, wire.Eof):
                return

    async def _next(self) -> str | bytes:
        try:
            async with asyncio.timeout(self._limits.idle_s):
                return await self._wire.receive()
        except TimeoutError:
            raise ProtocolError("idle", f"nothing came for {self._limits.idle_s:.0f} s", close=1008) from None

    async def _send(self, answer: str) -> None:
        try:
            async with asyncio.timeout(self._limits.idle_s):
                await self._wire.send(answer)
        except TimeoutError:
            raise ProtocolError("far_end_stalled", "no answer is taken any more", close=1008) from None

    async def _configure(self, asked: wire.Config, recognizer: RemoteRecognizer) -> None:
        old, self._options = self._options, replace(self._options, **asked.changes)
        if self._dictation and self._options.rate_hz != old.rate_hz:
            raise ProtocolError("wrong_order", "config.sample_rate cannot change once there was sound", close=1008)
        if self._options.phrases != old.phrases:
            with contextlib.suppress(RecognizerLost):  # a fresh one gets the phrases, too
                await recognizer.expect(self._options.phrases)

    async def _answer(self, request: wire.Sound | wire.Reset | wire.Eof, dictation: Dictation) -> str:
        try:
            if not isinstance(request, wire.Sound):
                return self._result(await dictation.finish())
            await self._not_too_fast(request.pcm)
            ended = await dictation.hear(request.pcm)
            return self._result(ended) if ended else wire.partial(await dictation.partial())
        except RecognizerLost as loss:
            log.warning("vosk_server.recognizer_lost", reason=str(loss))
            dictation.lost()
            return wire.error("the recognizer was lost, and the words since the last result with it; go on", text="")

    def _result(self, ended: list[Utterance]) -> str:
        return wire.result(ended, self._options)

    async def _not_too_fast(self, pcm: bytes) -> None:
        self._sound_s += len(pcm) / 2 / self._options.rate_hz
        early = early_s(self._sound_s, time.monotonic() - self._began_s, self._limits.fastest)
        if early > 0:
            await asyncio.sleep(early)


def early_s(sound_s: float, elapsed_s: float, fastest: float) -> float:
    """How much too early the last of `sound_s` came, when `fastest` seconds of sound a second are allowed."""
    return (sound_s - AHEAD_S) / fastest - elapsed_s
