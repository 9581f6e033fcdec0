"""`centralino flows`: what is wrong with a flowbook before callers find out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from centralino.commands import flow_publishing, flow_revisions, flow_tests, simulating
from centralino.commands.console import err, out
from centralino.company import load_company
from centralino.flow_reports import as_json as report_json
from centralino.flow_reports import of_words, told, with_paths
from centralino.logs import set_up_logs
from centralino.settings import SettingsError, load_settings
from centralino.unknown_words import Unknown, unknown_words
from dialogs.flowbook import Flowbook
from dialogs.loading import confusable, load_flowbook
from dialogs.problems import FlowbookErrors, Located
from dialogs.sarif import sarif
from dialogs.schema import json_schema
from knowledge import Confusion
from knowledge.articles import ArticlesUnreadable
from voice.listening.workers import Recognizers, RecognizersUnavailable
from voice.models import EngineChoice, ModelStore, choose_engine
from voice.speaking import ssml

app = typer.Typer(help="Flowbooks: check, test, draft and publish them.", no_args_is_help=True)


app.command("test")(flow_tests.run)
app.command()(simulating.simulate)
app.command("list")(flow_revisions.list_flowbooks)
for _command in (
    *(flow_publishing.draft, flow_publishing.publish, flow_publishing.rollback),
    *(flow_revisions.revisions, flow_revisions.show, flow_revisions.diff, flow_revisions.audit),
):
    app.command()(_command)


@app.callback()
def flows() -> None:
    pass


@dataclass(frozen=True)
class _Read:
    """What is to be checked. articles: their folder. engines: language → the recognizer it must have, None for any.
    confusions: of its intents, as training found
    them; a flowbook alone is not trained."""

    book: Flowbook
    articles: Path | None
    engines: Mapping[str, str | None]
    confusions: tuple[Confusion, ...] = ()


@app.command()
def check(
    target: Annotated[
        Path, typer.Argument(metavar="BOOK|COMPANY", exists=True, help="A flowbook, or the folder of a company.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for editors and code hosts.")] = False,
) -> None:
    """All errors and warnings, and the words that a line's Vosk model does not know. Exit code 1 when there are errors.

    A flowbook beside a company.toml is checked with that company's lines and articles, one alone by its languages.
    """
    set_up_logs("text", "error")
    path = target.absolute()
    book: Flowbook | None = None
    unknown: list[Unknown] = []
    notes: list[str] = []
    try:
        read = _read(path)
        unknown, notes = asyncio.run(_unknown(read, ModelStore(load_settings().cache_dir)))
    except (FlowbookErrors, ArticlesUnreadable, SettingsError, RecognizersUnavailable) as error:
        problems = told(error)
    else:
        book = read.book
        problems = sorted([*book.warnings, *confusable(book, read.confusions)], key=lambda one: (one.line, one.column))
    if as_sarif:
        located = with_paths([*problems, *of_words(unknown)], path)
        print(json.dumps(sarif(located, version("centralino")), ensure_ascii=False))
    elif as_json:
        print(json.dumps(report_json(book, problems, unknown, notes), ensure_ascii=False))
    else:
        _print(book, problems, unknown, notes)
    if book is None:
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """The JSON Schema of flowbooks, for editors that complete and check YAML while it is written."""
    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def _print(book: Flowbook | None, problems: list[Located], unknown: list[Unknown], notes: list[str]) -> None:
    errors = [one for one in problems if not one.is_warning]
    for one in errors:
        out.print(f"error: {one}" if one.file else f"error: {one.message}", markup=False, soft_wrap=True)
    warnings = [str(one) for one in problems if one.is_warning]
    for text in (*warnings, *map(_line, unknown), *(f"note: {note}" for note in notes)):
        out.print(text, markup=False, soft_wrap=True)
    if book is None:
        err.print(f"{len(errors)} errors")
    else:
        out.print(f"{book.id} {book.revision}: no errors, {len(warnings)} warnings, "
                  f"{len(unknown)} words that a recognizer does not know", soft_wrap=True)  # fmt: skip


def _read(target: Path) -> _Read:
    folder, file = (target, None) if target.is_dir() else (target.parent, target)
    if file and not (folder / "company.toml").is_file():
        book = load_flowbook(file, ssml.fault)
        return _Read(book, None, dict.fromkeys(book.codes))
    company = load_company(folder, file)
    learned = next((line.understanding.confusions for line in company.lines if line.book.id == company.book.id), ())
    return _Read(company.book, company.articles, company.engines, learned)


async def _unknown(read: _Read, store: ModelStore) -> tuple[list[Unknown], list[str]]:
    """The words, and what could not be looked at."""
    vosk: list[EngineChoice] = []
    notes = []
    for language, engine in read.engines.items():
        choice = choose_engine(language, store, engine)
        if choice.engine == "vosk" and store.has(choice.model):
            vosk.append(choice)
        elif choice.engine == "vosk":
            notes.append(
                f"the words of '{language}' were not checked: {choice.model} is not here "
                f"(centralino models fetch {choice.model})"
            )
    if not vosk:
        return [], notes
    recognizers = Recognizers(store, workers=1)
    await recognizers.start(vosk)
    try:
        return await unknown_words(read.book, read.articles, recognizers, vosk), notes
    finally:
        await recognizers.close()


def _line(unknown: Unknown) -> str:
    first, *others = unknown.places
    also = f"; also {', '.join(f'{one.file}:{one.line}' for one in others[:4])}" if others else ""
    more = f" and {len(others) - 4} more" if len(others) > 4 else ""
    model = f"{unknown.model} does not know {unknown.word!r}"
    return f"{first.file}:{first.line}: warning: {first.what}: {model}{also}{more}"
