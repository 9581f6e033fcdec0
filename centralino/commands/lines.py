"""`centralino lines`: which lines are served, how, and whether they would work."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.company import load_company
from centralino.line_checks import check_line_now, usual_door
from centralino.line_parts import Found
from centralino.logs import set_up_logs
from centralino.running_server import reload_server, server_of, status_of
from centralino.settings import load_settings
from knowledge.revisions import Revisions

app = typer.Typer(help="Lines: list them, reload them, try them.", no_args_is_help=True)


@app.command("list")
def list_lines(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """The lines as they are written now, and the revision that the running server has."""
    with said_plainly():
        settings = load_settings()
        company = load_company(settings.company, revisions=Revisions(settings.revisions_path))
        running = (status_of(settings) or {}).get("lines", {}) if server_of(settings) else {}
    rows = [
        {
            "id": line.id,
            "number": line.number,
            "language": line.language,
            "voice": line.voice.key,
            "flowbook": line.book.file,
            "revision": line.book.revision,
            "served_revision": running.get(line.id, {}).get("revision", ""),
            "human_number": line.human_number or settings.human_number,
        }
        for line in company.lines
    ]
    if as_json:
        print(json.dumps({"lines": rows}, ensure_ascii=False))
        return
    table = Table(*(name.replace("_", " ") for name in rows[0]))
    for row in rows:
        table.add_row(*row.values())
    out.print(table)


@app.command()
def reload(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Have the running server take up the company's folder as it is now; exit code 1 when something in it is wrong."""
    with said_plainly():
        settings = load_settings()
        outcome = reload_server(settings)
    if as_json:
        print(json.dumps(outcome, ensure_ascii=False))
    elif outcome["ok"]:
        lines = ", ".join(f"{name} ({line['revision']})" for name, line in outcome["lines"].items())
        out.print(f"reloaded: {lines}; {outcome['prompts_made']} prompts rendered", soft_wrap=True)
    else:
        for error in outcome["errors"]:
            out.print(f"error: {error}", markup=False, soft_wrap=True)
        err.print("nothing was changed: the lines are served as before")
    if not outcome["ok"]:
        raise typer.Exit(1)


@app.command()
def check(
    line: Annotated[str | None, typer.Argument(help="Its id or number; none: every line.")] = None,
    door: Annotated[str, typer.Option(help="Where to call; none: the first that has a section, else twilio.")] = "",
    hear: Annotated[bool, typer.Option(help="Write down the greeting by a recognizer, and compare.")] = True,
    call: Annotated[bool, typer.Option(help="Place a test call.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Try the whole path of a line: settings, flowbook, model, voice, prompts, door, a call, queues, the human number.

    The call is placed on the running server, else on one of its own that is gone afterwards. Exit code 1 when something
    would not work.
    """
    set_up_logs("text", "error")
    with said_plainly():
        settings = load_settings()
        company = load_company(settings.company, revisions=Revisions(settings.revisions_path))
        wanted = [company.lines.get(line)] if line else list(company.lines)
        found: list[Found] = []
        for one in wanted:
            of_line = check_line_now(settings, company, one, door or usual_door(settings), hear, call)
            found += of_line
            if not as_json:
                for each in of_line:
                    _show(each)
    failed = sum(one.status == "fail" for one in found)
    warned = sum(one.status == "warn" for one in found)
    if as_json:
        print(json.dumps({"ok": not failed, "checks": [one.to_json() for one in found]}, ensure_ascii=False))
    else:
        out.print(f"{len(found)} checks: {failed} failed, {warned} to look at")
    if failed:
        raise typer.Exit(1)


_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def _show(found: Found) -> None:
    way_out = f" → {found.way_out}" if found.way_out else ""
    said = escape(f"{found.line}: {found.what}: {found.detail}{way_out}")
    out.print(f"[{_COLOURS[found.status]}]{found.status:4}[/] {said}", soft_wrap=True)
