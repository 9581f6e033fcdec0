"""On which line of a TOML file a value stands: its parser tells only of broken syntax, our errors name the line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]#]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*(["']?)([A-Za-z0-9_.-]+)\1\s*=""")

Place = tuple[str | int, ...]


def line_of(text: str, place: Sequence[str | int]) -> int:
    """The line, from 1, of the deepest part of `place` that is written: ('lines', 1, 'turns', 'slow_ms').

    Tables and arrays of tables are followed as they are usually written; a value inside an inline table has its key's
    line.
    """
    wanted = tuple(place)
    best, line = 0, 1
    for at, number in _places(text):
        shared = len(at) if wanted[: len(at)] == at else 0
        if shared > best:
            best, line = shared, number
    return line


def _places(text: str) -> list[tuple[Place, int]]:
    counts: Counter[Place] = Counter()
    table: Place = ()
    found: list[tuple[Place, int]] = []
    for number, written in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(written):
            names = [name.strip().strip("\"'") for name in header[2].split(".")]
            table = ()
            for name in names[:-1]:
                table = (*table, name)
                if counts[table]:
                    table = (*table, counts[table] - 1)
            table = (*table, names[-1])
            if header[1] == "[[":
                counts[table] += 1
                table = (*table, counts[table] - 1)
            found.append((table, number))
        elif key := _KEY.match(written):
            found.append(((*table, *key[2].split(".")), number))
    return found
