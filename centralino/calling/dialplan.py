"""How a call ends in Asterisk: the caller hangs up, or the dialplan goes on and asks the server how the call ended."""

from __future__ import annotations

import base64
from typing import Protocol

import httpx

from centralino.calling.door import CallRefused
from centralino.calling.far_end import Dialling, FarEnd

TIMEOUT_S = 10.0


class Parting(Protocol):
    async def hang_up(self, door: FarEnd) -> None:
        """The caller hangs up."""
        ...

    async def after_call(self, door: FarEnd) -> tuple[str, ...]:
        """What comes once the sound is over."""
        ...


class InDialplan:
    """A dialplan that has `CURL()` ask `path` how the call ended."""

    def __init__(self, to: Dialling, path: str) -> None:
        self._to, self._path = to, path

    async def hang_up(self, door: FarEnd) -> None:
        await door.close()

    async def after_call(self, door: FarEnd) -> tuple[str, ...]:
        if door.ended and door.ended.by == "us":
            return ()  # the dialplan ends with its caller
        return (await asked(self._to, self._path, ref=door.call_id),)


async def asked(to: Dialling, path: str, **form: str) -> str:
    """What a server answers to `CURL()`. secrets: `username`, `password`. Raises CallRefused and ValueError."""
    url = to.server_url.rstrip("/") + path
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.post(url, data=form, headers=basic(to))
    except httpx.HTTPError as error:
        raise CallRefused(f"no answer from {url} ({error!r}); is the server running there?") from error
    if answer.status_code != 200:
        raise CallRefused(f"{url} answered {answer.status_code}: {answer.text[:200]}")
    return answer.text


def basic(to: Dialling) -> dict[str, str]:
    shown = f"{to.secret('username')}:{to.secret('password')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(shown).decode()}"}
