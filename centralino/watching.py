"""Whether files have changed: looked at now and then, because that works on every disk and needs no other library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

Look = frozenset[tuple[str, int, int]]
"""(path, time of the last change in ns, size) of every file; a missing one is not in it."""

MOST_FILES = 5_000


def look_at(paths: Iterable[Path]) -> Look:
    """The state of these files, and of all files within these folders (the first 5,000; hidden ones do not count)."""
    found: set[tuple[str, int, int]] = set()
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else [path]
        for file in inside:
            if len(found) >= MOST_FILES:
                break
            if file.name.startswith(".") or file.name.endswith(("~", ".part", ".swp")):
                continue
            try:
                stat = file.stat()
            except OSError:
                continue
            found.add((str(file), stat.st_mtime_ns, stat.st_size))
    return frozenset(found)
