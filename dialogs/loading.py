"""From a YAML file to a `Flowbook`, or to the list of everything that is wrong in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dialogs.confusing import lint_confusions, lint_phrasings
from dialogs.events import TurnSettings
from dialogs.flowbook import Flowbook
from dialogs.languages.values import values
from dialogs.lint import lint
from dialogs.problems import FlowbookErrors, Located, Path, Problem, place
from dialogs.slot_types import SLOT_TYPES
from dialogs.source import Source
from dialogs.spoken_numbers import warm_up
from dialogs.steps.step import AskingStep
from dialogs.walking import every_step
from knowledge import Confusion

MarkupFault = Callable[[str], str]
"""What is wrong with the tags of a text, '' for nothing."""
TurnsFault = Callable[[TurnSettings], str]
"""What is wrong with a step's settings on the lines that it may be asked on, '' for nothing."""


def text_of(path: FilePath | str) -> str:
    """What the file `path` holds. Raises FlowbookErrors when it is not UTF-8, and OSError."""
    file = FilePath(path)
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FlowbookErrors([Located(file.name, 1, "", f"the file is not UTF-8: {error.reason}")]) from error


def load_flowbook(
    path: FilePath | str, markup_fault: MarkupFault | None = None, turns_fault: TurnsFault | None = None
) -> Flowbook:
    """The flowbook in the file `path`; `warnings` has what is odd but usable.

    markup_fault, turns_fault: dialogs themselves know nothing of speech.

    Raises FlowbookErrors with all that is wrong, and OSError when the file cannot be read.
    """
    return read_flowbook(text_of(path), FilePath(path).name, markup_fault, turns_fault)


def read_flowbook(
    text: str,
    name: str = "flowbook.yaml",
    markup_fault: MarkupFault | None = None,
    turns_fault: TurnsFault | None = None,
    begins_with: Collection[str] = (),
) -> Flowbook:
    """The same from text; `name` stands for the file in errors. begins_with: flows with which calls may begin beside
    its own first one."""
    source = Source(text)
    problems = list(source.problems)
    book = _validated(source, problems) if source.is_readable else None
    if book is not None:
        problems.extend(lint(book, begins_with))
        problems.extend(_wrong_markup(book, markup_fault) if markup_fault else ())
        problems.extend(_wrong_turns(book, turns_fault) if turns_fault else ())
    located = _located(source, problems, name)
    errors = [one for one in located if not one.is_warning]
    if errors or book is None:
        raise FlowbookErrors(errors, [one for one in located if one.is_warning])
    for code in book.codes:  # read now, not in the middle of the first call
        warm_up(code)
        values(code)
    book._revision = hashlib.sha256(text.encode()).hexdigest()[:12]
    book._warnings = tuple(located)
    book._file, book._source = name, source
    return book


def confusable(book: Flowbook, learned: Sequence[Confusion] = ()) -> list[Located]:
    """Warnings for phrasings that lead callers astray (`dialogs.confusing`); not needed to take calls. learned: what
    training found out about the intents (`Understanding.confusions`)."""
    if book._source is None:
        return []
    return _located(book._source, [*lint_phrasings(book), *lint_confusions(book, learned)], book.file)


def _wrong_turns(book: Flowbook, turns_fault: TurnsFault) -> Iterator[Problem]:
    for at, step in every_step(book.flows):
        if isinstance(step, AskingStep) and step.turns and (fault := turns_fault(step.turns.settings)):
            yield Problem(("flows", *at, "turns"), f"turns: {fault}")


def _wrong_markup(book: Flowbook, markup_fault: MarkupFault) -> Iterator[Problem]:
    for key, said in book.texts.items():
        for code, text in said.items():
            if fault := markup_fault(text):
                yield Problem(("texts", key, code), fault)


def _located(source: Source, problems: Iterable[Problem], name: str) -> list[Located]:
    told = {
        Located(
            name,
            source.line(p.path),
            "" if p.path == ("?",) else place(p.path),
            p.message,
            p.is_warning,
            source.column(p.path),
            "" if p.path == ("?",) else ".".join(map(str, p.path)),
            p.rule,
        )
        for p in problems
    }
    return sorted(told, key=lambda one: (one.line, one.place, one.message))


def _validated(source: Source, problems: list[Problem]) -> Flowbook | None:
    """The validated model. Unknown keys are reported and taken out, so that the lint can still tell the rest."""
    try:
        return Flowbook.model_validate(source.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems.extend(Problem(*_told(source, detail), rule="schema") for detail in details)
    extras = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    if not extras:
        return None
    data = deepcopy(source.data)
    for loc in extras:
        _take_out(data, source.path(loc))
    try:
        return Flowbook.model_validate(data)
    except ValidationError:
        return None


def _take_out(data: Any, path: Path) -> None:
    for part in path[:-1]:
        data = data[part]
    data.pop(path[-1], None)


def _told(source: Source, detail: ErrorDetails) -> tuple[Path, str]:
    """Pydantic's error in our words."""
    path = source.path(detail["loc"])
    key = path[-1] if path else ""
    match detail["type"]:
        case "extra_forbidden":
            return path, f"unknown key {key!r}"
        case "missing":
            return path, f"{detail['loc'][-1]!r} is missing"
        case "value_error":
            message = detail["msg"].removeprefix("Value error, ")
        case "union_tag_not_found":
            message = f"'type' is missing: {SLOT_TYPES}"
        case "union_tag_invalid":
            message = f"unknown type {detail['ctx']['tag']!r}: {SLOT_TYPES}"
        case "string_pattern_mismatch":
            message = f"{detail['input']!r} must match {detail['ctx']['pattern']}"
        case _:
            message = f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, not {str(detail['input'])[:60]!r}"
    in_step = path[:1] == ("flows",) and isinstance(key, str) and len(path) > 3
    return path, f"{key}: {message}" if in_step else message
