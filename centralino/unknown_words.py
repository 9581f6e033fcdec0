"""Words that a company hopes to hear and that its recognizers' models do not have: Vosk can never write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from dialogs.expected_words import Expected, of_articles, of_flowbook
from dialogs.flowbook import Flowbook
from voice.listening.workers import Recognizers
from voice.models import EngineChoice


@dataclass(frozen=True)
class Unknown:
    """A word that the model does not have, with all places where it is written."""

    language: str
    model: str
    word: str
    places: tuple[Expected, ...]


async def unknown_words(
    book: Flowbook, articles: Path | None, recognizers: Recognizers, choices: Iterable[EngineChoice]
) -> list[Unknown]:
    """Asks the workers of `recognizers`, which have the models: nothing is loaded for it.

    choices: with which it was started. Raises RecognizersUnavailable.
    """
    found = []
    for choice in choices:
        if choice.engine != "vosk":
            continue
        expected = [*of_flowbook(book, choice.language), *(of_articles(articles, choice.language) if articles else ())]
        by_word = _by_word(expected)
        unknown = await recognizers.unknown(choice.language, by_word)
        found += [Unknown(choice.language, choice.model, word, by_word[word]) for word in unknown]
    return found


def _by_word(expected: Iterable[Expected]) -> Mapping[str, tuple[Expected, ...]]:
    ordered = sorted(expected, key=lambda one: (one.word, one.file, one.line))
    return {word: tuple(dict.fromkeys(places)) for word, places in groupby(ordered, key=lambda one: one.word)}
