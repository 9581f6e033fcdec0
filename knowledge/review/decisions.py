"""What was decided about questions: what somebody has dealt with is not shown again, unless it happens again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from knowledge.review.clusters import Matter
from knowledge.review.misses import Miss
from knowledge.wording import essence

Verdict = Literal["approved", "dismissed"]
MOST_KEPT = 10_000
"""The oldest are forgotten."""


@dataclass(frozen=True)
class Decision:
    """approved: misses from before `at` are done with, later ones show that it did not help. dismissed: for good."""

    verdict: Verdict
    at: datetime
    who: str


Decisions = Mapping[str, Decision]
"""By language and question: 'it:quanto costa'."""


def key(question: str, language: str) -> str:
    return f"{language.partition('-')[0]}:{essence(question, language)}"


def still_open(misses: Sequence[Miss], decisions: Decisions) -> list[Miss]:
    """Those that nobody has dealt with."""
    left = []
    for miss in misses:
        known = decisions.get(key(miss.question, miss.language))
        if known is None or (known.verdict == "approved" and miss.at > known.at):
            left.append(miss)
    return left


def decided(decisions: Decisions, matter: Matter, verdict: Verdict, who: str, at: datetime) -> dict[str, Decision]:
    """With this matter's questions decided."""
    new = {key(miss.question, matter.language): Decision(verdict, at, who) for miss in matter.misses}
    return dict(list({**{k: v for k, v in decisions.items() if k not in new}, **new}.items())[-MOST_KEPT:])


def as_json(decisions: Decisions) -> bytes:
    rows = {name: [one.verdict, one.at.isoformat(), one.who] for name, one in decisions.items()}
    return json.dumps(rows, ensure_ascii=False).encode()


def from_json(stored: bytes) -> dict[str, Decision]:
    rows: Iterable[tuple[str, list[str]]] = json.loads(stored or b"{}").items()
    found: dict[str, Decision] = {}
    for name, (verdict, at, who) in rows:
        found[name] = Decision("approved" if verdict == "approved" else "dismissed", datetime.fromisoformat(at), who)
    return found
