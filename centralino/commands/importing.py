"""`centralino history import` and the sources of events: what other channels know comes into the history."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.markup import escape
from rich.table import Table

from centralino.commands.accounts import with_accounts
from centralino.commands.console import err, out, said_plainly
from centralino.commands.mail_importing import import_mail
from centralino.history_settings import node_of_command
from centralino.settings import Settings, load_settings
from history import HistoryUnavailable, Journal, writer_of
from history.ingestion.envelope import MAX_BATCH, EventConflict, Received, received
from history.ingestion.formats import FORMATS

POSTED_BYTES = 900_000
"""Of one request, below what the server takes."""


def import_files(
    files: Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Files of one form.")] = None,
    form: Annotated[str, typer.Option(help=f"One of {', '.join(FORMATS)}.")] = "cloudevents",
    source: Annotated[str, typer.Option(help="The name of the system they come from.")] = "import",
    verifies: Annotated[bool, typer.Option("--verifies", help="That system proves whose an address is.")] = False,
    key: Annotated[
        str, typer.Option(envvar="CENTRALINO_EVENTS_KEY", help="The source's key, needed while the server runs.")
    ] = "",
    imap: Annotated[str, typer.Option(help="A mail folder instead of files: imaps://user@host/INBOX.")] = "",
    password: Annotated[
        str, typer.Option(envvar="CENTRALINO_IMAP_PASSWORD", help="Of the mail folder.", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="Messages of a mail folder that are taken in one run.")] = 500,
) -> None:
    """Bring events of other channels into the history. Importing a file twice changes nothing; of a mail folder, what
    is new since the last run is taken.

    While a server runs that writes a file they go through its API, else straight into the history.
    """
    if form not in FORMATS:
        raise typer.BadParameter(f"{form!r} is none of {', '.join(FORMATS)}", param_hint="--form")
    if bool(files) == bool(imap):
        raise typer.BadParameter("name files, or a mail folder with --imap")
    settings = load_settings()
    if imap:
        with said_plainly():
            send = partial(_send, settings, verifies=verifies, key=key)
            _say(import_mail(settings, imap, source, password, limit, send))
        return
    found: list[Received] = []
    for file in files or ():
        try:
            documents = FORMATS[form](file.read_bytes(), source)
            for number, document in enumerate(documents, start=1):
                try:
                    found.append(received(document))
                except ValueError as error:
                    raise ValueError(f"event {number}: {error}") from error
        except ValueError as error:
            err.print(f"[red]centralino:[/red] {escape(f'{file}: {error}')}; nothing was imported", soft_wrap=True)
            raise typer.Exit(1) from None
    with said_plainly():
        counts = asyncio.run(_send(settings, found, verifies, key))
    _say(counts)


def _say(counts: dict[str, int]) -> None:
    out.print(", ".join(f"{count} {what}" for what, count in counts.items()))
    if counts["conflict"]:
        err.print("in conflict: the history has other events with the same source and id, and keeps those")
        raise typer.Exit(1)


async def _send(settings: Settings, events: list[Received], verifies: bool, key: str) -> dict[str, int]:
    counts = {"stored": 0, "duplicate": 0, "conflict": 0}
    database = settings.history_database()
    if database.shared or writer_of(settings.history_path) is None:
        journal = await Journal.open(database, node=node_of_command())
        try:
            for at in range(0, len(events), MAX_BATCH):
                for result in await journal.receive(events[at : at + MAX_BATCH], trusted=verifies):
                    one = "conflict" if isinstance(result, EventConflict) else "stored" if result else "duplicate"
                    counts[one] += 1
        finally:
            await journal.close()
        return counts
    if not key:
        raise HistoryUnavailable(
            "the server runs, and alone writes the history: give the source's key with --key or CENTRALINO_EVENTS_KEY "
            "(centralino history source-add NAME), or stop the server"
        )
    async with httpx.AsyncClient(
        base_url=settings.own_url, timeout=60, headers={"Authorization": f"Bearer {key}"}
    ) as c:
        for batch in _batches(events):
            body = json.dumps([event.event for event in batch], ensure_ascii=False).encode()
            answer = await c.post("/api/events", content=body)
            if answer.status_code not in (200, 409):
                detail = answer.json().get("detail", {}) if "json" in answer.headers.get("content-type", "") else {}
                why = detail.get("message", answer.reason_phrase)
                raise HistoryUnavailable(f"the server answered {answer.status_code}: {why}; {counts['stored']} stored")
            for receipt in answer.json()["events"]:
                counts[receipt["status"]] += 1
    return counts


def _batches(events: list[Received]) -> list[list[Received]]:
    batches: list[list[Received]] = [[]]
    size = 0
    for event in events:
        length = len(json.dumps(event.event, ensure_ascii=False).encode()) + 2
        if batches[-1] and (len(batches[-1]) == MAX_BATCH or size + length > POSTED_BYTES):
            batches.append([])
            size = 0
        batches[-1].append(event)
        size += length
    return batches if batches[0] else []


def source_add(
    name: Annotated[str, typer.Argument(help="Of the system; the `source` of its events is this, or 'NAME/…'.")],
    verifies: Annotated[bool, typer.Option("--verifies", help="It proves whose an address is; believe it.")] = False,
) -> None:
    """A key with which a system sends events to `POST /api/events`. It is shown once; an earlier one stops working."""
    try:
        key = with_accounts(lambda accounts: accounts.event_sources.create(name, verifies=verifies))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    out.print(key, soft_wrap=True, highlight=False)


def source_list() -> None:
    """The systems that may send events."""
    table = Table("name", "proves addresses")
    for one in with_accounts(lambda accounts: accounts.event_sources.all()):
        table.add_row(one.name, "yes" if one.verifies else "no")
    out.print(table)


def source_revoke(name: Annotated[str, typer.Argument(help="Of the source.")]) -> None:
    """End a source's key; what it sent stays."""
    known = with_accounts(lambda accounts: accounts.event_sources.revoke(name))
    out.print(f"{name}: revoked" if known else f"there is no source {name!r}; see: centralino history source-list")
