"""KPIs: pure functions over the logs of calls. A new one is a function in the file of its group; docs/kpis.md."""

from history.kpis import handling, satisfaction, sessions, understanding, waiting
from history.kpis.ahead import Ahead
from history.kpis.contribution import DIMENSIONS, Cell, Contribution, contribution, totals
from history.kpis.kpi import Kpi, Totals, Value

KPIS: tuple[Kpi, ...] = (
    *sessions.KPIS,
    *waiting.KPIS,
    *handling.KPIS,
    *understanding.KPIS,
    *satisfaction.KPIS,
)

__all__ = ["DIMENSIONS", "KPIS", "Ahead", "Cell", "Contribution", "Kpi", "Totals", "Value", "contribution", "totals"]
