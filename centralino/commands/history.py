"""`centralino history` and `centralino replay`: look at past calls."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from centralino.commands import history_benches, importing, journeys, kpis, person_export, searching, vcons
from centralino.commands.auditing import ask
from centralino.commands.console import err, out, said_plainly
from centralino.commands.reading import read
from centralino.company import load_company
from centralino.pinned_book import pinned_book
from centralino.settings import load_settings
from dialogs.events import from_json
from dialogs.replay import replay as replay_steps
from dialogs.replay import turns
from history import StoredEvent, Timeline
from knowledge.revisions import Revisions

app = typer.Typer(help="The shared interaction history: list, show, export.", no_args_is_help=True)
app.command()(person_export.export_person)
app.command("import")(importing.import_files)
app.command()(vcons.export_vcon)
app.command()(vcons.import_vcon)
app.command()(importing.source_add)
app.command()(importing.source_list)
app.command()(importing.source_revoke)
app.command("kpis")(kpis.kpis)
app.command("rollup")(kpis.rollup)
app.command("generate")(history_benches.generate)
app.command("search")(searching.search)
app.command("journeys")(journeys.journeys)
app.command("segment")(journeys.segment)

Call = Annotated[str, typer.Argument(help="The call's id, or the first characters of it.")]


async def whole_id(timeline: Timeline, beginning: str) -> str:
    """The newest call whose id begins so; 'last' is the newest of all."""
    for interaction in await timeline.list_interactions(500, channel="voice" if beginning == "last" else None):
        if beginning == "last" or interaction.id.startswith(beginning):
            return interaction.id
    return beginning


@app.command("list")
def list_calls(
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    line: Annotated[str | None, typer.Option(help="Only calls on this line.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Only calls with this outcome.")] = None,
    channel: Annotated[str, typer.Option(help="'email', 'chat'…, or 'all'.")] = "voice",
) -> None:
    """The newest calls."""
    wanted = None if channel == "all" else channel
    calls = read(lambda timeline: timeline.list_interactions(limit, line=line, outcome=outcome, channel=wanted))
    table = Table("call", "began (UTC)", "channel", "line", "door", "caller", "seconds", "outcome", "ended because")
    for call in calls:
        seconds = "" if call.duration_ms is None else f"{call.duration_ms / 1000:.0f}"
        began = call.started_at.strftime("%Y-%m-%d %H:%M:%S")
        cells = (
            call.id,
            began,
            call.channel,
            call.line,
            call.door,
            call.caller,
            seconds,
            call.outcome,
            call.end_reason,
        )
        table.add_row(*(escape(str(cell)) for cell in cells))
    out.print(table)


@app.command()
def show(call: Call) -> None:
    """A call's transcript and events."""

    async def look(timeline: Timeline) -> None:
        detail = await timeline.get(await whole_id(timeline, call))
        interaction = detail.interaction
        facts = f"{interaction.line} · {interaction.door} · {interaction.language} · {interaction.recognizer}"
        out.print(f"[bold]{escape(interaction.id)}[/bold]  {escape(facts)}", soft_wrap=True)
        for turn in detail.transcript:
            notes = [f"article {turn.article}"] if turn.article else []
            notes += [f"after {turn.latency_ms} ms"] if turn.latency_ms is not None else []
            notes += [f"confidence {turn.confidence:.2f}"] if turn.confidence is not None else []
            notes += ["interrupted"] if turn.interrupted else []
            note = f"  [dim]({escape(', '.join(notes))})[/dim]" if notes else ""
            out.print(f"{turn.start_ms / 1000:7.1f} s  {turn.speaker:8}  {escape(turn.text)}{note}", soft_wrap=True)
        out.print(f"ended: {escape(interaction.end_reason or 'still running')} · {escape(interaction.outcome or '-')}")
        for event in await timeline.events(interaction.id):
            payload = json.dumps(event.payload, ensure_ascii=False)
            out.print(f"[dim]{event.seq:4}  {event.at_ms:7}  {event.type:20}  {escape(payload)}[/dim]", soft_wrap=True)

    read(look)


@app.command()
def export(call: Call, to: Annotated[Path | None, typer.Option(help="File; none: standard output.")] = None) -> None:
    """Everything stored about a call, as JSON."""

    async def look(timeline: Timeline) -> str:
        exported = await timeline.export(await whole_id(timeline, call))
        return json.dumps(exported, ensure_ascii=False, indent=2) + "\n"

    document = read(look)
    if to:
        to.write_text(document, encoding="utf-8")
    else:
        sys.stdout.write(document)


@app.command()
def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is over.")] = False,
) -> None:
    """Delete what the retention settings keep no longer, as the server does every hour."""
    found = ask("POST", "/retention/sweep", params={"dry_run": dry_run})
    counts = f"{len(found['audio'])} recordings, the words of {len(found['words'])}, all of {len(found['facts'])}"
    out.print(f"{'over' if dry_run else 'deleted'}: {counts} interactions")
    if dry_run:
        for kind in ("audio", "words", "facts"):
            for one in found[kind]:
                out.print(f"{kind:6} {escape(one)}")


def replay(call: Call) -> None:
    """Feed a call's events to the dialog engine again: it must take the same actions."""
    settings = load_settings()
    with said_plainly():
        revisions = Revisions(settings.revisions_path)
        company = load_company(settings.company, revisions=revisions)

    async def look(timeline: Timeline) -> list[StoredEvent]:
        return await timeline.events(await whole_id(timeline, call))

    stored = read(look, settings)
    if not stored:
        err.print(f"[red]centralino:[/red] no call {escape(call)}; see: centralino history list")
        raise typer.Exit(1)
    call_id, began = stored[0].interaction_id, stored[0].payload
    flowbook = began.get("flowbook", {})
    with said_plainly():
        book = pinned_book(company, revisions, flowbook)
    if book is None:
        book, revision = company.book, flowbook.get("revision") or "?"
        err.print(f"note: the call used flowbook revision {revision}, which was not kept; this one is {book.revision}")
    steps = turns(from_json(event.payload) for event in stored if event.type in ("dialog.event", "dialog.action"))
    result = replay_steps(book, str(began.get("language", "")), steps)
    if result.same:
        rest = f"; then the caller told something in confidence: {len(steps) - result.events} events not replayed"
        out.print(f"{call_id}: {result.events} events, the same actions{rest if result.masked else ''}", soft_wrap=True)
        return
    err.print(f"[red]{call_id}: not the same[/red]: {escape(str(result.first_difference))}", soft_wrap=True)
    raise typer.Exit(1)
