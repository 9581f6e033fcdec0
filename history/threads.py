"""Which interactions of one person belong together, whatever the channel: a call that continues a chat; pure.

Two are linked when a source says that they belong to one conversation, or when they are about the same within days.
What a person decides wins: a join always holds, and nothing is linked across a beginning. The answer depends on what
there is, never on the order in which it arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from history.identity.merging import survivors

WITHIN = timedelta(days=7)
"""How far apart two interactions about the same may begin and still be one story."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Piece:
    """What is looked at of an interaction. conversation: what its source calls the thread, with the source's name, ''
    without one. topics: see `history.topics`."""

    id: str
    at: datetime
    conversation: str = ""
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decided:
    """What people said. joins: interactions that belong together. begins: with these something new begins."""

    joins: frozenset[Pair] = frozenset()
    begins: frozenset[str] = frozenset()


def threads(pieces: Iterable[Piece], decided: Decided, within: timedelta = WITHIN) -> Mapping[str, str]:
    """interaction → the thread it belongs to, which is called after its earliest one. pieces: all of one person, each
    once, in any order."""
    ordered = sorted(pieces, key=lambda piece: (piece.at, piece.id))
    place = {piece.id: number for number, piece in enumerate(ordered)}
    links = _links(ordered, within)
    if cuts := [place[piece_id] for piece_id in decided.begins if piece_id in place]:
        whole = _components(place, links)
        by_thread: dict[int, list[int]] = defaultdict(list)
        for cut in cuts:
            by_thread[whole[cut]].append(cut)
        links = [(one, other) for one, other in links if not any(one < cut <= other for cut in by_thread[whole[one]])]
    links += [
        (min(place[one], place[other]), max(place[one], place[other]))
        for one, other in decided.joins
        if one in place and other in place
    ]
    found = _components(place, links)
    return {piece.id: ordered[found[number]].id for number, piece in enumerate(ordered)}


def _links(ordered: list[Piece], within: timedelta) -> list[tuple[int, int]]:
    """Each with the one before it of the same conversation, and of the same topic unless that is too long ago."""
    links: list[tuple[int, int]] = []
    last: dict[tuple[str, str], int] = {}
    for number, piece in enumerate(ordered):
        keys = [("topic", topic) for topic in piece.topics]
        keys += [("conversation", piece.conversation)] if piece.conversation else []
        for key in keys:
            before = last.get(key)
            last[key] = number
            if before is not None and (key[0] == "conversation" or piece.at - ordered[before].at <= within):
                links.append((before, number))
    return links


def _components(place: Mapping[str, int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """number → the smallest number it is linked with, itself included."""
    width = len(str(len(place)))
    named = survivors({(f"{one:0{width}}", f"{other:0{width}}") for one, other in links})
    return {number: int(named.get(f"{number:0{width}}", number)) for number in place.values()}
