"""What a KPI is: a name, a formula in words, and a pure function of totals that add up over calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Totals = Mapping[str, int]
"""Measure → sum over calls; what is not there is 0. 'latency.7' is how many times fell into bucket 7."""

Unit = Literal["share", "ms", "count", "points"]


@dataclass(frozen=True)
class Value:
    """value: None when there is nothing to tell. n: how many calls, contacts, turns or answers it rests on."""

    value: float | None
    n: int


@dataclass(frozen=True)
class Kpi:
    """formula: for people, in English; it is what docs/kpis.md and the console print. of: from totals, and the seconds
    of the service level."""

    name: str
    unit: Unit
    formula: str
    of: Callable[[Totals, int], Value]


def share(name: str, formula: str, part: str, *whole: str) -> Kpi:
    """A share of the sum of `whole`."""

    def of(totals: Totals, within_s: int) -> Value:
        n = sum(totals.get(one, 0) for one in whole)
        return Value(totals.get(part, 0) / n if n else None, n)

    return Kpi(name, "share", formula, of)


def mean(name: str, formula: str, sum_of: str, n_of: str, *, unit: Unit = "ms", scale: float = 1.0) -> Kpi:
    """A mean; scale: what the sum is divided by."""

    def of(totals: Totals, within_s: int) -> Value:
        n = totals.get(n_of, 0)
        return Value(totals.get(sum_of, 0) / scale / n if n else None, n)

    return Kpi(name, unit, formula, of)


def count(name: str, formula: str, measure: str) -> Kpi:
    """How many."""
    return Kpi(
        name, "count", formula, lambda totals, within_s: Value(float(totals.get(measure, 0)), totals.get(measure, 0))
    )


def buckets(totals: Totals, measure: str) -> dict[int, int]:
    """The counts of a spread, by bucket."""
    prefix = f"{measure}."
    return {int(name[len(prefix) :]): n for name, n in totals.items() if name.startswith(prefix)}


def added(parts: Iterable[Totals]) -> dict[str, int]:
    """Totals of several; zeros are left out."""
    sums: dict[str, int] = {}
    for part in parts:
        for name, n in part.items():
            sums[name] = sums.get(name, 0) + n
    return {name: n for name, n in sums.items() if n}
