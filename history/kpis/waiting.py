"""Queues: who was answered, how soon, who gave up."""

from __future__ import annotations

from collections.abc import Iterable

from history.kpis.kpi import Kpi, Totals, Value, buckets, mean, share
from history.kpis.log import CallLog, Stay
from history.kpis.spread import WAIT_MS, bucket, percentile, within


def measures(log: CallLog) -> dict[str, int]:
    """Of every stay in any queue; those of one queue are told apart by `of_stays`."""
    return of_stays(log.stays) | {"offers": log.offers, "offers_timed_out": log.offers_timed_out}


def of_stays(stays: Iterable[Stay]) -> dict[str, int]:
    """wait_answered, wait_abandoned: spreads over `spread.WAIT_MS`."""
    found: dict[str, int] = {}
    for stay in stays:
        sums = {"queued": 1, stay.how: 1}
        if stay.how == "answered":
            sums["wait_ms"] = stay.wait_ms
        if stay.how in ("answered", "abandoned"):
            sums[f"wait_{stay.how}.{bucket(WAIT_MS, stay.wait_ms)}"] = 1
        for name, n in sums.items():
            found[name] = found.get(name, 0) + n
    return found


def _in_time(totals: Totals, how: str, within_s: int) -> int:
    return within(buckets(totals, f"wait_{how}"), WAIT_MS, within_s * 1000)


def _service_level(totals: Totals, within_s: int) -> Value:
    n = totals.get("answered", 0) + totals.get("abandoned", 0)
    in_time = _in_time(totals, "answered", within_s) + _in_time(totals, "abandoned", within_s)
    return Value(in_time / n if n else None, n)


def _of_answered(totals: Totals, within_s: int) -> Value:
    n = totals.get("answered", 0)
    return Value(_in_time(totals, "answered", within_s) / n if n else None, n)


def _of_queued(totals: Totals, within_s: int) -> Value:
    n = totals.get("queued", 0)
    in_time = _in_time(totals, "answered", within_s) + _in_time(totals, "abandoned", within_s)
    return Value(in_time / n if n else None, n)


def _wait(share_of: float) -> Kpi:
    def of(totals: Totals, within_s: int) -> Value:
        counts = buckets(totals, "wait_answered")
        return Value(percentile(counts, WAIT_MS, share_of), sum(counts.values()))

    name = f"wait_p{round(share_of * 100)}"
    return Kpi(name, "ms", f"{name[5:]} of the wait of answered contacts, from buckets", of)


KPIS: tuple[Kpi, ...] = (
    share("abandonment", "contacts who hung up in a queue ÷ contacts who entered one (call-backs are not abandoned)",
          "abandoned", "queued"),
    share("called_back", "contacts promised a call-back instead of waiting on ÷ queued", "called_back", "queued"),
    mean("asa", "wait of answered contacts ÷ answered contacts", "wait_ms", "answered"),
    _wait(0.5),
    _wait(0.95),
    Kpi("service_level", "share",
        "SL2 = (answered within T + abandoned within T) ÷ (answered + abandoned); T = 20 s unless said otherwise",
        _service_level),
    Kpi("service_level_answered", "share", "answered within T ÷ answered", _of_answered),
    Kpi("service_level_queued", "share", "(answered or abandoned within T) ÷ queued", _of_queued),
    share("offers_unanswered", "offers that rang until their time was over ÷ offers", "offers_timed_out", "offers"),
)  # fmt: skip
