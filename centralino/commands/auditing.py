"""`centralino audit`: who looked at what, and whether the log of it is whole."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from fastapi import APIRouter
from rich.markup import escape
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.logs import set_up_logs
from centralino.server_api import a_command, asked, server_api
from centralino.settings import load_settings
from console.api.privacy import privacy
from history import Journal, Timeline
from telephony.recording.keeping import Keeping

app = typer.Typer(help="The audit log: who looked at or did what; whether it is whole.", no_args_is_help=True)


def ask(method: str, path: str, **request: Any) -> Any:
    """The answer of the privacy routes, of the running server or on the files."""
    set_up_logs("text", "error")
    settings = load_settings()

    async def run() -> Any:
        async with server_api(settings, _routes) as client:
            return await asked(client, method, f"/api{path}", **request)

    with said_plainly():
        return asyncio.run(run())


def _routes(timeline: Timeline, journal: Journal) -> APIRouter:
    settings = load_settings()
    keeping = Keeping(settings.recordings(), journal, timeline)
    return privacy(timeline, journal, keeping.delete, a_command, settings.retention.retention())


@app.command()
def verify(
    seq: Annotated[int, typer.Option(min=0, help="A row that you noted…")] = 0,
    head: Annotated[str, typer.Option(help="…and its hash: shows whether rows are missing at the end.")] = "",
) -> None:
    """Follow the chain from its first row; name the first that was altered or is missing."""
    found = ask("GET", "/audit/verification", params={"seq": seq, "head": head})
    if found["bad_seq"] is not None:
        err.print(f"[red]centralino:[/red] {escape(found['why'])}; {found['rows']} rows before it are whole")
        raise typer.Exit(1)
    out.print(f"{found['rows']} rows, all whole. Note this elsewhere: --seq {found['rows']} --head {found['head']}",
              soft_wrap=True)  # fmt: skip


@app.command("list")
def list_rows(
    limit: Annotated[int, typer.Option(min=1, max=500)] = 30,
    subject: Annotated[str | None, typer.Option(help="Only what was done with this interaction or contact.")] = None,
) -> None:
    """The newest rows."""
    table = Table("seq", "at (UTC)", "who", "what", "of", "from", "detail")
    for row in ask("GET", "/audit", params={"limit": limit, **({"subject": subject} if subject else {})}):
        of = f"{row['subject_kind']} {row['subject_id']}"
        cells = (row["seq"], row["at"][:19], row["actor"], row["action"], of, row["origin"], row["detail"])
        table.add_row(*(escape(str(cell)) for cell in cells))
    out.print(table)
