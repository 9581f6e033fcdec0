"""Labelled sentences from files: JSON of pairs, CSV of text and intent, CoNLL with comments. The format is sniffed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_MB = 200
_COMMENT = re.compile(r"#\s*(text|intent)\s*[:=]\s*(.*)")
_LANGUAGE = re.compile(r"^([a-z]{2})[._-]")
_TEXT_COLUMNS = ("text", "utterance", "sentence", "query")
_INTENT_COLUMNS = ("intent", "category", "label")


class DataUnreadable(ValueError):
    """A file that is none of the formats, or not whole; the message names it and what was looked for."""


@dataclass(frozen=True)
class Sentence:
    text: str
    intent: str


@dataclass(frozen=True)
class DataSet:
    """parts: as the file has them ('train', 'val'), 'all' when it has none. outside: parts of sentences that are no
    intent at all, by the part of the same name."""

    name: str
    language: str
    parts: Mapping[str, Sequence[Sentence]]
    outside: Mapping[str, Sequence[str]]

    @property
    def intents(self) -> int:
        return len({one.intent for part in self.parts.values() for one in part})


def read_sentences(path: Path, language: str = "") -> DataSet:
    """language: '' takes the two letters that the file's name begins with ('it.valid.conll'), else English.

    Raises DataUnreadable and OSError.
    """
    if path.stat().st_size > LARGEST_MB * 2**20:
        raise DataUnreadable(f"{path} is larger than {LARGEST_MB} MB")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataUnreadable(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    begins = text.lstrip()[:1]
    if begins in ("{", "["):
        parts = _pairs(path, text)
    elif begins == "#":
        parts = {"all": _conll(path, text)}
    else:
        parts = {"all": _table(path, text)}
    named = _LANGUAGE.match(path.name)
    code = language or (named.group(1) if named else "en")
    inside = {name: tuple(part) for name, part in parts.items() if not name.startswith("oos")}
    outside = {
        name.removeprefix("oos").strip("_-") or "all": tuple(one.text for one in part)
        for name, part in parts.items()
        if name.startswith("oos")
    }
    if not any(inside.values()):
        raise DataUnreadable(f"{path} has no sentence with an intent")
    return DataSet(
        path.name if path.parent.name in ("", ".") else f"{path.parent.name}/{path.name}", code, inside, outside
    )


def _pairs(path: Path, text: str) -> dict[str, list[Sentence]]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataUnreadable(f"{path}:{error.lineno}: {error.msg}") from None
    parts: Mapping[str, Any] = data if isinstance(data, dict) else {"all": data}
    return {
        str(name): [_pair(path, str(name), number, one) for number, one in enumerate(part)]
        for name, part in parts.items()
    }


def _pair(path: Path, part: str, number: int, one: Any) -> Sentence:
    match one:
        case [str(text), str(intent)]:
            return Sentence(text, intent)
        case {"text": str(text), "intent": str(intent)}:
            return Sentence(text, intent)
    raise DataUnreadable(
        f'{path}: {part}[{number}] is neither ["text", "intent"] nor an object of both: {str(one)[:60]}'
    )


def _table(path: Path, text: str) -> list[Sentence]:
    first = text.splitlines()[0] if text.strip() else ""
    rows = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in first else ";" if ";" in first else ",")
    names = {str(name).strip().lower(): name for name in rows.fieldnames or ()}
    said = next((names[name] for name in _TEXT_COLUMNS if name in names), None)
    meant = next((names[name] for name in _INTENT_COLUMNS if name in names), None)
    if said is None or meant is None:
        wanted = f"one of {', '.join(_TEXT_COLUMNS)} and one of {', '.join(_INTENT_COLUMNS)}"
        raise DataUnreadable(f"{path}: neither JSON nor CoNLL, and its first line names no columns of a CSV ({wanted})")
    return [Sentence(str(row[said]), str(row[meant])) for row in rows if row[said] and row[meant]]


def _conll(path: Path, text: str) -> list[Sentence]:
    sentences, known = list[Sentence](), dict[str, str]()
    for line in (*text.splitlines(), ""):
        if comment := _COMMENT.match(line):
            known[comment.group(1)] = comment.group(2).strip()
        elif not line.strip():
            if known.get("text") and known.get("intent"):
                sentences.append(Sentence(known["text"], known["intent"]))
            known = {}
    if not sentences:
        raise DataUnreadable(f"{path}: no block has both '# text = …' and '# intent = …'")
    return sentences
