"""Which contacts are one person: merges are pairs that may be taken apart again, never rows that are thrown away."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping

_MERGES = uuid.UUID("0f1d1b9e-7a53-5f0b-8d0e-5b8c1f5c6a42")


def automatic_merge_id(one: str, other: str) -> str:
    """The id of the merge that two verified points make: the same however often they are seen."""
    return str(uuid.uuid5(_MERGES, f"{min(one, other)} {max(one, other)}"))


def survivors(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """contact → the one that stands for all who are joined with it: the smallest id, so that no order matters."""
    joined: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        joined[one].add(other)
        joined[other].add(one)
    found: dict[str, str] = {}
    for start in sorted(joined):
        if start in found:
            continue
        waiting = [start]
        while waiting:
            contact = waiting.pop()
            if contact not in found:
                found[contact] = start
                waiting.extend(joined[contact])
    return found
