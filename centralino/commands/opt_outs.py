"""`centralino campaigns opt-outs` and `register`: people who must not be called, and answers of the register."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.markup import escape

from centralino.commands.console import err, out, said_plainly
from centralino.settings import SettingsError, load_settings
from telephony.outbound.campaign import CampaignError
from telephony.outbound.contact_list import BadRow
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.importing import text_of
from telephony.outbound.numbers import dialled
from telephony.outbound.opt_outs import OptOuts
from telephony.outbound.settings import OutboundSettings

app = typer.Typer(help="People who must not be called.", no_args_is_help=True)

T = TypeVar("T")
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


@app.command("add")
def add_opt_out(numbers: list[str]) -> None:
    """Never call these again."""
    with said_plainly():
        known = [_number(number) for number in numbers]
    added = with_database(lambda database: OptOuts(database).add(known, "admin", datetime.now(UTC)))
    out.print(f"{added} added, {len(known) - added} were there already")


@app.command("import")
def import_opt_outs(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """A list of numbers, one a line or the first column of a CSV."""
    with said_plainly():
        numbers = _numbers(file)
    added = with_database(lambda database: OptOuts(database).add(numbers, "list", datetime.now(UTC)))
    out.print(f"{added} added, {len(numbers) - added} were there already")


@app.command("remove")
def remove_opt_out(number: str) -> None:
    """They may be called again."""
    with said_plainly():
        known = _number(number)
    there = with_database(lambda database: OptOuts(database).remove(known))
    out.print("removed" if there else "it was not on the list")


@app.command("count")
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
        show_bad(bad)
        raise CampaignError(f"{file}: {len(bad)} lines are no telephone numbers; nothing was kept")
    return numbers


def show_bad(bad: Sequence[BadRow]) -> None:
    for row in bad[:MOST_SHOWN]:
        err.print(f"line {row.line}: {escape(row.why)}")
    if len(bad) > MOST_SHOWN:
        err.print(f"… and {len(bad) - MOST_SHOWN} more: centralino campaigns report --bad")
