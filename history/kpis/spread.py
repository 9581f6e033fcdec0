"""Times as counts in fixed buckets: they add up over calls, days and lines, and still know their percentiles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

LATENCY_MS = (
    100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 700, 800, 900, 1000, 1200, 1400, 1600, 1800, 2000, 2500,
    3000, 4000, 5000, 7500, 10_000,
)  # fmt: skip
"""Upper edges of the buckets for the bot's answers; a last bucket holds what is longer."""

WAIT_MS = tuple(
    1000 * seconds
    for seconds in (
        1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 120, 150, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600,
    )
)  # fmt: skip
"""The same for waiting in a queue. A service level is exact at each of these edges."""


def bucket(edges_ms: Sequence[int], ms: int) -> int:
    """Which bucket holds `ms`: its upper edge belongs to it."""
    return bisect_left(edges_ms, ms)


def within(counts: Mapping[int, int], edges_ms: Sequence[int], limit_ms: int) -> int:
    """How many were at most `limit_ms`, which must be an edge. Raises ValueError when it is none."""
    if limit_ms not in edges_ms:
        known = ", ".join(str(edge // 1000) for edge in edges_ms)
        raise ValueError(f"{limit_ms / 1000:g} s is no edge of the buckets; one of {known} s")
    last = edges_ms.index(limit_ms)
    return sum(count for place, count in counts.items() if place <= last)


def percentile(counts: Mapping[int, int], edges_ms: Sequence[int], share: float) -> float | None:
    """The time that `share` (0..1) of them do not exceed, in ms, straight between the edges of its bucket; None
    without any. What is beyond the last edge counts as that edge."""
    total = sum(counts.values())
    if not total:
        return None
    wanted, seen = share * total, 0
    for place in sorted(counts):
        count = counts[place]
        if count and seen + count >= wanted:
            if place >= len(edges_ms):
                return float(edges_ms[-1])
            low = edges_ms[place - 1] if place else 0
            return low + (edges_ms[place] - low) * max(0.0, wanted - seen) / count
        seen += count
    return float(edges_ms[-1])
