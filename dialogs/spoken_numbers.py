"""Numbers as they are said: "quarantasette dodici novanta", "double oh seven", "사칠일", "47-12 90".

One grammar serves every language; the words come from `dialogs/languages/*/words.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from dialogs.languages import Language, NumberWords, language
from dialogs.normalizing import normalise, without, without_points

_GROUPED = re.compile(r"\d{1,3}([.,]\d{3})+")
_TOO_LONG = 64
"""A single word longer than this is no number: the search for its morphemes stays short."""

_LONGEST_NUMBER = 15
"""Digits of the longest whole number that is understood; more is noise."""


_LONGEST_ENDING = 24
"""Characters that a number at the end of a sentence without spaces may have."""
_MAGNITUDES = (10**12, 10**9, 10**8, 10**6, 10**4, 1000, 100, 10)
_SMALLER = dict(pairwise(_MAGNITUDES))
_GREATEST = _MAGNITUDES[0]


@dataclass(frozen=True)
class Heard:
    """digits: each number of the utterance as digits, in order. only_numbers: nothing else but politeness was said."""

    digits: tuple[str, ...]
    only_numbers: bool


@dataclass(frozen=True)
class _Morpheme:
    kind: str
    value: int
    text: str = ""


@cache
def _lexicon(code: str) -> dict[str, _Morpheme]:
    words: NumberWords = language(code).numbers
    found: dict[str, _Morpheme] = {}
    for kind, table in (
        ("elided", words.elided),
        ("magnitude", words.magnitudes),
        ("tens", words.tens),
        ("teen", words.teens),
        ("unit", words.units),
        ("repeat", words.repeats),
    ):
        found.update({word: _Morpheme(kind, value) for word, value in table.items()})
    found.update({word: _Morpheme("ignored", 0) for word in words.ignored})
    return found


def warm_up(code: str) -> None:
    """Read the words of a language (some 50 ms), so that no call has to."""
    _lexicon(code)


def _split(word: str, code: str, splits: bool) -> list[_Morpheme] | None:
    """The morphemes that make up `word`, longest first; None when it is no number word."""
    lexicon = _lexicon(code)
    if len(word) > _TOO_LONG:
        return None
    if not splits:
        return [lexicon[word]] if word in lexicon and lexicon[word].kind != "elided" else None
    dead_ends: set[int] = set()

    def rest(start: int) -> list[_Morpheme] | None:
        if start == len(word):
            return []
        if start in dead_ends:
            return None
        for end in range(len(word), start, -1):
            morpheme = lexicon.get(word[start:end])
            if morpheme is None or (morpheme.kind == "elided" and end == len(word)):
                continue
            following = rest(end)
            if following is not None:
                return [morpheme, *following]
        dead_ends.add(start)
        return None

    return rest(0)


class _Reader:
    """Recursive descent over morphemes: the longest number that starts here."""

    def __init__(self, morphemes: Sequence[_Morpheme], hundreds_to: int) -> None:
        self.hundreds_to = hundreds_to
        self.items = [m for m in morphemes if m.kind != "ignored"]
        self.at = 0

    def _take(self, *kinds: str) -> _Morpheme | None:
        if self.at < len(self.items) and self.items[self.at].kind in kinds:
            self.at += 1
            return self.items[self.at - 1]
        return None

    def _below(self, magnitude: int) -> int | None:
        """A number made of parts smaller than `magnitude`."""
        smaller = _SMALLER.get(magnitude)
        if smaller is None:
            return self._simple()
        start = self.at
        before = self._below(smaller)
        if before == 0:
            return 0
        item = self.items[self.at] if self.at < len(self.items) else None
        is_magnitude = item is not None and item.value == smaller and item.kind in ("magnitude", "elided")
        if (
            before is not None and smaller <= 100 and before > (self.hundreds_to if smaller == 100 else 9)
        ):  # "ventotto cento" is two numbers
            is_magnitude = False
        if not is_magnitude:
            if before is None:
                self.at = start
            return before
        self.at += 1
        after_start = self.at
        after = self._below(smaller)
        if after == 0 or after is None:  # "cento zero" is two numbers
            self.at = after_start
            after = 0
        return (1 if before is None else before) * smaller + after

    def _is_counted(self) -> bool:
        """Whether written digits stand before a magnitude, as in "3 mila" or "1만 5천"."""
        here, following = self.items[self.at], self.items[self.at + 1 : self.at + 2]
        return here.text.isdecimal() and len(here.text) < 5 and bool(following) and following[0].kind == "magnitude"

    def _simple(self) -> int | None:
        if self.at < len(self.items) and self.items[self.at].kind == "digits" and self._is_counted():
            self.at += 1
            return int(self.items[self.at - 1].text)
        if (teen := self._take("teen")) is not None:
            return teen.value
        if (
            self.at < len(self.items)
            and self.items[self.at].kind in ("tens", "elided")
            and self.items[self.at].value < 100
        ):
            tens = self.items[self.at].value
            self.at += 1
            following = self.items[self.at] if self.at < len(self.items) else None
            if following is not None and following.kind == "unit" and following.value > 0:
                self.at += 1
                return tens + following.value
            return tens
        unit = self._take("unit")
        return None if unit is None else unit.value

    def numbers(self) -> list[str]:
        """Every number as digits; "doppio zero" is "00"."""
        found: list[str] = []
        while self.at < len(self.items):
            if self.items[self.at].kind == "digits" and not self._is_counted():
                found.append(self.items[self.at].text)
                self.at += 1
            elif (repeat := self._take("repeat")) is not None:
                unit = self._take("unit")
                if unit is not None:
                    found.append(str(unit.value) * repeat.value)
            else:
                value = self._below(_GREATEST)
                if value is None:
                    self.at += 1
                else:
                    found.append(str(value))
        return found


def hear_numbers(text: str, code: str) -> Heard:
    """The numbers in an utterance."""
    words: Language = language(code)
    bare = normalise(text)
    if words.spaces:
        bare = without(bare, words.fillers, spaces=True)
    morphemes: list[_Morpheme] = []
    only_numbers = True
    for token in bare.split():
        pieces = re.findall(r"\d[\d.,]*|[^\d]+", token)
        for piece in pieces:
            if piece[0].isdecimal():  # "❶" is a digit, but no number
                morphemes.append(_Morpheme("digits", 0, piece))
                continue
            split = _split(piece, code, splits=not words.spaces or bool(words.numbers.elided))
            if split is None:
                only_numbers = False
            else:
                morphemes.extend(split)
    return Heard(tuple(_Reader(morphemes, words.numbers.hundreds_to).numbers()), only_numbers)


def ending_number(said: str, code: str) -> int | None:
    """The whole number that `said` ends with, None when it ends with none: for languages written without spaces."""
    for start in range(max(0, len(said) - _LONGEST_ENDING), len(said)):
        heard = hear_numbers(said[start:], code)
        if heard.only_numbers and len(heard.digits) == 1 and heard.digits[0].isdecimal():
            return int(heard.digits[0])
    return None


def hear_digits(text: str, code: str) -> Heard:
    """The utterance as digits dictated one by one or in groups; `digits` are the groups."""
    heard = hear_numbers(text, code)
    return Heard(tuple(_ascii(without_points(group)) for group in heard.digits), heard.only_numbers)


def hear_number(text: str, code: str) -> int | None:
    """The one whole number that was said, None when there is none, several, or a fraction."""
    heard = hear_numbers(text, code)
    if not heard.digits:
        return None
    if len(heard.digits) > 1:
        if len(heard.digits) <= _LONGEST_NUMBER and all(
            len(group) == 1 for group in heard.digits
        ):  # "uno due zero zero"
            return int("".join(heard.digits))
        return None
    number = heard.digits[0]
    if "." in number or "," in number:
        if not _GROUPED.fullmatch(number):
            return None
        number = without_points(number)
    return int(number) if len(number) <= _LONGEST_NUMBER else None


def _ascii(digits: str) -> str:
    return "".join(str(int(digit)) for digit in digits if digit.isdecimal())


def spell_digits(digits: str, code: str) -> str:
    """`digits` in words, by threes, so that any voice reads them one by one: "quattro sette uno, due nove zero"."""
    words = language(code).numbers.digits
    spoken = [words[int(digit)] if digit.isdecimal() else digit for digit in digits]
    return ", ".join(" ".join(spoken[start : start + 3]) for start in range(0, len(spoken), 3))
