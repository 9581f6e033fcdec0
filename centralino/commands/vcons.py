"""`centralino history export-vcon` and `import-vcon`: interactions as vCon 0.4.0 files."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from fastapi import APIRouter

from centralino.commands.console import err, out, said_plainly
from centralino.logs import set_up_logs
from centralino.server_api import a_command, asked, server_api
from centralino.settings import Settings, SettingsError, load_settings
from console.api.vcons import vcons
from history import HistoryUnavailable, Journal, Timeline


def export_vcon(
    interaction: Annotated[str, typer.Argument(help="Its whole id, from `centralino history list`.")],
    to: Annotated[Path | None, typer.Option(help="File; none: standard output.")] = None,
    audio: Annotated[bool, typer.Option("--audio", help="With its recordings inside.")] = False,
    redacted: Annotated[bool, typer.Option("--redacted", help="Without names, numbers, sound and log.")] = False,
) -> None:
    """An interaction as a vCon, to be given to other systems or taken in elsewhere."""

    async def ask(client: httpx.AsyncClient) -> bytes:
        params = {"audio": audio, "redacted": redacted}
        answer = await client.get(f"/api/interactions/{interaction}/vcon", params=params)
        if answer.is_success:
            return answer.content
        raise SettingsError(str(answer.json()["detail"]["message"]))

    raw = _with_api(ask)
    if to:
        to.write_bytes(raw)
    else:
        sys.stdout.buffer.write(raw)


def import_vcon(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="vCon files, one each.")],
) -> None:
    """Take vCons in. The same again changes nothing; one that contradicts the history is refused."""

    async def ask(client: httpx.AsyncClient) -> int:
        refused = 0
        for file in files:
            try:
                taken = await asked(client, "POST", "/api/vcons", content=file.read_bytes())
            except SettingsError as error:
                err.print(f"{file}: {error}", soft_wrap=True, markup=False)
                refused += 1
                continue
            what = "taken in" if taken["new"] else "was there"
            more = f", {taken['recordings']} recordings" if taken["recordings"] else ""
            more += (
                f", {taken['left_out']} parts not kept (too large, or put by others into one of ours)"
                if taken["left_out"]
                else ""
            )
            out.print(f"{file}: {taken['interaction_id']} {what}{more}", soft_wrap=True, markup=False)
        return refused

    if _with_api(ask):
        raise typer.Exit(1)


def _with_api(ask: Any) -> Any:
    set_up_logs("text", "error")
    settings = load_settings()

    async def run() -> Any:
        async with server_api(settings, lambda timeline, journal: _routes(settings, timeline, journal)) as client:
            try:
                return await ask(client)
            except httpx.HTTPError as error:
                raise HistoryUnavailable(f"the server runs and does not answer: {error!r}") from error

    with said_plainly():
        return asyncio.run(run())


def _routes(settings: Settings, timeline: Timeline, journal: Journal) -> APIRouter:
    return vcons(timeline, journal, a_command, settings.recordings())
