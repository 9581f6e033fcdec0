"""Texts spoken as callers would hear them, for who writes articles and flowbooks."""

import asyncio
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from console.api.signing_in import Strict
from console.guard import Guard, refusal
from console.rate import RateLimit
from console.sessions import Session

LONGEST_SPOKEN_S = 30.0
"""Of work for one text; a neural voice on a busy machine speaks no faster than it talks."""


class CannotBeSpoken(ValueError):
    """Why no voice could speak a text."""


class LineVoices(Protocol):
    """The voices of the lines; blocks nothing."""

    async def spoken(self, text: str, language: str, engine: str = "", name: str = "", flowbook: str = "") -> bytes:
        """WAV, in this voice of this engine, else in that of a line that speaks this language, one of this flowbook
        where there is one. Raises CannotBeSpoken."""


class TextToHear(Strict):
    """text: as it would stand in an article or a flowbook, pauses and the like included. voice_engine, voice: as they
    would stand in a line (sysadmins); without them the voice is that of a line, of this flowbook where it has
    one."""

    text: str = Field(min_length=1, max_length=1000)
    language: str = Field(pattern="^[a-z]{2,3}$")
    voice_engine: str = Field(default="", max_length=64)
    voice: str = Field(default="", max_length=255)
    flowbook: str = Field(default="", max_length=100)


def hearing_texts(voices: LineVoices, guard: Guard, limit: RateLimit) -> APIRouter:
    """The route. limit: for each account. One text is spoken at a time: calls need the machine as well."""
    router = APIRouter(prefix="/api", tags=["articles"])
    writer = Annotated[Session, Depends(guard.having("flow-admin", "sysadmin"))]
    one_at_a_time = asyncio.Semaphore(1)

    @router.post("/spoken", response_class=Response)
    async def speak(session: writer, given: TextToHear) -> Response:
        """The text as WAV."""
        if given.voice_engine and not session.account.has("sysadmin"):
            raise refusal(403, "role_missing", "to choose a voice needs the role sysadmin; ask a sysadmin for it")
        if wait_s := limit.use(session.account.id):
            raise refusal(
                429, "too_many_texts", f"too many texts at once; try again in {wait_s} s", retry_after_s=wait_s
            )
        try:
            async with asyncio.timeout(LONGEST_SPOKEN_S), one_at_a_time:
                sound = await voices.spoken(given.text, given.language, given.voice_engine, given.voice, given.flowbook)
        except CannotBeSpoken as error:
            raise refusal(422, "cannot_be_spoken", str(error)) from None
        except TimeoutError:
            why = f"the voice needed more than {LONGEST_SPOKEN_S:.0f} s; try again when fewer calls run"
            raise refusal(503, "voice_busy", why, retry_after_s=10) from None
        return Response(sound, media_type="audio/wav")

    return router
