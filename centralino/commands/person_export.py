"""`centralino history export-person`: all that is stored of a person, as one file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from fastapi import APIRouter

from centralino.commands.console import out, said_plainly
from centralino.logs import set_up_logs
from centralino.server_api import a_command, server_api
from centralino.settings import SettingsError, load_settings
from console.api.portability import portability
from history import Journal, Timeline


def export_person(
    contact: Annotated[str, typer.Argument(help="The contact's id, from its page or `GET /api/contacts?value=…`.")],
    to: Annotated[Path, typer.Option(help="The zip to write.")] = Path("contact.zip"),
) -> None:
    """All that is stored of a person, for them: JSON, vCons, recordings in a zip."""
    set_up_logs("text", "error")
    settings = load_settings()

    def routes(timeline: Timeline, journal: Journal) -> APIRouter:
        return portability(timeline, journal, a_command, settings.recordings())

    async def run() -> int:
        path = f"/api/contacts/{contact}/portable"
        async with server_api(settings, routes) as client, client.stream("GET", path) as answer:
            if not answer.is_success:
                raise SettingsError(f"{answer.status_code}: {(await answer.aread()).decode()[:300]}")
            with to.open("wb") as file:
                async for piece in answer.aiter_bytes():
                    file.write(piece)
        return to.stat().st_size

    with said_plainly():
        out.print(f"{to}: {asyncio.run(run())} bytes", soft_wrap=True)
