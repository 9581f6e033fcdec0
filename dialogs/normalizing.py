"""Utterances as recognizers write them, brought to one form: no case, accents or punctuation."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[.,](?=\d)")
_NOT_A_WORD = re.compile(r"[^\w.,]+|_+")
_LONE_POINT = re.compile(r"(?<!\d)[.,]|[.,](?!\d)")


def normalise(text: str) -> str:
    """Lower case, without accents and punctuation, single spaces; "Sì, l'ordine 47-12!" is "si l ordine 47 12".

    A point or comma between two digits stays ("1.200"): whether it groups thousands is for the reader of numbers.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
    composed = unicodedata.normalize("NFC", bare)
    words = _LONE_POINT.sub(" ", _NOT_A_WORD.sub(" ", composed))
    return " ".join(words.split())


def without_points(text: str) -> str:
    """A normalised text whose digits are read one by one: "471.290" becomes "471290"."""
    return _BETWEEN_DIGITS.sub("", text)


def without(text: str, phrases: tuple[str, ...], spaces: bool) -> str:
    """`text` without any of `phrases` (all normalised); as whole words where spaces separate words."""
    if not spaces:
        text = text.replace(" ", "")
        for phrase in phrases:
            text = text.replace(phrase.replace(" ", ""), "")
        return text
    padded = f" {text} "
    for phrase in phrases:
        padded = padded.replace(f" {phrase} ", " ")
    return " ".join(padded.split())


def contains(text: str, phrase: str, spaces: bool) -> bool:
    """Whether the normalised `phrase` stands in the normalised `text` as whole words."""
    if not spaces:
        return phrase.replace(" ", "") in text.replace(" ", "")
    return f" {phrase} " in f" {text} "
