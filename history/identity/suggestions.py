"""Which other contacts may be the same person: for a human to decide, best first, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, utils

SAME_ADDRESS = 70.0
"""Points of 100 for an address that one of them has and the other may have."""
NAME_WEIGHT = 0.3
LEAST_NAME_LIKENESS = 88.0
"""`fuzz.token_sort_ratio` of two names from which they count as alike: 'Rossi Anna' and 'Anna Rosi' do, 'Anna Rossi'
and 'Anna Russo' (80) do not."""


@dataclass(frozen=True)
class Profile:
    """What is compared of a contact. points: 'kind:value'."""

    id: str
    name: str
    points: frozenset[str]


@dataclass(frozen=True)
class Suggestion:
    """score: 0 to 100. why: the addresses and names it rests on."""

    contact_id: str
    score: float
    why: tuple[str, ...]


def suggestions(contact: Profile, others: Iterable[Profile], most: int = 10) -> list[Suggestion]:
    """The others that share an address, or have a name like it, with `contact`."""
    found = []
    mine = _words(contact.name)
    for other in others:
        if other.id == contact.id:
            continue
        shared = sorted(contact.points & other.points)
        why = [f"both have {point}" for point in shared]
        score = SAME_ADDRESS if shared else 0.0
        likeness = fuzz.token_sort_ratio(mine, theirs) if mine and (theirs := _words(other.name)) else 0.0
        if likeness >= LEAST_NAME_LIKENESS:
            why.append(f"{contact.name!r} is like {other.name!r}")
            score += NAME_WEIGHT * likeness
        if why:
            found.append(Suggestion(other.id, round(score, 1), tuple(why)))
    return sorted(found, key=lambda one: (-one.score, one.contact_id))[:most]


def _words(name: str) -> str:
    return utils.default_process(name)
