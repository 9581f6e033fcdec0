"""The operators' part: talk, hold and the work behind it, of all of them together and never of one."""

from __future__ import annotations

from collections.abc import Iterable

from history.kpis.kpi import Kpi, Totals, Value, mean
from history.kpis.log import CallLog, Handled


def measures(log: CallLog) -> dict[str, int]:
    return of_handled(log.handled)


def of_handled(handled: Iterable[Handled]) -> dict[str, int]:
    """handle_ms: talk with hold, and wrap-up."""
    parts = list(handled)
    if not parts:
        return {}
    return {
        "handled": len(parts),
        "talk_ms": sum(part.talk_ms - part.hold_ms for part in parts),
        "hold_ms": sum(part.hold_ms for part in parts),
        "wrap_up_ms": sum(part.wrap_up_ms for part in parts),
    }


def _handle_time(totals: Totals, within_s: int) -> Value:
    n = totals.get("handled", 0)
    spent_ms = sum(totals.get(name, 0) for name in ("talk_ms", "hold_ms", "wrap_up_ms"))
    return Value(spent_ms / n if n else None, n)


KPIS: tuple[Kpi, ...] = (
    Kpi("aht", "ms", "(talk + hold + wrap-up) ÷ handled contacts", _handle_time),
    mean("talk", "talk without hold ÷ handled contacts", "talk_ms", "handled"),
    mean("hold", "hold ÷ handled contacts", "hold_ms", "handled"),
    mean("wrap_up", "work after the call ÷ handled contacts", "wrap_up_ms", "handled"),
)
