"""`centralino campaigns`: lists of people to be called, who must not be called, and what became of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.markup import escape
from rich.table import Table

from centralino.commands import opt_outs
from centralino.commands.console import err, out, said_plainly
from centralino.company import load_company
from centralino.settings import load_settings
from telephony.outbound.campaign import Campaign, CampaignError, OnMachine, Plan, Status
from telephony.outbound.campaigns import Campaigns
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.hours import Purpose, Span, Window
from telephony.outbound.importing import import_list, text_of
from telephony.outbound.reporting import as_csv, bad_rows_csv
from telephony.outbound.settings import OutboundSettings
from telephony.outbound.spacing import Spacing

app = typer.Typer(help="Calls that the bot places from a list of people.", no_args_is_help=True)
app.add_typer(opt_outs.app, name="opt-outs")
app.command()(opt_outs.register)

Name = Annotated[str, typer.Argument(help="The campaign's name.")]
MOST_SHOWN = 20


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV: number, name, a column for each slot.")
    ],
    flow: Annotated[str, typer.Option(help="That the call begins with; one of the flowbook's `outgoing`.")],
    line: Annotated[str, typer.Option(help="That calls: its voice, its flowbook, its number is shown.")],
    name: Annotated[str, typer.Option(help="Of the campaign; else the file's.")] = "",
    purpose: Annotated[
        str, typer.Option(help="'marketing' (advertising, surveys: needs consent) or 'service' (about an order, …).")
    ] = "marketing",
    after: Annotated[str, typer.Option("--from", help="Not earlier in the day, 15:00.")] = "00:00",
    until: Annotated[str, typer.Option(help="Not later in the day.")] = "23:59",
    days: Annotated[str, typer.Option(help="Of the week, 1 is Monday: 1,2,3.")] = "1,2,3,4,5,6,7",
    first: Annotated[str, typer.Option(help="Its first day, 2026-12-01.")] = "",
    last: Annotated[str, typer.Option(help="Its last day.")] = "",
    tries: Annotated[int, typer.Option(min=1, max=10)] = 3,
    spacing: Annotated[
        list[str] | None, typer.Option(help="Minutes until the next try after an outcome, busy=15; can be repeated.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Calls of this campaign at once.")] = 2,
    on_machine: Annotated[str, typer.Option(help="'hang_up' or 'leave_message'.")] = "hang_up",
    ring: Annotated[float, typer.Option(help="Seconds; 0: as the settings say.")] = 0.0,
) -> None:
    """Make a campaign from a list. It calls nobody before `centralino campaigns start`."""
    with said_plainly():
        settings = load_settings()
        rules = settings.outbound or OutboundSettings()
        lines = load_company(settings.company).lines
        plan = _plan(
            flow, line, purpose, (after, until, days, first, last), tries, spacing or [], at_once, on_machine, ring
        )
        text = text_of(file.read_bytes())

    async def work(database: OutboundDatabase) -> None:
        made, listed = await import_list(
            Campaigns(database), lines, name or file.stem, plan, text, rules.country, datetime.now(UTC)
        )
        opt_outs.show_bad(listed.bad)
        out.print(f"{escape(made.name)}: {len(listed.contacts)} people, {len(listed.bad)} lines that cannot be called. "
                  f"Start it with: centralino campaigns start {escape(repr(made.name))}")  # fmt: skip
        if settings.outbound is None:
            err.print("No section \\[outbound] in the settings: the server calls nobody yet (docs/outbound.md).")

    opt_outs.with_database(work)


def _plan(
    flow: str,
    line: str,
    purpose: str,
    window: tuple[str, str, str, str, str],
    tries: int,
    spacing: Sequence[str],
    at_once: int,
    on_machine: str,
    ring_s: float,
) -> Plan:
    if purpose not in ("marketing", "service"):
        raise CampaignError(f"--purpose {purpose!r}: 'marketing' or 'service' is expected")
    if on_machine not in ("hang_up", "leave_message"):
        raise CampaignError(f"--on-machine {on_machine!r}: 'hang_up' or 'leave_message' is expected")
    after, until, days, first, last = window
    try:
        span = Span(time.fromisoformat(after), time.fromisoformat(until))
        weekdays = frozenset(int(day) - 1 for day in days.split(","))
        begins, ends = (date.fromisoformat(day) if day else None for day in (first, last))
        minutes = {outcome: int(wait) for outcome, _, wait in (one.partition("=") for one in spacing)}
        tried = Spacing(tries, minutes)
    except ValueError as error:
        raise CampaignError(f"the window or the spacing cannot be read: {error}") from None
    if not weekdays or not weekdays <= frozenset(range(7)):
        raise CampaignError(f"--days {days!r}: numbers from 1 (Monday) to 7 are expected")
    kept = Window(span, weekdays, begins, ends)
    return Plan(flow, line, cast(Purpose, purpose), kept, tried, at_once, cast(OnMachine, on_machine), ring_s)


@app.command("list")
def list_campaigns() -> None:
    """All campaigns, the newest first."""

    async def work(database: OutboundDatabase) -> None:
        campaigns = Campaigns(database)
        table = Table("campaign", "status", "line", "flow", "purpose", "people", "reached", "tries")
        for one in await campaigns.all():
            figures = await campaigns.reports.figures(one.id)
            counts = (figures.contacts, figures.statuses.get("done", 0), figures.tries)
            cells = (one.name, one.status, one.plan.line, one.plan.flow, one.plan.purpose, *counts)
            table.add_row(*(escape(str(cell)) for cell in cells))
        out.print(table)

    opt_outs.with_database(work)


def _change(name: str, status: Status) -> None:
    async def work(database: OutboundDatabase) -> Campaign:
        return await Campaigns(database).change(name, status)

    one = opt_outs.with_database(work)
    out.print(f"{escape(one.name)}: {one.status}")


@app.command()
def start(name: Name) -> None:
    """People are called from now on, within the hours."""
    _change(name, "running")


@app.command()
def pause(name: Name) -> None:
    """No further calls begin; those that go on end by themselves."""
    _change(name, "paused")


@app.command()
def resume(name: Name) -> None:
    """Go on after a pause."""
    _change(name, "running")


@app.command()
def stop(name: Name) -> None:
    """No further calls, for good."""
    _change(name, "stopped")


@app.command()
def status(name: Name) -> None:
    """How far it is, and why people wait."""

    async def work(database: OutboundDatabase) -> None:
        campaigns = Campaigns(database)
        one = await campaigns.get(name)
        figures = await campaigns.reports.figures(one.id)
        out.print(f"{escape(one.name)}: {one.status}, {figures.contacts} people, {figures.tries} tries, "
                  f"{figures.bad_rows} lines that cannot be called")  # fmt: skip
        table = Table("what", "how many", show_header=False)
        for title, counts in (("", figures.statuses), ("try: ", figures.outcomes), ("held: ", figures.held)):
            for word, count in sorted(counts.items()):
                table.add_row(f"{title}{word}", str(count))
        out.print(table)

    opt_outs.with_database(work)


@app.command()
def report(
    name: Name,
    bad: Annotated[
        bool, typer.Option("--bad", help="Instead the lines that cannot be called, with the reason.")
    ] = False,
) -> None:
    """What became of everybody, as CSV on standard output."""

    async def work(database: OutboundDatabase) -> str:
        campaigns = Campaigns(database)
        one = await campaigns.get(name)
        if bad:
            return bad_rows_csv(*await campaigns.reports.bad_rows(one.id))
        return as_csv(await campaigns.reports.contacts(one.id))

    sys.stdout.write(opt_outs.with_database(work))
