"""`centralino flows simulate`: talk to a flowbook by typing, and see why it does what it does."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from threadpoolctl import threadpool_limits

from centralino.commands.console import err, out, said_plainly
from centralino.commands.history import whole_id
from centralino.commands.reading import read
from centralino.comparison_text import told as told_comparison
from centralino.logs import set_up_logs
from centralino.rehearsed_company import Rehearsed, read_rehearsed
from centralino.settings import load_settings
from centralino.simulated_call import Asking, SimulatedCall, really_asking
from centralino.simulated_call_text import told
from console.past_calls import PastCall, book_of, past_call
from dialogs.rehearsal.comparing import compare
from dialogs.rehearsal.doing import Impossible
from dialogs.rehearsal.simulator import Simulator
from dialogs.scenarios import Opening
from history import Timeline
from knowledge.revisions import Revisions

_FIRST = "type what the caller says; /help for more, /quit or Ctrl-D to end"


def simulate(
    target: Annotated[
        Path, typer.Argument(metavar="BOOK|COMPANY", exists=True, help="A flowbook, or the folder of a company.")
    ],
    language: Annotated[str, typer.Option(help="The caller's; default: the flowbook's.")] = "",
    caller: Annotated[str, typer.Option(help="The caller's number, '' for a withheld one.")] = "+390000000000",
    at: Annotated[str, typer.Option(help="When the call begins, such as 2026-12-24T15:30; default: now.")] = "",
    flow: Annotated[str, typer.Option(help="A call of ours, beginning with this flow.")] = "",
    slot: Annotated[list[str] | None, typer.Option(help="NAME=VALUE known before a call of ours.")] = None,
    articles: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Articles for a flowbook that stands alone.")
    ] = None,
    real: Annotated[
        bool, typer.Option("--real", help="Really ask other systems (section errands). Nothing is sent.")
    ] = False,
    replay: Annotated[
        str,
        typer.Option(metavar="CALL", help="Play this past call against the flowbook; 'last': the newest."),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON for each input.")] = False,
) -> None:
    """A call in the terminal: type what the caller says, see what the bot does, why, and where it stands.

    Other systems are played: /mock NAME JSON, or /answer JSON when one is asked. Input may come from a pipe.
    With --replay nothing is typed: a past call's caller talks to this flowbook, and what would differ is shown.
    """
    set_up_logs("text", "error")
    with said_plainly():
        asking: Asking | None = really_asking(load_settings()) if real else None
        rehearsed = read_rehearsed(target.absolute(), articles)
    if replay:
        _replay(rehearsed, replay, as_json)
        return
    known = dict(pair.partition("=")[::2] for pair in slot or ())
    try:
        moment = datetime.fromisoformat(at) if at else datetime.now().astimezone().replace(microsecond=0)
        opening = Opening(at=moment, language=language, caller=caller, flow=flow, slots=known)
        call = SimulatedCall(Simulator(rehearsed.book, rehearsed.finds, opening), asking)
    except (Impossible, ValueError) as error:
        err.print(f"[red]centralino:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2) from None
    failed = False
    with threadpool_limits(1, user_api="blas"):
        if not as_json:
            out.print(f"[dim]{rehearsed.book.id} {rehearsed.book.revision}: {_FIRST}[/dim]", soft_wrap=True)
        for line in _lines(as_json):
            try:
                reply = call.type(line)
            except Impossible as error:
                failed = True
                _say_no(str(error), as_json)
                continue
            if reply is None:
                break
            if as_json:
                print(json.dumps(reply, ensure_ascii=False, default=str), flush=True)
            else:
                for one in told(reply):
                    out.print(one, soft_wrap=True)
    if failed and not sys.stdin.isatty():
        raise typer.Exit(1)


def _replay(rehearsed: Rehearsed, call_id: str, as_json: bool) -> None:
    settings = load_settings()

    async def look(timeline: Timeline) -> PastCall:
        return await past_call(timeline, await whole_id(timeline, call_id))

    try:
        call = read(look, settings)
        past = book_of(call, Revisions(settings.revisions_path), rehearsed.book)
        with threadpool_limits(1, user_api="blas"):
            compared = compare(rehearsed.book, rehearsed.finds, call.log, call.language, past)
    except ValueError as error:
        err.print(f"[red]centralino:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps({"call": call.id, **compared.to_json()}, ensure_ascii=False))
        return
    out.print(f"[dim]{call.id}: {call.flowbook} {call.revision} → {rehearsed.book.revision}[/dim]", soft_wrap=True)
    for line in told_comparison(compared):
        out.print(line, soft_wrap=True)


def _lines(as_json: bool) -> Iterator[str]:
    """What is typed, or comes from a pipe; an empty first line shows how the call begins."""
    yield ""
    if sys.stdin.isatty():
        while True:
            try:
                yield out.input("[bold cyan]> [/bold cyan]")
            except (EOFError, KeyboardInterrupt):
                return
    for line in sys.stdin:
        if not as_json:
            out.print(f"[bold cyan]> [/bold cyan]{escape(line.rstrip())}", soft_wrap=True)
        yield line


def _say_no(why: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": why}, ensure_ascii=False), flush=True)
    else:
        out.print(f"[yellow]{escape(why)}[/yellow]", soft_wrap=True)
