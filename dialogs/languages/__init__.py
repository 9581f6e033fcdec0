"""What the dialog knows of each language: words, never code. A new language is a folder with a `words.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from dialogs.normalizing import normalise


@dataclass(frozen=True)
class Phrases:
    """How a command is said. whole: the whole utterance, politeness aside. within: anywhere in it."""

    whole: frozenset[str]
    within: frozenset[str]
    listed: tuple[str, ...]
    """Both as written in the data, for a recognizer's grammar."""


@dataclass(frozen=True)
class NumberWords:
    """The morphemes that spoken numbers are made of; each maps a normalised word to its value.

    units 1-9 and 0 stand alone or follow tens; teens stand alone; tens may take a unit; `elided` are forms that only
    occur before another morpheme (vent-uno); magnitudes multiply what stands before (cento, mila, 십); repeats double
    the digit that follows (doppio zero); ignored may stand between (and, 번).
    """

    units: dict[str, int]
    teens: dict[str, int]
    tens: dict[str, int]
    elided: dict[str, int]
    magnitudes: dict[str, int]
    repeats: dict[str, int]
    ignored: frozenset[str]
    hundreds_to: int
    """What may stand before "hundred": 9, but in English "twelve hundred" is said, too."""
    digits: tuple[str, ...]
    """How 0-9 are said when a number is read back digit by digit."""


@dataclass(frozen=True)
class Language:
    """One language's words, normalised. spaces: whether a space separates words reliably (in Korean it does not)."""

    code: str
    spaces: bool
    fillers: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    yes_no_listed: tuple[str, ...]
    commands: dict[str, Phrases]
    numbers: NumberWords
    ordinals: tuple[tuple[str, ...], ...]
    last: tuple[str, ...]
    none_of_them: tuple[str, ...]
    closing: tuple[str, ...]
    closing_listed: tuple[str, ...]
    conjunction_or: str
    call_me_back: tuple[str, ...]
    call_me_back_listed: tuple[str, ...]
    not_taken: str
    """Said to a caller who waits, where a flowbook has no words for it: who was asked does not take the call."""
    machine: tuple[str, ...]
    """What only answering machines and networks say."""
    clause_starts: frozenset[str]
    """Words that an answer within a longer sentence begins with; clause_ends: with which words end there."""
    clause_ends: tuple[str, ...]
    corrections: tuple[str, ...]
    """How a correction begins, longest first: "no, volevo dire"."""


def known_languages() -> tuple[str, ...]:
    """The codes that have data, sorted."""
    return tuple(
        sorted(entry.name for entry in resources.files(__name__).iterdir() if (entry / "words.yaml").is_file())
    )


@cache
def language(code: str) -> Language:
    """The words of `code`. Raises LookupError naming the known codes."""
    file = resources.files(__name__) / code / "words.yaml"
    if not file.is_file():
        raise LookupError(f"no words for language {code!r}; known: {', '.join(known_languages())}")
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    numbers = data["numbers"]

    def all_of(phrases: list[str]) -> tuple[str, ...]:
        return tuple(normalise(str(phrase)) for phrase in phrases)

    def values(table: dict[str, int] | None) -> dict[str, int]:
        return {normalise(str(word)): int(value) for word, value in (table or {}).items()}

    return Language(
        code=code,
        spaces=bool(data["spaces"]),
        fillers=tuple(sorted(all_of(data["fillers"]), key=len, reverse=True)),
        yes=all_of(data["yes"]),
        no=all_of(data["no"]),
        yes_no_listed=tuple(data["yes"]) + tuple(data["no"]),
        commands={
            name: Phrases(
                frozenset(all_of(said.get("whole", []))),
                frozenset(all_of(said.get("within", []))),
                tuple(said.get("whole", [])) + tuple(said.get("within", [])),
            )
            for name, said in data["commands"].items()
        },
        numbers=NumberWords(
            units=values(numbers["units"]),
            teens=values(numbers.get("teens")),
            tens=values(numbers.get("tens")),
            elided=values(numbers.get("elided")),
            magnitudes=values(numbers["magnitudes"]),
            repeats=values(numbers.get("repeats")),
            ignored=frozenset(all_of(numbers.get("ignored", []))),
            hundreds_to=int(numbers.get("hundreds_to", 9)),
            digits=tuple(numbers["digits"]),
        ),
        ordinals=tuple(all_of(words) for words in data["ordinals"]),
        last=all_of(data["last"]),
        none_of_them=all_of(data["none_of_them"]),
        closing=tuple(sorted(all_of(data["closing"]), key=len, reverse=True)),
        closing_listed=tuple(data["closing"]),
        conjunction_or=data["or"],
        call_me_back=all_of(data["call_me_back"]),
        call_me_back_listed=tuple(data["call_me_back"]),
        not_taken=str(data["not_taken"]),
        machine=all_of(data.get("machine", [])),
        clause_starts=frozenset(all_of(data["clause_starts"])),
        clause_ends=all_of(data["clause_ends"]),
        corrections=tuple(sorted(all_of(data["corrections"]), key=len, reverse=True)),
    )
