"""Codes of letters and digits: a codice fiscale, an IBAN, spelled in any way. Both have check characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from codicefiscale import codicefiscale
from schwifty import IBAN

from history.redaction.readings import Reading, digits, filler, letters
from history.redaction.runs import MOST_TURNS_BETWEEN
from history.redaction.tokens import Token

_FISCAL = "LLLLLLDDLDDLDDDL"
_OMOCODIA = frozenset("lmnpqrstuv")
"""Letters that stand for digits where two people would have the same code."""
_NAME = re.compile(r"[^aeiou\d]{0,3}[aeiou]{0,3}x{0,2}")
"""How the three letters of a name are taken: consonants, then vowels, then X."""
_SURELY = 6
"""Characters from which a word in between ("poi l'anno") does not end a code."""
_MOST_SKIPPED = 4
_MOST_TRIED = 400
"""Readings that are followed from one place: most places are left after two or three."""


def _may_be_fiscal(chars: str) -> bool:
    if len(chars) > len(_FISCAL) or not (_NAME.fullmatch(chars[:3]) and _NAME.fullmatch(chars[3:6])):
        return False
    for kind, char in zip(_FISCAL, chars, strict=False):
        if not (char.isalpha() if kind == "L" else char.isdecimal() or char in _OMOCODIA):
            return False
    return True


@lru_cache(maxsize=1024)
def is_fiscal(chars: str) -> bool:
    """A codice fiscale with its right check letter. Whether there is such a place of birth is not asked."""
    return len(chars) == 16 and bool(codicefiscale.encode_cin(chars.upper()) == chars[15].upper())


def _looks_fiscal(chars: str) -> bool:
    """One that may have been misheard: the pattern alone."""
    return bool(re.fullmatch(r"[a-z]{6}\d\d[abcdehlmprst]\d\d[a-z]\d{3}[a-z]", chars))


@lru_cache(maxsize=1024)
def _length(country: str) -> int | None:
    """Characters of an IBAN of this country; None where there are none."""
    try:
        return IBAN(country.upper(), allow_invalid=True).spec.iban_length
    except ValueError:
        return None


def _may_be_iban(chars: str) -> bool:
    if len(chars) < 2:
        return chars.isalpha()
    length = _length(chars[:2])
    if length is None or len(chars) > length or not all(char.isdecimal() for char in chars[2:4]):
        return False
    if chars[:2] == "it" and len(chars) > 4:
        return chars[4].isalpha() and all(char.isdecimal() for char in chars[5:15])
    return True


@lru_cache(maxsize=1024)
def is_iban(chars: str) -> bool:
    """An IBAN with right length and check digits."""
    try:
        return len(chars) == _length(chars[:2]) and bool(IBAN(chars.upper()))
    except ValueError:
        return False


def _looks_iban(chars: str) -> bool:
    """One that may have been misheard: country and length alone."""
    return len(chars) == _length(chars[:2])


class Spelled:
    """The codes that a speaker's tokens may spell."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._options: list[list[Reading] | None] = [None] * len(tokens)
        self._left = 5_000 + 10 * len(tokens)

    def fiscal_at(self, at: int) -> tuple[int | None, int | None]:
        """Where the codice fiscale that begins at this token ends: one with a right check letter, and one that only
        looks like it. None: none begins."""
        return self._code_at(at, _may_be_fiscal, is_fiscal, _looks_fiscal)

    def iban_at(self, at: int) -> tuple[int | None, int | None]:
        """The same for an IBAN."""
        return self._code_at(at, _may_be_iban, is_iban, _looks_iban)

    def _code_at(
        self, at: int, may_be: Callable[[str], bool], valid: Callable[[str], bool], alike: Callable[[str], bool]
    ) -> tuple[int | None, int | None]:
        if not any(one.chars and may_be(one.chars) for one in self._at(at)):
            return None, None
        unsure = None
        for tried, (chars, end, skipped) in enumerate(self._spellings(at, may_be)):
            self._left -= 1
            if tried >= _MOST_TRIED or self._left <= 0:
                break
            if valid(chars):
                return end, end
            if unsure is None and not skipped and alike(chars):
                unsure = end
        return None, unsure

    def _spellings(self, begin: int, may_be: Callable[[str], bool]) -> Iterator[tuple[str, int, int]]:
        """Everything that can be read from `begin` on as long as it may become such a code: the characters, where they
        end, and how many words were left out. Readings without such words come first."""
        waiting = [(begin, "", begin, 0)]
        later: list[tuple[int, str, int, int]] = []
        seen = set()
        while waiting or later:
            at, chars, end, skipped = waiting.pop() if waiting else later.pop(0)
            if chars:
                yield chars, end, skipped
            tokens = self._tokens
            if at >= len(tokens) or (at > begin and tokens[at].turn - tokens[at - 1].turn > MOST_TURNS_BETWEEN):
                continue
            options = self._at(at)
            for one in reversed(options):
                longer = chars + one.chars
                place = (at + one.size, longer)
                if (at == begin and not one.chars) or place in seen or not may_be(longer):
                    continue
                seen.add(place)
                waiting.append((*place, at + one.size if one.chars else end, skipped))
            if len(chars) >= _SURELY and skipped < _MOST_SKIPPED and tokens[at].is_word and not digits(tokens, at):
                later.append((at + 1, chars, end, skipped + 1))

    def _at(self, at: int) -> list[Reading]:
        found = self._options[at]
        if found is None:
            tokens = self._tokens
            found = [one for one in digits(tokens, at) if one.chars.isdecimal()] + letters(tokens, at)
            if (between := filler(tokens, at)) is not None:
                found.append(Reading("", between.size))
            self._options[at] = found
        return found
