"""What a word of a dictation may stand for: digits, letters, nothing at all. A word may have several readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from history.redaction import words
from history.redaction.tokens import Token, remembered, tokens_of

_LONGEST_PHRASE = 5
_LONGEST_COMPOUND = 40
_MOST_REASONS = 6


@dataclass(frozen=True)
class Reading:
    """chars: digits or letters in lower case; '' for a filler. size: how many tokens say it. fixes: it takes back what
    was said before."""

    chars: str
    size: int
    fixes: bool = False


_PHRASES: dict[tuple[str, ...], bool] = {
    **{tuple(token.word for token in tokens_of(0, phrase)): False for phrase in words.FILLERS},
    **{tuple(token.word for token in tokens_of(0, phrase)): True for phrase in words.CORRECTIONS},
}


@remembered
def filler(tokens: Sequence[Token], at: int) -> Reading | None:
    """The longest phrase here that is said between digits; None when there is none."""
    if tokens[at].text in words.SEPARATORS:
        return Reading("", 1)
    said: tuple[str, ...] = ()
    found = None
    for size in range(1, min(_LONGEST_PHRASE, len(tokens) - at) + 1):
        said = (*said, tokens[at + size - 1].word)
        if said in _PHRASES:
            found = Reading("", size, _PHRASES[said])
    if found is None or not found.fixes:
        return found
    for more in range(_MOST_REASONS + 1):  # "no scusi, ho letto male, …"
        place = at + found.size + more
        if place >= len(tokens) or tokens[place].turn != tokens[at].turn:
            break
        if digits(tokens, place):
            return Reading("", found.size + more, True)
    return found


@remembered
def digits(tokens: Sequence[Token], at: int) -> list[Reading]:
    """Digits that may begin here, the likeliest first."""
    token = tokens[at]
    if token.text == "+" or token.word in ("piu", "plus"):
        return [Reading("+", 1)]
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if token.is_number:
        return [*_counted(token.text, following), Reading("".join(str(int(c)) for c in token.text), 1)]
    if token.word in words.REPEATS:
        times, rest = words.REPEATS[token.word], digits(tokens, at + 1) if following else []
        return [Reading(one.chars * times, one.size + 1) for one in rest if len(one.chars) == 1]
    if token.word in words.UNITS:
        unit = words.UNITS[token.word]
        found = _counted(unit, following)
        found += _hundreds(tokens, at, int(unit)) if unit != "0" else []
        return [*found, Reading(unit, 1)]
    if token.word in words.TEENS:
        return [Reading(str(words.TEENS[token.word]), 1)]
    tens = words.TENS_ITALIAN.get(token.word) or words.TENS_ENGLISH.get(token.word)
    if tens is not None:
        return [*_with_unit(tokens, at, tens), Reading(str(tens), 1)]
    if token.word in ("hundred", "thousand"):
        return []
    value = _italian(token.word)
    return [] if value is None else [*_scaled(tokens, at, value), Reading(str(value), 1)]


def _counted(count: str, following: str) -> list[Reading]:
    """ "tre zeri" is 000."""
    if following in words.MANY_ZEROS and count.isdecimal() and 0 < int(count) < 10:
        return [Reading("0" * int(count), 2)]
    return []


def _with_unit(tokens: Sequence[Token], at: int, tens: int) -> list[Reading]:
    place = at + 1
    if place < len(tokens) and tokens[place].text in ("-", "‐"):
        place += 1
    if place >= len(tokens) or tokens[place].turn != tokens[at].turn:
        return []
    unit = words.UNITS.get(tokens[place].word, "0")
    return [Reading(str(tens + int(unit)), place + 1 - at)] if unit != "0" and tokens[place].word != "oh" else []


def _hundreds(tokens: Sequence[Token], at: int, unit: int) -> list[Reading]:
    """ "eight hundred (and) five", "due cento", "two thousand (and) six"."""
    if at + 1 >= len(tokens):
        return []
    scale = {"hundred": 100, "cento": 100, "thousand": 1000, "mila": 1000}.get(tokens[at + 1].word)
    if scale is None:
        return []
    value, size = unit * scale, 2
    place = at + 2
    if place < len(tokens) and tokens[place].word == "and":
        place += 1
    below = next((one for one in digits(tokens, place) if one.chars.isdecimal()), None) if place < len(tokens) else None
    if below is not None and below.chars != "0" and len(below.chars) < len(str(scale)):
        return [Reading(str(value + int(below.chars)), place + below.size - at), Reading(str(value), size)]
    return [Reading(str(value), size)]


def _scaled(tokens: Sequence[Token], at: int, value: int) -> list[Reading]:
    """ "trecento quaranta": 340, if not 300 and 40."""
    if value % 100 or at + 1 >= len(tokens) or tokens[at + 1].turn != tokens[at].turn:
        return []
    below = _italian(tokens[at + 1].word)
    return [Reading(str(value + below), 2)] if below is not None and 0 < below < 100 else []


@lru_cache(maxsize=4096)
def _italian(word: str) -> int | None:
    """A number below a million as one Italian word ("trecentoquarantadue"); None when it is none."""
    if len(word) > _LONGEST_COMPOUND:
        return None
    if word == "mille":
        return 1000
    if word.startswith("mille") and (rest := _below_thousand(word[5:])):
        return 1000 + rest
    if "mila" in word:
        before, _, after = word.partition("mila")
        thousands = _below_thousand(before)
        rest = _below_thousand(after) if after else 0
        return None if thousands is None or rest is None else thousands * 1000 + rest
    return _below_thousand(word)


def _below_thousand(word: str) -> int | None:
    for stem in ("cento", "cent"):
        before, found, after = word.partition(stem)
        if found:
            times = int(words.UNITS.get(before, "0")) if before else 1
            rest = _below_hundred(after) if after else 0
            if times and rest is not None:
                return times * 100 + rest
    return _below_hundred(word)


def _below_hundred(word: str) -> int | None:
    if word in words.TEENS:
        return words.TEENS[word]
    if word in words.UNITS:
        return int(words.UNITS[word])
    for name, tens in words.TENS_ITALIAN.items():
        if word == name:
            return tens
        for stem in (name, name[:-1]):  # "ventuno", "ventotto"
            if word.startswith(stem) and words.UNITS.get(word[len(stem) :], "0") != "0":
                return tens + int(words.UNITS[word[len(stem) :]])
    return None


@remembered
def letters(tokens: Sequence[Token], at: int) -> list[Reading]:
    """Letters that may begin here: named, spelled ("R come Roma"), written alone or in a group."""
    token = tokens[at]
    if not token.is_word or _elided(tokens, at):
        return []
    found = []
    pair = (token.word, tokens[at + 1].word if at + 1 < len(tokens) else "")
    if pair in words.LETTER_PHRASES:
        found.append(Reading(words.LETTER_PHRASES[pair], 2))
    if token.word in words.REPEATS and at + 1 < len(tokens):
        one = next((r for r in letters(tokens, at + 1) if len(r.chars) == 1), None)
        if one is not None:
            found.append(Reading(one.chars * words.REPEATS[token.word], one.size + 1))
    named = token.word if token.word in words.ALPHABET else words.LETTER_NAMES.get(token.word)
    if named:
        for phrase in words.SPELLED_BY:
            size = len(phrase.split())
            said = tokens[at + 1 : at + 2 + size]
            speller = said[size].word[0] if len(said) > size and said[size].is_word else ""
            if " ".join(one.word for one in said[:size]) == phrase and speller == named:
                found.append(Reading(named, size + 2))
        found.append(Reading(named, 1))
    if token.word in words.SPELLERS:
        found.append(Reading(words.SPELLERS[token.word], 1))
    if 1 < len(token.word) <= 6 and token.word.isascii():
        found.append(Reading(token.word, 1))
    return found


def _elided(tokens: Sequence[Token], at: int) -> bool:
    """The "s" of "it's"."""
    return at > 0 and len(tokens[at].text) == 1 and tokens[at - 1].text[-1] in "'’" and len(tokens[at - 1].text) > 1
