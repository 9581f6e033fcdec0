"""Stretches of a conversation in which somebody dictates digits, and every way to read them.

A stretch goes on over hesitations, over other people's "sì, vada avanti", and over corrections ("no, scusi, …").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from history.redaction.readings import Reading, digits, filler
from history.redaction.tokens import Token, remembered

MOST_TURNS_BETWEEN = 6
"""Turns (of anybody) between two parts of one number."""
MOST_READINGS = 64
_MOST_EDGES = 40
_MOST_TOKENS = 120
"""Of one run; a card dictated digit by digit, with repetitions, has some 60."""
_FIX = "|"
_BEGINNING = 3
"""Digits after which somebody may begin anew."""


@dataclass(frozen=True)
class Run:
    """tokens[begin:end] begins and ends with digits. edges: where a number may begin or end within it, the strong
    ones (a pause, a turn, a word between) with True."""

    begin: int
    end: int
    edges: tuple[tuple[int, bool], ...]

    def windows(self) -> Iterator[tuple[int, int, bool]]:
        """Where whole numbers may lie: all of it first, then between strong edges (True), then between any; longer
        first."""
        strong = [edge for edge in self.edges if edge[1]][:_MOST_EDGES]
        edges = self.edges if len(self.edges) <= _MOST_EDGES else strong
        found = [
            (not (first[1] and last[1]), first[0] - last[0], first[0], last[0])
            for place, first in enumerate(edges)
            for last in edges[place + 1 :]
        ]
        for weak, _, begin, end in sorted(found):
            yield begin, end, not weak


@remembered
def step(tokens: Sequence[Token], at: int) -> list[Reading]:
    """What may be read at this place of a run: digits, else a filler; empty where the run is over."""
    between = filler(tokens, at)
    if between is not None and (between.size > 1 or not tokens[at].is_number):
        heard = digits(tokens, at) if between.size == 1 else []
        return [*heard, between] if heard else [between]
    heard = digits(tokens, at)
    return [*heard, Reading("", 1)] if tokens[at].word == "oh" else heard


def runs(tokens: Sequence[Token], taken: frozenset[int] | set[int] = frozenset()) -> list[Run]:
    """All runs of a speaker, without the tokens that are `taken` already."""
    found = []
    at = 0
    while at < len(tokens):
        run = None if at in taken else _run_at(tokens, at, taken)
        if run is None:
            at += 1
        else:
            found.append(run)
            at = run.end
    return found


def _run_at(tokens: Sequence[Token], begin: int, taken: frozenset[int] | set[int]) -> Run | None:
    if not digits(tokens, begin):
        return None
    at = end = begin
    edges: dict[int, bool] = {begin: True}
    after_digits = False
    while at < min(len(tokens), begin + _MOST_TOKENS) and at not in taken:
        if at > begin and tokens[at].turn - tokens[at - 1].turn > MOST_TURNS_BETWEEN:
            break
        readings = step(tokens, at)
        if not readings:
            break
        longest = max(reading.size for reading in readings)
        if any(reading.chars for reading in readings):
            new_turn = at > begin and tokens[at].turn != tokens[end - 1].turn
            strong = new_turn or (at > end and not all(t.text in "-./ " for t in tokens[end:at]))
            if at > begin and (strong or not after_digits or tokens[at].is_number):
                edges[at] = strong
                edges[end] = edges.get(end, False) or strong
            elif at > begin:
                edges.setdefault(at, False)
            end, after_digits = at + longest, True
        at += longest
    edges[end] = True
    return Run(begin, end, tuple(sorted(edges.items())))


@remembered
def said(tokens: Sequence[Token], begin: int, end: int) -> list[str]:
    """The digits that tokens[begin:end] may stand for, the likeliest first; corrections are followed."""
    raw: list[str] = []

    def read(at: int, chars: str) -> None:
        if len(raw) >= MOST_READINGS:
            return
        if at >= end:
            raw.append(chars)
            return
        options = [one for one in step(tokens, at) if at + one.size <= end]
        if not options:
            read(at + 1, chars)
        for one in options:
            read(at + one.size, chars + (_FIX if one.fixes else one.chars))

    read(begin, "")
    found: dict[str, None] = {}
    for chars in raw:
        for meant in _corrected(chars):
            found[meant] = None
    return list(found)


@lru_cache(maxsize=1024)
def _corrected(chars: str) -> tuple[str, ...]:
    """As it was said, then with what each correction may take back."""
    parts = [part for part in chars.split(_FIX) if part]
    if len(parts) < 2:
        return restarted("".join(parts))
    meant = {parts[0]: None}
    for part in parts[1:4]:
        meant = {
            before[: len(before) - back] + part: None
            for before in list(meant)[:20]
            for back in (0, *range(1, len(before) + 1))
        }
    return ("".join(parts), *meant)


def restarted(chars: str) -> tuple[str, ...]:
    """As it was said, and without a beginning that was said twice ("347 90… 347 90 12 663")."""
    again = [
        chars[size:] for size in range(_BEGINNING, len(chars) // 2 + 1) if chars.startswith(chars[size : 2 * size])
    ]
    return (chars, *(rest for rest in again if len(rest) > len(chars) // 2))
