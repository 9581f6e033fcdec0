"""Cards and telephone numbers in what one speaker dictates, also with words in the middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Literal, get_args

from history.redaction.cues import Cue, cue_at, cue_of
from history.redaction.numbers import is_card, is_phone
from history.redaction.runs import MOST_READINGS, Run, restarted, runs, said
from history.redaction.tokens import Token, Turn

Kind = Literal["card", "card_code", "iban", "codice_fiscale", "phone", "email"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_LONG = 4
"""Digits from which a number is what words around it speak of."""
_GOES_ON = frozenset(["prefisso", "numero", "poi", "resto", "infine", "number", "code", "then", "rest", "followed"])
"""Words that join two parts of a telephone number when nothing else tells that it is one."""
_SAME = 3
"""Digits that tell a number begun anew."""
_MOST_BRIDGES = 4
_MOST_BRIDGED = 9
"""Words between two parts of one number ("il prefisso è… poi il numero è…")."""


@dataclass(frozen=True)
class Found:
    """tokens[begin:end] are (part of) an identifier. digits: as they were read."""

    begin: int
    end: int
    kind: Kind
    digits: str = ""


def places(found: Sequence[Found]) -> set[int]:
    """The tokens that were found."""
    return {at for one in found for at in range(one.begin, one.end)}


def numbers_in(tokens: Sequence[Token], turns: Sequence[Turn], taken: set[int]) -> list[Found]:
    """Cards and telephone numbers, without the tokens that are `taken`."""
    some = {run: max(map(len, said(tokens, run.begin, run.end))) for run in runs(tokens, taken)}
    there = [run for run, most in some.items() if most >= _LONG]
    long = {at for run in there for at in range(run.begin, run.end)} | taken
    cues = {run: cue_of(tokens, run.begin, run.end, long - set(range(run.begin, run.end)), turns) for run in there}
    found = _bridged(tokens, there, cues, taken, ("card",))
    for run, most in some.items():
        if most < _LONG:
            cues[run] = cue_of(tokens, run.begin, run.end, long, turns) if most > 1 else None
            following = next((one for one in there if one.begin > run.begin), None)
            if most > 1 and cues[run] == "phone" and following is not None:  # "prefisso zero uno uno, e il numero è…"
                found += _bridged(tokens, [run, following], cues, places(found) | taken, ("phone",))
    left = []
    for run, most in some.items():
        if most < _LONG:
            left += [run] if most > 1 else []
        elif not any(one.begin <= run.begin < one.end for one in found):
            mine = _in_run(tokens, run, cues[run])
            found += mine
            left += [] if mine else [run]
    return found + _bridged(tokens, left, cues, places(found) | taken, ("phone",))


def _in_run(tokens: Sequence[Token], run: Run, cue: Cue | None) -> list[Found]:
    """Those that are numbers by themselves first, then what may be a misheard one where one was spoken of."""
    found: list[Found] = []
    hints: list[Cue | None] = [None, cue] if cue in ("card", "phone", "number") else [cue]
    for hint in hints:
        for begin, end, strong in run.windows():
            if any(begin < one.end and one.begin < end for one in found):
                continue
            number = _number(tokens, begin, end, hint, strong)
            if number is not None and not (hint is None and number.kind == "phone" and cue == "card"):
                found.append(_with_false_start(tokens, run, number))
    return found


def _with_false_start(tokens: Sequence[Token], run: Run, number: Found) -> Found:
    """With what was said before it of the same number: "366 290, aspetti, 366 209 1158"."""
    if run.begin < number.begin:
        for digits in said(tokens, run.begin, number.begin):
            if 2 <= len(digits) <= len(number.digits) and digits[:_SAME] == number.digits[:_SAME]:
                return replace(number, begin=run.begin)
    return number


def _number(tokens: Sequence[Token], begin: int, end: int, cue: Cue | None, strong: bool) -> Found | None:
    """strong: whether something other than a digit stands on both sides."""
    shape = {token.text for token in tokens[begin:end]}
    typed = bool(shape & {"-", "(", ")", "."}) and all(t.is_number or t.text in "-().+ " for t in tokens[begin:end])
    opened = int(begin > 0 and tokens[begin - 1].text == "(" and tokens[begin - 1].turn == tokens[begin].turn)
    typed, begin = typed or bool(opened), begin - opened
    for digits in said(tokens, begin, end):
        if is_card(digits, cue):
            return Found(begin, end, "card", digits)
        if (strong or cue == "phone") and is_phone(digits, cue, written=typed):
            return Found(begin, end, "phone", digits)
    return None


def _bridged(
    tokens: Sequence[Token],
    there: Sequence[Run],
    cues: Mapping[Run, Cue | None],
    taken: set[int],
    kinds: Sequence[Kind],
) -> list[Found]:
    """Numbers with words in the middle, from runs that are none by themselves."""
    found: list[Found] = []
    at = 0
    while at < len(there):
        chain = [there[at]]
        while len(chain) < _MOST_BRIDGES and at + len(chain) < len(there):
            following = there[at + len(chain)]
            between = range(chain[-1].end, following.begin)
            named = any(cue_at(tokens, place) == "other" for place in between)
            if "phone" in kinds and cues[chain[0]] != "phone":
                named = named or not any(tokens[place].word in _GOES_ON for place in between)
            if len(between) > _MOST_BRIDGED or taken & set(between) or named or cues[following] == "other":
                break
            chain.append(following)
        for size in range(len(chain), 1, -1):
            joined = _joined(tokens, chain[:size], kinds) if cues[chain[0]] != "other" else None
            if joined is not None:
                found += [Found(run.begin, run.end, joined[0], joined[1]) for run in chain[:size]]
                at += size - 1
                break
        at += 1
    return found


def _joined(tokens: Sequence[Token], chain: Sequence[Run], kinds: Sequence[Kind]) -> tuple[Kind, str] | None:
    """What number they are together, with its digits."""
    if any(_number(tokens, run.begin, run.end, None, True) for run in chain):
        return None
    choices = islice(product(*(said(tokens, run.begin, run.end) for run in chain)), MOST_READINGS)
    for parts in choices:
        for digits in restarted("".join(parts)):
            if "card" in kinds and is_card(digits, None):
                return "card", digits
            if "phone" in kinds and is_phone(digits, None, written=False):
                return "phone", digits
    return None


def card_codes_in(tokens: Sequence[Token], turns: Sequence[Turn], taken: set[int]) -> list[Found]:
    """The three or four digits on a card's back, where they were spoken of."""
    found = []
    for run in runs(tokens, taken):
        if any(len(digits) in (3, 4) and digits.isdecimal() for digits in said(tokens, run.begin, run.end)):
            numbers = taken - set(range(run.begin, run.end))
            if cue_of(tokens, run.begin, run.end, numbers, turns) == "card_code":
                found.append(Found(run.begin, run.end, "card_code"))
    return found
