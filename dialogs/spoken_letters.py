"""Letters one by one: "A come Ancona, B, doppia vu", "A as in Alpha", "bravo charlie", mixed with digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogs.languages import language
from dialogs.languages.values import Values, values
from dialogs.normalizing import normalise
from dialogs.spoken_numbers import hear_digits

_LONGEST_TOKEN = 64
_LONGEST_NAME = 2
"""Words of a letter's name: "doppia vu"."""


def hear_letters(text: str, code: str) -> str | None:
    """A code as it was dictated, in capitals: "A come Ancona, B, tre quattro" is "AB34".

    None when nothing was spelled, or when something else was said behind what was. What leads to it ("il codice è") is
    left out. Codes that recognizers write as such ("AB34", "AB-34") are taken as they are.
    """
    words = values(code)
    tokens = _tokens(text, words)
    found: list[str] = []
    at = 0
    while at < len(tokens):
        taken = _one(tokens, at, words, "".join(found))
        if taken is not None:
            found.append(taken[0])
            at += taken[1]
        elif found and normalise(tokens[at]) not in language(code).fillers:
            return None
        else:
            at += 1
    return "".join(found).upper() or None


def spelled(tokens: Sequence[str], code: str) -> str | None:
    """All of `tokens` as letters and digits, in lower case; None when one of them is neither."""
    words = values(code)
    found, at = "", 0
    while at < len(tokens):
        taken = _one(tokens, at, words, found)
        if taken is None:
            return None
        found, at = found + taken[0].lower(), at + taken[1]
    return found


def _tokens(text: str, words: Values) -> list[str]:
    """Words with their capitals; what comes before "è", "is" is left out, as is "tutto attaccato"."""
    for phrase in words.letters.joined:
        text = re.sub(rf"\b{re.escape(phrase)}\b", " ", text, flags=re.I)
    tokens = re.findall(r"[^\W_]+", text)
    intro = [place for place, token in enumerate(tokens) if token.lower() in words.emails.intro]
    return tokens[intro[-1] + 1 :] if intro else tokens


def _one(tokens: Sequence[str], at: int, words: Values, so_far: str) -> tuple[str, int] | None:
    """The letters or digits that begin at `at`, and how many tokens they took."""
    named = _named(tokens, at, words)
    if named is not None:
        by = _spelled_by(named[0], tokens, at + named[1], words)
        if by is not None:  # its first letter is surer than a letter's name
            return by[0], named[1] + by[1]
    digits = _digits(tokens, at, words, so_far)
    if named is not None and named[1] > 1:  # "double you"
        return named
    if digits is not None:
        return digits
    if named is not None:
        return named
    token = tokens[at]
    if normalise(token) in words.letters.alphabet:
        return normalise(token)[0], 1
    is_code = token.isascii() and (token.isupper() or any(char.isdigit() for char in token))
    return (token, 1) if is_code else _packed(token, words)


def _named(tokens: Sequence[str], at: int, words: Values) -> tuple[str, int] | None:
    for size in range(_LONGEST_NAME, 0, -1):
        name = normalise(" ".join(tokens[at : at + size]))
        if not words.spaces:
            name = name.replace(" ", "")
        if at + size <= len(tokens) and name in words.letters.names:
            if size > 1 and _begins_later(tokens, at, size, words):
                continue
            return words.letters.names[name], size
    token = tokens[at]
    return (token, 1) if len(token) == 1 and token.isascii() and token.isalpha() else None


def _begins_later(tokens: Sequence[str], at: int, size: int, words: Values) -> bool:
    """ "vu doppia vu" is V and W, as it is said here, not W and V."""
    rest = tokens[at + 1 : at + 1 + size]
    return (
        len(rest) == size
        and normalise(tokens[at]) in words.letters.names
        and normalise(" ".join(rest)) in words.letters.names
    )


def _spelled_by(letter: str, tokens: Sequence[str], at: int, words: Values) -> tuple[str, int] | None:
    for phrase in words.letters.spelled_by:
        size = len(phrase.split())
        if normalise(" ".join(tokens[at : at + size])) == phrase and at + size < len(tokens):
            first = normalise(tokens[at + size])[:1]
            if phrase in words.letters.names and hear_digits(tokens[at + size], words.code).only_numbers:
                continue  # "C, D, cinque"
            # "A di Ancona", but "A, D, uno": a word that also names a letter needs a word of the letter before it.
            if first.isascii() and first.isalpha() and (phrase not in words.letters.names or first == letter):
                return first, size + 1
    return None


def _digits(tokens: Sequence[str], at: int, words: Values, so_far: str) -> tuple[str, int] | None:
    """The longest run of numbers; a word that also names a letter ("oh") is a digit only after a digit."""
    size = 0
    while at + size < len(tokens) and hear_digits(tokens[at + size], words.code).only_numbers:
        token = tokens[at + size]
        named = _named(tokens, at + size, words)
        if named is not None and named[1] > 1:
            break
        letter = normalise(token) in words.letters.names and words.spaces
        if letter and not (size or so_far[-1:].isdigit()):
            break
        size += 1
    heard = "".join(hear_digits(" ".join(tokens[at : at + size]), words.code).digits) if size else ""
    return (heard, size) if heard else None


def _packed(token: str, words: Values) -> tuple[str, int] | None:
    """Letter names and digits without spaces between them."""
    if words.spaces or len(token) > _LONGEST_TOKEN:
        return None
    found, at, said = "", 0, normalise(token)
    digits = {word: str(value) for word, value in language(words.code).numbers.units.items()}
    while at < len(said):
        for end in range(len(said), at, -1):
            part = said[at:end]
            value = digits.get(part) or words.letters.names.get(part) or (part if part.isdigit() else None)
            if value is not None:
                found, at = found + value, end
                break
        else:
            return None
    return (found, 1) if found else None
