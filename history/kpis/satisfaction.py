"""Whether it helped: solved at the first contact, and what callers answer when they are asked."""

from __future__ import annotations

import math

from history.kpis.ahead import Ahead
from history.kpis.kpi import Kpi, Totals, Value, share
from history.kpis.log import CallLog

SATISFIED_FROM = 0.8
"""4 and 5 of 5; of another scale the same share."""
PROMOTERS_FROM, DETRACTORS_UNTIL = 9, 6


def measures(log: CallLog, ahead: Ahead) -> dict[str, int]:
    """A matter is a caller's call with a known contact and a topic."""
    matter = log.direction == "inbound" and ahead.known and bool(ahead.topic)
    csat = [(score, scale) for kind, score, scale in log.surveys if kind == "csat"]
    nps = [score for kind, score, _ in log.surveys if kind == "nps"]
    return {
        "matters": int(matter),
        "solved_at_once": int(matter and not ahead.repeated),
        "csat_answers": len(csat),
        "csat_satisfied": sum(score >= math.ceil(SATISFIED_FROM * scale) for score, scale in csat),
        "nps_answers": len(nps),
        "nps_promoters": sum(score >= PROMOTERS_FROM for score in nps),
        "nps_detractors": sum(score <= DETRACTORS_UNTIL for score in nps),
        "surveys_answered": len(log.surveys),
        "surveys_unanswered": log.surveys_unanswered,
    }


def _nps(totals: Totals, within_s: int) -> Value:
    n = totals.get("nps_answers", 0)
    gained = totals.get("nps_promoters", 0) - totals.get("nps_detractors", 0)
    return Value(100 * gained / n if n else None, n)


KPIS: tuple[Kpi, ...] = (
    share("fcr", "callers' calls with a known contact and a topic that nobody of the same contact came back about, on "
          "any channel, within 7 days ÷ those calls", "solved_at_once", "matters"),
    share("csat", "answers 4 and 5 of 5 (the same share of another scale) ÷ answers", "csat_satisfied", "csat_answers"),
    Kpi("nps", "points", "percentage of 9 and 10 minus percentage of 0 to 6", _nps),
    share("survey_response", "surveys answered ÷ surveys answered or left unanswered", "surveys_answered",
          "surveys_answered", "surveys_unanswered"),
)  # fmt: skip
