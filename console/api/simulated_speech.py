"""What somebody says to a simulated call: recognised as a caller's words. The sound is not kept."""

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from console.guard import refusal
from console.rate import RateLimit
from console.rehearsing import Simulations
from console.sessions import Session

PREFIX = "/api/simulated-speech"
RATE_HZ = 16_000
LONGEST_S = 15.0
LARGEST_BYTES = int(LONGEST_S * RATE_HZ * 2) + 4096
"""With a WAV's head, whatever a recorder writes into it."""
LARGER = {f"{PREFIX}/": LARGEST_BYTES}
"""Bodies under this path."""
LONGEST_WORK_S = 30.0
"""For one clip, and those that wait before it."""
_SOUND = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"audio/wav": _SOUND}}}


@dataclass(frozen=True)
class Words:
    """text: '' when nothing was understood. confidence: 0..1, None where the recognizer gives none."""

    text: str
    confidence: float | None = None


class CannotHear(Exception):
    """Why nobody listens to this language now, with the way out."""


class Ears(Protocol):
    """The recognizers that calls have; blocks nothing."""

    async def hear(self, pcm: bytes, language: str, flowbook: str, expected: Sequence[str]) -> Words:
        """pcm: PCM16 mono at RATE_HZ, heard as on a line of this flowbook. expected: phrases, for engines with a
        grammar. Raises CannotHear."""


class WordsView(BaseModel):
    """As `Words`."""

    text: str
    confidence: float | None


def simulated_speech(
    simulations: Simulations,
    ears: Ears | None,
    flow_admin: Callable[[Request], Awaitable[Session]],
    limit: RateLimit,
) -> APIRouter:
    """flow_admin: the session of who may edit flowbooks; refuses everybody else. limit: for each account. One clip is
    recognised at a time: calls need the machine as well."""
    router = APIRouter(prefix=PREFIX, tags=["simulator"])
    writer = Annotated[Session, Depends(flow_admin)]
    one_at_a_time = asyncio.Semaphore(1)

    @router.post("/{simulation}", openapi_extra=_BODY)
    async def hears(simulation: Annotated[str, Path(max_length=40)], session: writer, request: Request) -> WordsView:
        """The words of a WAV (one channel, 16 bits, 16,000 Hz, at most 15 s), in the language of the simulated call and
        with what it expects at this moment. The call does not go on by it: `inputs` does."""
        found = simulations.get(simulation, session.account.name)
        if found is None:
            raise refusal(404, "no_such_simulation", "this simulated call is over; open another one")
        if ears is None:
            raise refusal(503, "cannot_hear", "no recognizer runs here; `centralino run` starts them")
        if wait_s := limit.use(session.account.id):
            raise refusal(429, "too_many_clips", f"try again in {wait_s} s", retry_after_s=wait_s)
        pcm = sound_of(await request.body())
        state, book = found.simulator.call.state, found.simulator.book
        expected = state.listen.phrases if state.listen else ()
        try:
            async with asyncio.timeout(LONGEST_WORK_S), one_at_a_time:
                words = await ears.hear(pcm, state.language, book.id, expected)
        except CannotHear as error:
            raise refusal(503, "cannot_hear", str(error), retry_after_s=10) from None
        except TimeoutError:
            why = f"recognition took more than {LONGEST_WORK_S:.0f} s; try again when fewer calls run"
            raise refusal(503, "hearing_busy", why, retry_after_s=10) from None
        if not words.text:
            raise refusal(422, "nothing_heard", "no words were recognised; speak nearer to the microphone")
        return WordsView(text=words.text, confidence=words.confidence)

    return router


def sound_of(body: bytes) -> bytes:
    """PCM16 of a WAV; refuses (422) any other sound, and one that is too long."""
    try:
        with wave.open(io.BytesIO(body)) as clip:
            form = (clip.getnchannels(), clip.getsampwidth(), clip.getframerate())
            pcm: bytes = clip.readframes(clip.getnframes())
    except (wave.Error, EOFError) as error:
        raise refusal(422, "not_a_clip", f"the body is no WAV: {error}") from None
    if form != (1, 2, RATE_HZ):
        raise refusal(422, "not_a_clip", f"a clip has one channel, 16 bits and {RATE_HZ} Hz")
    if len(pcm) > LONGEST_S * RATE_HZ * 2:
        raise refusal(422, "not_a_clip", f"a clip has at most {LONGEST_S:.0f} s")
    return pcm[: len(pcm) // 2 * 2]
