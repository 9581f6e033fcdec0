"""Which words a recognizer should expect on a line: how callers ask, and whatever else the company writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.flowbook import Flowbook
from dialogs.languages import language
from knowledge import KnowledgeBase
from knowledge.phrases import generic_outside


@dataclass(frozen=True)
class Vocabulary:
    """phrases: what callers say, by which near-misses are corrected. texts: whose words are right as they are."""

    phrases: tuple[str, ...]
    texts: tuple[str, ...]


def vocabulary(book: Flowbook, kb: KnowledgeBase, code: str) -> Vocabulary:
    """The words of a flowbook and its articles in language `code`. Built once, when a company is loaded."""
    phrases = [*kb.phrasings().get(code, ())]
    phrases += [line for lines in book.intents.values() for line in lines.get(code, ())]
    phrases += book.grammar(code)
    written = [by.get(code, "") for one in kb.articles.values() for by in (one.title, one.spoken, one.more)]
    texts = [text for text in written if text]
    texts += [said[code] for said in book.texts.values() if code in said]
    texts += [title[code] for title in book.intent_titles.values() if code in title]
    texts += generic_outside().get(code, [])
    texts += _words_of(code)
    return Vocabulary(tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(filter(None, texts))))


def _words_of(code: str) -> Iterator[str]:
    """Everything that the dialog itself listens for: yes and no, commands, numbers, ordinals."""
    words = language(code)
    yield from (*words.fillers, *words.yes, *words.no, *words.last, *words.none_of_them, *words.closing)
    for command in words.commands.values():
        yield from command.listed
    for ordinal in words.ordinals:
        yield from ordinal
    numbers = words.numbers
    for values in (numbers.units, numbers.teens, numbers.tens, numbers.elided, numbers.magnitudes, numbers.repeats):
        yield from values
