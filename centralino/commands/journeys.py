"""`centralino history journeys` and `segment`: the paths contacts take, and the contacts a rule picks."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from fastapi import APIRouter
from rich.markup import escape
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.logs import set_up_logs
from centralino.server_api import a_command, answered, server_api
from centralino.settings import SettingsError, load_settings
from console.api.journeys import journeys as journey_routes
from console.api.segments import segments as segment_routes
from history import Journal, Timeline
from history.journeys.named import BadRule, read_rule


def _routes(timeline: Timeline, journal: Journal) -> APIRouter:
    router = APIRouter()
    router.include_router(journey_routes(timeline, journal, a_command))
    router.include_router(segment_routes(timeline, journal, dict, None, a_command))
    return router


def _ask(method: str, path: str, **request: Any) -> httpx.Response:
    """The answer of the running server, or of the same routes on the files: each look is in the audit log."""
    set_up_logs("text", "error")
    settings = load_settings()

    async def run() -> httpx.Response:
        async with server_api(settings, _routes) as client:
            return await answered(client, method, f"/api{path}", **request)

    return asyncio.run(run())


def journeys(
    days: Annotated[int, typer.Option(min=1, max=3660, help="The last so many days.")] = 30,
    window: Annotated[float, typer.Option(min=0.01, max=366, help="Days before and after a call.")] = 7,
    steps: Annotated[int, typer.Option(min=1, max=5, help="On each side of a call.")] = 2,
    topic: Annotated[str, typer.Option(help="Contacts who were in touch about it.")] = "",
    channel: Annotated[str, typer.Option(help="Contacts who were in touch on it.")] = "",
    line: Annotated[str, typer.Option(help="Contacts who called it.")] = "",
    form: Annotated[str, typer.Option("--format", help="'table', 'json' or 'csv'.")] = "table",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """What contacts did before and after their calls, across channels: counts between touchpoints."""
    now = datetime.now(UTC)
    asked = {"since": (now - timedelta(days=days)).isoformat(), "until": now.isoformat(), "window": window,
             "steps": steps, "topic": topic, "channel": channel, "line": line, "limit": limit,
             "format": "csv" if form == "csv" else "json"}  # fmt: skip
    with said_plainly():
        answer = _ask("GET", "/journeys", params=asked)
    if form == "csv":
        sys.stdout.write(answer.text)
        return
    links = answer.json()["links"]
    if form == "json":
        sys.stdout.write(json.dumps(links) + "\n")
        return
    table = Table("step", "from", "to", "contacts")
    for one in links:
        table.add_row(str(one["step"]), escape(one["source"]), escape(one["target"]), str(one["contacts"]))
    out.print(table)


def segment(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The rule, TOML (docs/kpis.md).")],
) -> None:
    """The contacts whom a rule picks, as CSV: a list that `centralino campaigns import` takes. Written down in the
    audit log."""
    with said_plainly():
        try:
            rule = read_rule(file)
        except BadRule as error:
            raise SettingsError(escape(str(error))) from None
        answer = _ask("POST", "/segments/export", json=rule.model_dump(mode="json"))
    sys.stdout.write(answer.text)
    contacts, numbers = answer.headers["X-Contacts"], answer.headers["X-Numbers"]
    err.print(f"{contacts} contacts, {numbers} with a telephone number")
