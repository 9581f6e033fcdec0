"""What `centralino flows check` tells, for machines: one JSON object, or SARIF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from centralino.unknown_words import Unknown
from dialogs.flowbook import Flowbook
from dialogs.problems import FlowbookErrors, Located
from knowledge.articles import ArticlesUnreadable, Fault


def told(error: Exception) -> list[Located]:
    """What keeps a flowbook or a company from being used, as far as possible with its place."""
    match error:
        case FlowbookErrors():
            return [*error.errors, *error.warnings]
        case ArticlesUnreadable():
            return [located(fault) for fault in error.located]
    return [Located("", 1, "", str(error), rule="company")]


def located(fault: Fault) -> Located:
    """A fault of articles, as those of flowbooks are told."""
    place = f"article {fault.article!r}" if fault.article else ""
    return Located(
        fault.file, max(1, fault.line), place, fault.message, fault.is_warning, node=fault.article, rule=fault.rule
    )


def as_json(
    book: Flowbook | None, problems: Sequence[Located], unknown: Sequence[Unknown], notes: Sequence[str]
) -> dict[str, Any]:
    """book: None when there are errors."""
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
        "ok": book is not None,
        "flowbook": book.id if book else "",
        "revision": book.revision if book else "",
        "errors": [entry(one) for one in problems if not one.is_warning],
        "warnings": [entry(one) for one in problems if one.is_warning],
        "unknown_words": words,
        "notes": list(notes),
    }


def entry(one: Located) -> dict[str, Any]:
    """A problem as a JSON object."""
    return {
        "file": one.file,
        "line": one.line,
        "column": one.column,
        "node": one.node,
        "place": one.place,
        "message": one.message,
        "rule": one.rule,
    }


def of_words(unknown: Sequence[Unknown]) -> list[Located]:
    """A warning for each place where a word stands that a recognizer does not know."""
    return [
        Located(
            place.file, place.line, place.what, f"{one.model} does not know {one.word!r}", True, rule="unknown-word"
        )
        for one in unknown
        for place in one.places
    ]


def with_paths(problems: Sequence[Located], target: Path) -> list[Located]:
    """The problems with paths that lead from the working folder to the files, in place of the files' names alone."""
    folder = target if target.is_dir() else target.parent
    here = Path.cwd()

    def path_of(name: str) -> str:
        path = folder / name if name else target
        return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_uri()

    return [replace(one, file=path_of(one.file)) for one in problems]
