"""`centralino flows`: what is wrong with a flowbook before callers find out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from centralino.commands.console import err, out
from centralino.company import load_company
from centralino.logs import set_up_logs
from centralino.settings import SettingsError, load_settings
from centralino.unknown_words import Unknown, unknown_words
from dialogs.flowbook import Flowbook
from dialogs.loading import load_flowbook
from dialogs.problems import FlowbookErrors, Located
from knowledge.articles import ArticlesUnreadable
from voice.listening.workers import Recognizers, RecognizersUnavailable
from voice.models import EngineChoice, ModelStore, choose_engine
from voice.speaking import ssml

app = typer.Typer(help="Flowbooks: check them.", no_args_is_help=True)


@app.callback()
def flows() -> None:
    pass


@dataclass(frozen=True)
class _Read:
    """What is to be checked. articles: their folder. engines: language → the recognizer it must have, None for any."""

    book: Flowbook
    articles: Path | None
    engines: Mapping[str, str | None]


@app.command()
def check(
    target: Annotated[
        Path, typer.Argument(metavar="BOOK|COMPANY", exists=True, help="A flowbook, or the folder of a company.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """All errors and warnings, and the words that a line's Vosk model does not know. Exit code 1 when there are errors.

    A flowbook beside a company.toml is checked with that company's lines and articles, one alone by its languages.
    """
    set_up_logs("text", "error")
    try:
        read = _read(target.absolute())
        unknown, notes = asyncio.run(_unknown(read, ModelStore(load_settings().cache_dir)))
    except (FlowbookErrors, ArticlesUnreadable, SettingsError, RecognizersUnavailable) as error:
        errors = _told(error)
        if as_json:
            print(json.dumps({"ok": False, "errors": errors}, ensure_ascii=False))
        else:
            for line in str(error).splitlines():
                out.print(f"error: {line}", markup=False, soft_wrap=True)
            err.print(f"{len(errors)} errors")
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps(_json(read, unknown, notes), ensure_ascii=False))
        return
    for text in (*map(str, read.book.warnings), *map(_line, unknown), *(f"note: {note}" for note in notes)):
        out.print(text, markup=False, soft_wrap=True)
    out.print(f"{read.book.id} {read.book.revision}: no errors, {len(read.book.warnings)} warnings, "
              f"{len(unknown)} words that a recognizer does not know", soft_wrap=True)  # fmt: skip


def _read(target: Path) -> _Read:
    folder, file = (target, None) if target.is_dir() else (target.parent, target)
    if file and not (folder / "company.toml").is_file():
        book = load_flowbook(file, ssml.fault)
        return _Read(book, None, dict.fromkeys(book.codes))
    company = load_company(folder, file)
    return _Read(company.book, company.articles, company.engines)


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


def _told(error: Exception) -> list[dict[str, Any]]:
    match error:
        case FlowbookErrors():
            return [_located(one) for one in error.errors]
        case ArticlesUnreadable():
            return [{"message": fault} for fault in error.faults]
    return [{"message": str(error)}]


def _located(one: Located) -> dict[str, Any]:
    return {"file": one.file, "line": one.line, "place": one.place, "message": one.message}


def _json(read: _Read, unknown: list[Unknown], notes: list[str]) -> dict[str, Any]:
    words = [
        {
            "language": one.language,
            "model": one.model,
            "word": one.word,
            "places": [{"file": place.file, "line": place.line, "place": place.what} for place in one.places],
        }
        for one in unknown
    ]
    return {
        "ok": True,
        "flowbook": read.book.id,
        "revision": read.book.revision,
        "errors": [],
        "warnings": [_located(one) for one in read.book.warnings],
        "unknown_words": words,
        "notes": notes,
    }
