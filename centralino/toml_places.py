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
    for at, number, _ in _places(text):
        shared = len(at) if wanted[: len(at)] == at else 0
        if shared > best:
            best, line = shared, number
    return line


def table_lines(text: str, place: Sequence[str | int]) -> tuple[int, int] | None:
    """From which line, from 1, to before which one a table with a header of its own is written, with all that is below
    it, the comment above it, and blank lines behind it; None where there is no such header."""
    headers = [(at, number) for at, number, is_header in _places(text) if is_header]
    mine = [number for at, number in headers if at[: len(place)] == tuple(place)]
    if not mine:
        return None
    lines = text.splitlines()
    after = next((number for at, number in headers if number > mine[-1]), len(lines) + 1)
    return _with_comment(lines, mine[0]), _with_comment(lines, after)


def _with_comment(lines: Sequence[str], number: int) -> int:
    while number > 1 and lines[number - 2].lstrip().startswith("#"):
        number -= 1
    return number


def _places(text: str) -> list[tuple[Place, int, bool]]:
    """Each with its line, and whether that is a header."""
    counts: Counter[Place] = Counter()
    table: Place = ()
    found: list[tuple[Place, int, bool]] = []
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
            found.append((table, number, True))
        elif key := _KEY.match(written):
            found.append(((*table, *key[2].split(".")), number, False))
    return found
