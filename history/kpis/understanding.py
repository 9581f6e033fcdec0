"""How well callers are heard and understood, and how soon they are answered."""

from __future__ import annotations

from history.kpis.kpi import Kpi, Totals, Value, buckets, mean, share
from history.kpis.log import CallLog
from history.kpis.spread import LATENCY_MS, bucket, percentile


def measures(log: CallLog) -> dict[str, int]:
    """turns: spoken and silent ones; keys are none."""
    found = {
        "turns": log.said + log.silent,
        "no_match": log.no_match,
        "no_input": log.no_input,
        "repeats": log.repeats,
        "questions": log.looked_up,
        "matched": log.matched,
        "heard": len(log.confidences),
        "confidence_permille": sum(round(1000 * confidence) for confidence in log.confidences),
    }
    for latency_ms in log.latencies_ms:
        name = f"latency.{bucket(LATENCY_MS, latency_ms)}"
        found[name] = found.get(name, 0) + 1
    return found


def _latency(share_of: float) -> Kpi:
    def of(totals: Totals, within_s: int) -> Value:
        counts = buckets(totals, "latency")
        return Value(percentile(counts, LATENCY_MS, share_of), sum(counts.values()))

    name = f"latency_p{round(share_of * 100)}"
    formula = f"{name[8:]} of the time from a caller's last voiced sample to the answer's first, from buckets"
    return Kpi(name, "ms", formula, of)


KPIS: tuple[Kpi, ...] = (
    share("no_match", "spoken turns that were not understood ÷ turns, spoken or silent", "no_match", "turns"),
    share("no_input", "silent turns ÷ turns, spoken or silent", "no_input", "turns"),
    share("repeats", "turns that asked to hear it again ÷ turns, spoken or silent", "repeats", "turns"),
    share(
        "coverage",
        "questions matched to a published intent or article, or narrowed down to some ÷ questions (non-empty turns "
        "that were looked up: a yes or a number that answers the bot is none)",
        "matched",
        "questions",
    ),
    mean("confidence", "mean confidence of the recognizer over the turns that it gave one for", "confidence_permille",
         "heard", unit="share", scale=1000),
    _latency(0.5),
    _latency(0.95),
)  # fmt: skip
