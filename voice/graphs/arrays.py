"""Many small ranges at once, without a loop."""

from __future__ import annotations

import numpy as np

from voice.graphs.openfst import Longs


def spread(first: Longs, count: Longs) -> tuple[Longs, Longs]:
    """All members of the ranges [first, first + count): for each, the number of its range, and itself."""
    of_range = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    return of_range, np.arange(len(of_range)) - np.repeat(before - first, count)


def groups(key: Longs) -> tuple[Longs, Longs]:
    """The order that puts equal keys together (stable), and where each group begins in it."""
    order = np.argsort(key, kind="stable")
    changes = np.flatnonzero(np.diff(key[order])) + 1
    return order, np.concatenate([[0], changes]) if len(key) else changes


def total(values: Longs, first: Longs, count: Longs) -> Longs:
    """The sum of each range of `values`, whose lengths are `count`; 0 for an empty one."""
    sums: Longs = np.concatenate([[0], np.cumsum(values)])
    found: Longs = sums[first + count] - sums[first]
    return found
