"""Whether a line would work: every part that a call on it needs, one after the other, and then a call."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from centralino.company import Company
from centralino.line_call import of_call
from centralino.line_parts import Found, of_door, of_model, of_queues, of_settings, of_voice
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings, SettingsError
from telephony.lines import Line
from voice.models import ModelStore


def usual_door(settings: Settings) -> str:
    """The first door with a section in the settings that a caller of ours can play; Twilio's when there is none."""
    from centralino.calling.place import DOORS

    sections = (name for name in type(settings.doors).model_fields if getattr(settings.doors, name))
    return next((name for name in sections if name in DOORS and name not in ("ari", "asterisk")), "twilio")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Settings, Mapping[str, int]]]:
    """The server that runs by these settings, else one of our own for as long as it takes; with its desk's figures.

    Raises SettingsError when none can be had.
    """
    try:
        async with httpx.AsyncClient(base_url=settings.own_url, trust_env=False, timeout=5) as client:
            health = (await client.get("/health")).json()
    except (httpx.HTTPError, ValueError):
        with tempfile.TemporaryDirectory(prefix="centralino-check-") as folder:
            own = settings_beside(settings, Path(folder))
            async with own_server(own, Path(folder) / "server.log"):
                yield own, {}
    else:
        yield settings, health.get("desk", {})


async def check_line(
    settings: Settings, company: Company, line: Line, door: str, hear: bool = True, call: bool = True
) -> list[Found]:
    """Everything, in the order in which it is needed. hear: a recognizer writes down the greeting."""
    store = ModelStore(settings.cache_dir)
    found = [*of_settings(settings, company, line)]
    model, choice = of_model(line, company, store)
    found += [model, *await of_voice(line, company, settings, store), *of_door(settings, line, door)]
    if not call or any(one.status == "fail" for one in found):
        return [*found, *await of_queues(line, settings, {})]
    try:
        async with running(settings) as (at, desk):
            found += await of_call(at, line, door, choice if hear else None)
            found += await of_queues(line, settings, desk)
    except SettingsError as error:
        found.append(Found(line.id, "call", "fail", str(error), "centralino run says the same, with its log"))
    return found


def check_line_now(settings: Settings, company: Company, line: Line, door: str, hear: bool, call: bool) -> list[Found]:
    return asyncio.run(check_line(settings, company, line, door, hear, call))
