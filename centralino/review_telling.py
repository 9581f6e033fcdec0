"""A matter of the review, JSON-ready."""

from __future__ import annotations

from typing import Any

from knowledge.exchange.drafted import as_yaml
from knowledge.review.clusters import Matter
from knowledge.review.suggesting import Suggestion


def told_matter(matter: Matter, suggestion: Suggestion, whole: bool = False) -> dict[str, Any]:
    """whole: with every single miss, and the article as it would be."""
    spoken = suggestion.content.get("spoken", {})
    row: dict[str, Any] = {
        "id": matter.id,
        "language": matter.language,
        "calls": matter.calls,
        "handling_s": matter.handling_s,
        "cost_s": matter.cost_s,
        "kinds": matter.kinds,
        "questions": [{"text": text, "calls": calls} for text, calls in matter.questions],
        "suggestion": {
            "kind": suggestion.kind,
            "article": suggestion.article,
            "phrasings": list(suggestion.phrasings),
            "test": suggestion.test,
            "why": suggestion.why,
            "spoken": spoken.get(matter.language, ""),
        },
    }
    if whole:
        row["suggestion"]["yaml"] = as_yaml(suggestion.content)
        row["misses"] = [
            {
                "kind": miss.kind,
                "call": miss.call,
                "at": miss.at.isoformat(timespec="seconds"),
                "question": miss.question,
                "unhelpful": list(miss.unhelpful),
                "better": miss.better,
                "operator": list(miss.operator),
                "handling_s": round(miss.handling_ms / 1000, 1),
            }
            for miss in matter.misses
        ]
    return row
