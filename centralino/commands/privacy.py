"""`centralino privacy`: legal holds, erasing a person, and the keys of recordings."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from centralino.commands.auditing import ask
from centralino.commands.console import out, said_plainly
from centralino.settings import load_settings
from history import writer_of
from telephony.recording.sealing.master_key import MasterKey

app = typer.Typer(help="Legal holds; erasing a person; keys of recordings.", no_args_is_help=True)


@app.command()
def hold(
    kind: Annotated[Literal["interaction", "contact"], typer.Argument(help="What is kept.")],
    subject_id: Annotated[str, typer.Argument(help="Its id.")],
    reason: Annotated[str, typer.Option(help="Why; goes into the list of holds.")],
) -> None:
    """Nothing of it is deleted from now on, whatever retention or a person asks."""
    body = {"subject_kind": kind, "subject_id": subject_id, "reason": reason}
    out.print(ask("POST", "/holds", json=body)["id"])


@app.command()
def lift(hold_id: Annotated[str, typer.Argument(help="Of the hold, from `centralino privacy holds`.")]) -> None:
    """End a hold."""
    ask("DELETE", f"/holds/{hold_id}")


@app.command()
def holds(lifted: Annotated[bool, typer.Option("--lifted", help="Those that were lifted, too.")] = False) -> None:
    """The holds in force."""
    table = Table("hold", "of", "why", "by", "since (UTC)", "lifted")
    for one in ask("GET", "/holds", params={"lifted": lifted}):
        of = f"{one['subject_kind']} {one['subject_id']}"
        cells = (one["id"], of, one["reason"], one["set_by"], one["set_at"][:16], (one["lifted_at"] or "")[:16])
        table.add_row(*(escape(str(cell)) for cell in cells))
    out.print(table)


@app.command("rewrap-keys")
def rewrap_keys(
    old: Annotated[Path, typer.Option("--from", help="File with the master key they are wrapped by now.")],
) -> None:
    """Wrap the keys of recordings by the master key that the settings name. Then destroy the old one: no backup of the
    keys from before is of use any more."""
    with said_plainly():
        settings = load_settings()
        count = settings.recordings().keys.rewrap(MasterKey(old.expanduser(), own=False))
    running = "; restart the server" if writer_of(settings.history_path) is not None else ""
    out.print(f"{count} keys wrapped anew: back up the new master key, destroy {old}{running}", soft_wrap=True)


@app.command()
def erase(
    contact: Annotated[str, typer.Argument(help="The contact's id, from its page or `GET /api/contacts?value=…`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    receipt: Annotated[Path | None, typer.Option(help="File for the receipt; none: standard output.")] = None,
) -> None:
    """Erase a person: addresses, name, recordings, and all that was said. It cannot be taken back."""
    if not yes:
        typer.confirm("Erase this person? It cannot be taken back", abort=True)
    document = json.dumps(ask("POST", f"/contacts/{contact}/erasure"), ensure_ascii=False, indent=2) + "\n"
    if receipt:
        receipt.write_text(document, encoding="utf-8")
    else:
        sys.stdout.write(document)
