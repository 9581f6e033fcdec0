"""`centralino campaigns`: lists of people to be called, who must not be called, and what became of it."""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, TypeVar, cast

import typer
from rich.markup import escape
from rich.table import Table

from centralino.commands.console import err, out, said_plainly
from centralino.company import load_company
from centralino.settings import SettingsError, load_settings
from telephony.outbound.campaign import Campaign, CampaignError, OnMachine, Plan, Status
from telephony.outbound.campaigns import Campaigns
from telephony.outbound.contact_list import BadRow
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.hours import Purpose, Span, Window
from telephony.outbound.importing import import_list, text_of
from telephony.outbound.numbers import dialled
from telephony.outbound.opt_outs import OptOuts
from telephony.outbound.reporting import as_csv, bad_rows_csv
from telephony.outbound.settings import OutboundSettings
from telephony.outbound.spacing import Spacing

app = typer.Typer(help="Calls that the bot places from a list of people.", no_args_is_help=True)
opt_outs = typer.Typer(help="People who must not be called.", no_args_is_help=True)
app.add_typer(opt_outs, name="opt-outs")

T = TypeVar("T")
Name = Annotated[str, typer.Argument(help="The campaign's name.")]
MOST_SHOWN = 20


def with_database(work: Callable[[OutboundDatabase], Awaitable[T]]) -> T:
    async def run() -> T:
        database = await OutboundDatabase.open(load_settings().outbound_path)
        try:
            return await work(database)
        finally:
            await database.close()

    with said_plainly():
        return asyncio.run(run())


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
        _show_bad(listed.bad)
        out.print(f"{escape(made.name)}: {len(listed.contacts)} people, {len(listed.bad)} lines that cannot be called. "
                  f"Start it with: centralino campaigns start {escape(repr(made.name))}")  # fmt: skip
        if settings.outbound is None:
            err.print("No section \\[outbound] in the settings: the server calls nobody yet (docs/outbound.md).")

    with_database(work)


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
            figures = await campaigns.figures(one.id)
            counts = (figures.contacts, figures.statuses.get("done", 0), figures.tries)
            cells = (one.name, one.status, one.plan.line, one.plan.flow, one.plan.purpose, *counts)
            table.add_row(*(escape(str(cell)) for cell in cells))
        out.print(table)

    with_database(work)


def _change(name: str, status: Status) -> None:
    async def work(database: OutboundDatabase) -> Campaign:
        return await Campaigns(database).change(name, status)

    one = with_database(work)
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
        figures = await campaigns.figures(one.id)
        out.print(f"{escape(one.name)}: {one.status}, {figures.contacts} people, {figures.tries} tries, "
                  f"{figures.bad_rows} lines that cannot be called")  # fmt: skip
        table = Table("what", "how many", show_header=False)
        for title, counts in (("", figures.statuses), ("try: ", figures.outcomes), ("held: ", figures.held)):
            for word, count in sorted(counts.items()):
                table.add_row(f"{title}{word}", str(count))
        out.print(table)

    with_database(work)


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
            return bad_rows_csv(*await campaigns.bad_rows(one.id))
        return as_csv(await campaigns.contacts(one.id))

    sys.stdout.write(with_database(work))


@app.command()
def register(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Numbers, one a line or the first column.")],
    checked: Annotated[str, typer.Option(help="The day of the answer, 2026-11-27.")],
    listed: Annotated[
        bool, typer.Option("--listed/--free", help="Their owners object, or they may be called.")
    ] = False,
) -> None:
    """Keep an answer of the register of objections (Registro delle Opposizioni); it counts for 15 days."""
    with said_plainly():
        numbers = _numbers(file)
        try:
            day = datetime.combine(date.fromisoformat(checked), time(), UTC)
        except ValueError:
            raise SettingsError(f"--checked {checked!r}: a day such as 2026-11-27 is expected") from None
    count = with_database(lambda database: OptOuts(database).checked(numbers, listed, day))
    out.print(f"{count} numbers: {'object' if listed else 'may be called'}")


@opt_outs.command("add")
def add_opt_out(numbers: list[str]) -> None:
    """Never call these again."""
    with said_plainly():
        known = [_number(number) for number in numbers]
    added = with_database(lambda database: OptOuts(database).add(known, "admin", datetime.now(UTC)))
    out.print(f"{added} added, {len(known) - added} were there already")


@opt_outs.command("import")
def import_opt_outs(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """A list of numbers, one a line or the first column of a CSV."""
    with said_plainly():
        numbers = _numbers(file)
    added = with_database(lambda database: OptOuts(database).add(numbers, "list", datetime.now(UTC)))
    out.print(f"{added} added, {len(numbers) - added} were there already")


@opt_outs.command("remove")
def remove_opt_out(number: str) -> None:
    """They may be called again."""
    with said_plainly():
        known = _number(number)
    there = with_database(lambda database: OptOuts(database).remove(known))
    out.print("removed" if there else "it was not on the list")


@opt_outs.command("count")
def count_opt_outs() -> None:
    """How many people must not be called."""
    out.print(str(with_database(lambda database: OptOuts(database).count())))


def _number(written: str) -> str:
    try:
        return dialled(written, (load_settings().outbound or OutboundSettings()).country)
    except ValueError as error:
        raise CampaignError(f"{written!r}: {error}") from None


def _numbers(file: Path) -> list[str]:
    """Raises CampaignError, and tells every line that is no number: a list is kept whole or not at all."""
    country = (load_settings().outbound or OutboundSettings()).country
    numbers, bad = [], []
    for line, fields in enumerate(csv.reader(text_of(file.read_bytes()).splitlines()), start=1):
        if not fields or not fields[0].strip():
            continue
        try:
            numbers.append(dialled(fields[0], country))
        except ValueError as error:
            if line > 1 or any(letter.isdigit() for letter in fields[0]):  # the first line may be a heading
                bad.append(BadRow(line, str(error), tuple(fields)))
    if bad:
        _show_bad(bad)
        raise CampaignError(f"{file}: {len(bad)} lines are no telephone numbers; nothing was kept")
    return numbers


def _show_bad(bad: Sequence[BadRow]) -> None:
    for row in bad[:MOST_SHOWN]:
        err.print(f"line {row.line}: {escape(row.why)}")
    if len(bad) > MOST_SHOWN:
        err.print(f"… and {len(bad) - MOST_SHOWN} more: centralino campaigns report --bad")
