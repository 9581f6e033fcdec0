"""Words worth expecting correct near-misses: 'quanto costa la sedizione' is about the 'spedizione' of the articles.

Only a word is touched that nobody expects: neither one of the company's own nor a common one of the language. It
becomes an expected word that sounds almost the same, or the expected words that it was run together from.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from voice.listening.phonetics import SOUNDS, alike
from voice.listening.recognizer import Recognition, Word

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_SHORTEST = {"ko": 2}
_SHORTEST_ELSEWHERE = 5
"""Letters (in Korean: syllables) of a word that can be corrected: shorter ones are like too many others."""
_LEAST = 0.86
"""Least likeness. Measured: 'sedizione' 0.90, 'negocio' 0.93, 'ricievuto' 0.89 were meant; 'sedazione' 0.85 was not."""
_LEAST_SHORT = 0.92
_SHORT_SOUNDS = 6
"""In so short a word another vowel makes another word."""
_LEAST_JOINED = 0.93
"""Two words that make one by chance are more common than one word that was torn."""
_MARGIN = 0.03
"""A second word as like as that, with another beginning, makes it a guess: nothing is changed."""
_LONGEST_ENDING = 2
_BEGINNINGS = frozenset(["con", "per", "tra", "fra", "sotto", "sopra", "for", "under", "over", "out", "with"])
"""Words that other words begin with: 'contesto' is not 'con testo'."""
_SURE = 0.95
"""A word that the recognizer itself is so sure of stays."""


@dataclass(frozen=True)
class Change:
    """What was heard, what is thought to be meant, and how alike they sound (0..1)."""

    heard: str
    meant: str
    score: float


@dataclass(frozen=True)
class Corrected:
    text: str
    changes: tuple[Change, ...] = ()


class Hints:
    """One language's expected words. Built once for a line; reading it is thread-safe.

    phrases: what callers may say, whose words are worth expecting. known: further texts whose words are right as they
    are. A language without phonetics corrects nothing.
    """

    def __init__(self, language: str, phrases: Iterable[str], known: Iterable[str] = ()) -> None:
        self.language = language.split("-")[0].lower()
        sounds = SOUNDS.get(self.language)
        self._sounds = sounds or str
        self._shortest = _SHORTEST.get(self.language, _SHORTEST_ELSEWHERE)
        common = _common().get(self.language, frozenset())
        expected = {word for phrase in phrases for word in _words(phrase)} if sounds else set()
        self._known = common | expected | {word for text in known for word in _words(text)}
        self._own = expected - common
        self._expected = {word: self._sounds(word) for word in sorted(self._own) if len(word) >= self._shortest}

    def __len__(self) -> int:
        """How many words are expected."""
        return len(self._expected)

    def correct(self, text: str, words: Sequence[Word] = ()) -> Corrected:
        """The text with its near-misses put right. words: with the recognizer's confidences, when it gives any."""
        sure = {word.text.lower() for word in words if word.confidence >= _SURE}
        pieces: list[str] = []
        changes: list[Change] = []
        done = 0
        found = list(_WORD.finditer(text))
        skip = False
        for place, match in enumerate(found):
            heard = match.group()
            if (
                skip
                or heard.lower() in self._known
                or heard.lower() in sure
                or len(heard) < 4 - 2 * (self.language == "ko")
            ):
                skip = False
                continue
            following = found[place + 1] if place + 1 < len(found) else None
            previous = found[place - 1] if place else None
            change = self._put_right(heard)
            start, end = match.span()
            if change is None and previous and previous.end() >= done and text[previous.end() : start] == " ":
                change, start = self._joined(previous.group() + heard, text[previous.start() : end]), previous.start()
            if change is None and following and text[match.end() : following.start()] == " ":
                change = self._joined(heard + following.group(), text[match.start() : following.end()])
                start, end, skip = match.start(), following.end(), change is not None
            if change:
                pieces += [text[done:start], change.meant]
                changes.append(change)
                done = end
        return Corrected("".join([*pieces, text[done:]]), tuple(changes))

    def corrected(self, said: Recognition) -> Recognition:
        """A recognition with its text corrected and, if that changed it, as it was heard.

        Words and times stay as they are: they belong to what was heard.
        """
        corrected = self.correct(said.text, said.words)
        return replace(said, text=corrected.text, heard=said.text) if corrected.changes else said

    def _put_right(self, heard: str) -> Change | None:
        return self._nearest(heard, heard) or self._split(heard)

    def _joined(self, together: str, heard: str) -> Change | None:
        """Two words that are one: 'di venta' is 'diventa'."""
        return self._nearest(together, heard, _LEAST_JOINED)

    def _nearest(self, spoken: str, heard: str, least: float = _LEAST) -> Change | None:
        spoken = spoken.lower()
        if len(spoken) < self._shortest:
            return None
        sounds = self._sounds(spoken)
        if len(sounds) <= _SHORT_SOUNDS:
            least = max(least, _LEAST_SHORT)
        near = ((alike(sounds, other, least), word) for word, other in self._expected.items())
        scored = sorted((pair for pair in near if pair[0]), reverse=True)
        if not scored:
            return None
        best, meant = scored[0]
        if best < least or self._inflected(spoken, meant):
            return None
        rivals = [word for score, word in scored[1:6] if best - score < _MARGIN and word[:4] != meant[:4]]
        return None if rivals else Change(heard, _cased(meant, heard), round(best, 3))

    def _inflected(self, spoken: str, meant: str) -> bool:
        """Another form of the same word is no mishearing: 'libro' and 'libri', 'order' and 'orders'."""
        if self.language == "en" and (spoken.startswith(meant) or meant.startswith(spoken)):
            return True
        stem = max(len(spoken), len(meant)) - _LONGEST_ENDING
        return self.language != "ko" and stem > 0 and spoken[:stem] == meant[:stem] and spoken[-1] != meant[-1]

    def _split(self, heard: str) -> Change | None:
        """Words run together: 'piùrate' is 'più rate'. All parts must be known, one of them expected."""
        if self.language == "ko":
            return None
        spoken = heard.lower()
        for at in range(3, len(spoken) - 2):
            left, right = spoken[:at], spoken[at:]
            if left not in _BEGINNINGS and {left, right} <= self._known and {left, right} & self._own:
                return Change(heard, _cased(f"{left} {right}", heard), 1.0)
        return None


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _cased(meant: str, heard: str) -> str:
    return meant.capitalize() if heard[:1].isupper() and not heard.isupper() else meant


@cache
def _common() -> dict[str, frozenset[str]]:
    data = tomllib.loads(files(__package__).joinpath("common_words.toml").read_text("utf-8"))
    return {language: frozenset(" ".join(lists).split()) for language, lists in data["words"].items()}
