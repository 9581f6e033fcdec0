"""The words that a flowbook and its articles hope to hear, and where each of them is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from dialogs.flowbook import Flowbook
from dialogs.problems import Path, place
from dialogs.slots import ChoiceSlot, Slot
from dialogs.source import Source
from dialogs.steps.answer import KnowledgeStep
from dialogs.walking import every_step

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True)
class Expected:
    """A word and one place where it stands. what: that place in words. Of grammars the word is as it is written there,
    of phrasings (by which near-misses are corrected) in lower case."""

    word: str
    file: str
    line: int
    what: str


def of_flowbook(book: Flowbook, code: str) -> Iterator[Expected]:
    """Its grammars, the phrases of its slots, its intents' phrasings, in language `code`."""
    for index, phrase in enumerate(book.grammars.get(code, ())):
        yield from _in_grammar(book, ("grammars", code, index), phrase)
    for at, step in every_step(book.flows):
        if isinstance(step, KnowledgeStep):
            for index, phrase in enumerate(step.question.grammar.get(code, ())):
                yield from _in_grammar(book, ("flows", *at, step.keyword, "grammar", code, index), phrase)
        for name, slot in step.slots().items():
            here: Path = ("flows", *at, "fill", name)
            if isinstance(slot, ChoiceSlot):
                for option, said in slot.options.items():
                    for index, phrase in enumerate(said.say.get(code, ())):
                        yield from _in_grammar(book, (*here, "options", option, "say", code, index), phrase)
            elif isinstance(slot, Slot):
                for phrase in slot.phrases(code):
                    yield from _in_grammar(book, here, phrase)
    for name, phrasings in book.intents.items():
        for index, phrasing in enumerate(phrasings.get(code, ())):
            path: Path = ("intents", name, code, index)
            for word in _words(phrasing):
                yield Expected(word, book.file, book.line_of(path), f"intents.{name}.{code}")


def of_articles(folder: FilePath, code: str) -> Iterator[Expected]:
    """The titles and phrasings of articles that were loaded from `folder`."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml")):
        source = Source(path.read_text(encoding="utf-8"))
        listed = isinstance(source.data, list)
        for number, article in enumerate(source.data if listed else [source.data]):
            at: Path = (number,) if listed else ()
            texts: list[tuple[Path, object]] = [(("title", code), article["title"].get(code, ""))]
            texts += [(("phrasings", code, n), text) for n, text in enumerate(article["phrasings"].get(code, ()))]
            for where, text in texts:
                for word in _words(str(text)):
                    line = source.line((*at, *where))
                    yield Expected(word, str(path.relative_to(folder.parent)), line, f"article {article['id']!r}")


def _in_grammar(book: Flowbook, path: Path, phrase: str) -> Iterator[Expected]:
    for word in phrase.split():
        yield Expected(word, book.file, book.line_of(path), place(path[:2]) if path[0] == "grammars" else place(path))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
