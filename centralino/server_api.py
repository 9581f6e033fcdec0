"""The server's API for commands: the running server's, or, when none runs, the same routes on the files themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Request

from centralino.history_settings import node_of_command
from centralino.settings import Settings, SettingsError
from console.command_token import ACTOR, read_from
from console.sound_response import tell_unreadable
from history import HistoryUnavailable, Journal, Timeline, writer_of

ANSWER_S = 60.0

Routes = Callable[[Timeline, Journal], APIRouter]


async def a_command(request: Request) -> str:
    """Who asks, where no server runs: whoever may open the files."""
    return ACTOR


@asynccontextmanager
async def server_api(settings: Settings, routes: Routes) -> AsyncIterator[httpx.AsyncClient]:
    """routes: made of the files, with `a_command` in place of a guard, for when no server runs.

    Raises HistoryUnavailable when neither the server nor the files can be used.
    """
    if writer_of(settings.history_path) is not None:
        token = read_from(settings.data_dir)
        if token is None:
            raise HistoryUnavailable(f"the server runs, but its token in {settings.data_dir} cannot be read by you")
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=settings.own_url, headers=headers, timeout=ANSWER_S, trust_env=False
        ) as client:
            yield client
        return
    database = settings.history_database()
    journal = await Journal.open(database, node=node_of_command())
    try:
        timeline = Timeline(database)
        try:
            app = FastAPI()
            app.include_router(routes(timeline, journal))
            tell_unreadable(app)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://files", timeout=ANSWER_S) as client:
                yield client
        finally:
            await timeline.close()
    finally:
        await journal.close()


async def asked(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> Any:
    """The answer's JSON, None when it has none. Raises SettingsError with what the server says is wrong."""
    answer = await answered(client, method, path, **request)
    return answer.json() if answer.content else None


async def answered(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> httpx.Response:
    """The answer as it came. Raises SettingsError with what the server says is wrong."""
    try:
        answer = await client.request(method, path, **request)
    except httpx.HTTPError as error:
        raise HistoryUnavailable(f"the server runs and does not answer at {client.base_url}: {error!r}") from error
    if answer.is_success:
        return answer
    try:
        detail = answer.json()["detail"]
        why = detail["message"] if isinstance(detail, dict) else "; ".join(str(one["msg"]) for one in detail)
    except (ValueError, KeyError, TypeError):
        why = answer.reason_phrase
    raise SettingsError(f"{answer.status_code}: {why}")
