"""How alike words sound: a spelling by sounds for each language, and an edit distance that knows what is confused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_ITALIAN = (
    (r"sc(?=[ei])", "S"),
    (r"sci(?=[aou])", "S"),
    (r"[cC]i(?=[aou])", "C"),
    (r"c(?=[ei])", "C"),
    (r"gi(?=[aou])", "G"),
    (r"g(?=[ei])", "G"),
    (r"gn", "N"),
    (r"gli(?=[aeou])", "L"),
    (r"qu", "ku"),
    (r"[cq]", "k"),
    (r"ph", "f"),
    (r"x", "ks"),
    (r"[yj]", "i"),
    (r"w", "u"),
    (r"h", ""),
)
_ENGLISH = (
    (r"^kn", "n"),
    (r"^wr", "r"),
    (r"[td]ion", "Sn"),
    (r"[cs]ion", "Sn"),
    (r"tch|ch", "C"),
    (r"sh", "S"),
    (r"ph", "f"),
    (r"[td]h", "t"),
    (r"ck", "k"),
    (r"igh", "i"),
    (r"gh", ""),
    (r"dg", "G"),
    (r"c(?=[eiy])", "s"),
    (r"[cq]", "k"),
    (r"x", "ks"),
    (r"y", "i"),
    (r"ea|ee|ie|ei", "i"),
    (r"oo|ou|ow", "u"),
    (r"ai|ay", "e"),
    (r"oa", "o"),
    (r"(?<=[aeiou])e$", ""),
    (r"(?<=[^aeiou])e$", ""),
    (r"h", ""),
)
_CONFUSED = 0.5
_VOWELS = "aeiouㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_LIKE_CONSONANTS = (
    "pb", "td", "kg", "fv", "sz", "CG", "Cz", "Gz", "mn", "lr", "nN", "lL", "sS", "CS", "zt",
    "ㄱㄲㅋ", "ㄷㄸㅌ", "ㅂㅃㅍ", "ㅅㅆ", "ㅈㅉㅊ", "ㄴㅁㅇ", "ㄹㄴ", "ㅇㅎ",
)  # fmt: skip
_NEAR = {(a, b) for group in _LIKE_CONSONANTS for a in group for b in group}

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")


def _by_rules(rules: tuple[tuple[str, str], ...]) -> Callable[[str], str]:
    compiled = [(re.compile(pattern), sound) for pattern, sound in rules]

    def spelled(word: str) -> str:
        bare = "".join(sign for sign in unicodedata.normalize("NFD", word.lower()) if sign.isalpha())
        bare = re.sub(r"([a-z])\1", r"\1", bare)
        for pattern, sound in compiled:
            bare = pattern.sub(sound, bare)
        return re.sub(r"(.)\1", r"\1", bare)

    return spelled


def _jamo(word: str) -> str:
    """The letters of each syllable block; an ㅇ that is silent stays, as it marks where a syllable begins."""
    letters = []
    for sign in unicodedata.normalize("NFC", word):
        place = ord(sign) - 0xAC00
        if 0 <= place < 11172:
            letters.append(_INITIALS[place // 588] + _MEDIALS[place % 588 // 28] + _FINALS[place % 28])
    return "".join(letters)


SOUNDS: dict[str, Callable[[str], str]] = {"it": _by_rules(_ITALIAN), "en": _by_rules(_ENGLISH), "ko": _jamo}
"""Language → a word's sounds. 'fattura' and 'fatura' are the same in Italian, 'night' and 'nite' in English."""


def alike(one: str, other: str, least: float = 0.0) -> float:
    """How alike two words spelled by sounds are: 1 the same, 0 nothing in common, or less than `least`.

    Edit distance over the longer length; sounds that are easily confused (p and b, any two vowels) count half.
    """
    longest = max(len(one), len(other))
    allowed = (1 - least) * longest
    if not longest or abs(len(one) - len(other)) > allowed:
        return 0.0
    before = [float(place) for place in range(len(other) + 1)]
    for row, a in enumerate(one, start=1):
        now = [float(row)]
        for column, b in enumerate(other, start=1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + _cost(a, b)))
        if min(now) > allowed:
            return 0.0
        before = now
    return 1 - before[-1] / longest


def _cost(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return _CONFUSED if (a, b) in _NEAR or (a in _VOWELS and b in _VOWELS) else 1.0
