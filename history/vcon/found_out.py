"""What was found out about a conversation, as the analyses of a vCon, and those of our own read back.

The draft keeps all of it out of the dialog: how it ended and why it was passed on, what was understood of it, the work
behind it, answers to surveys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from history.analyses.understanding import Analysis
from history.events import Entry, StoredEvent, checked
from history.projections import Projection
from history.vcon.model import Analysis as VconAnalysis

VENDOR = "Centralino"
OUTCOME = "centralino.outcome/1"
UNDERSTOOD = "centralino.analysis/1"
WRAP_UP = "centralino.wrapup/1"
SURVEY = "centralino.survey/1"
TYPES = {"sentiment": "sentiment", "summary": "summary"}
"""What the draft has a name for; everything else is a 'report'."""


@dataclass(frozen=True)
class Found:
    """Something that was found out. seqs: the events of the log it rests on."""

    type: str
    schema: str
    body: Mapping[str, Any]
    product: str = ""
    seqs: tuple[int, ...] = ()


def found_out(
    rows: Projection, events: Sequence[StoredEvent], analyses: Sequence[Analysis], parties: Mapping[str, int]
) -> list[Found]:
    """In an order of its own, the outcome first. parties: where each operator stands in the vCon. Pure."""
    return [
        Found("report", OUTCOME, _outcome(rows, events)),
        *(_understood(one) for one in sorted(analyses, key=lambda one: one.type)),
        *_after_the_call(rows, parties),
    ]


def _outcome(rows: Projection, events: Sequence[StoredEvent]) -> dict[str, Any]:
    row = rows.interaction
    about = {"outcome": row.outcome, "end_reason": row.end_reason, "queue": row.queue, "article": row.article}
    reasons = [event.payload.get("reason") for event in events if event.type == "handoff.queued"]
    return about | ({"handoff_reasons": reasons} if reasons else {})


def _understood(one: Analysis) -> Found:
    told = one.why.get("words") or []
    turns = [word.get("turn") for word in told if isinstance(word, Mapping)] if isinstance(told, list) else []
    turns += one.why["turns"] if isinstance(one.why.get("turns"), list) else []
    seqs = tuple(sorted({turn for turn in turns if isinstance(turn, int)}))
    body = {field.name: getattr(one, field.name) for field in fields(one)}
    return Found(TYPES.get(one.type, "report"), UNDERSTOOD, body, one.method, seqs)


def _after_the_call(rows: Projection, parties: Mapping[str, int]) -> list[Found]:
    found = []
    for done in rows.wrapups:
        body: dict[str, Any] = {"duration_ms": done.duration_ms, "code": done.code, "note": done.note}
        body |= {"party": parties[done.operator]} if done.operator in parties else {}
        found.append(Found("report", WRAP_UP, {**body, "operator": done.operator, "time": _iso(done.at)}))
    for said in rows.surveys:
        body = {name: getattr(said, name) for name in ("kind", "survey", "score", "scale", "answered_by", "comment")}
        found.append(Found("report", SURVEY, {**body, "time": _iso(said.at)}))
    return found


class _Restored(BaseModel):
    type: str = Field(min_length=1, max_length=32)
    version: str = Field(max_length=64)
    method: str = Field(max_length=255)
    body: dict[str, Any]
    why: dict[str, Any]


def restored(analyses: Sequence[VconAnalysis], at: datetime) -> tuple[tuple[Analysis, ...], int]:
    """What was understood, as it goes into the table `analysis`, and how many parts are somebody else's. All else of
    ours is made anew from the log. Raises ValueError naming the analysis that must not be stored."""
    found: dict[str, Analysis] = {}
    others = 0
    for number, one in enumerate(analyses):
        if one.vendor != VENDOR:
            others += 1
        elif (one.model_extra or {}).get("schema") == UNDERSTOOD:
            try:
                told = _Restored.model_validate(one.body).model_dump()
                kept = Analysis(**checked(Entry("analysis", told), at).payload)
            except ValueError as error:
                raise ValueError(f"analysis {number}: {error}") from error
            if kept.type in found:
                raise ValueError(f"analysis {number}: there is one of type {kept.type!r} already")
            found[kept.type] = kept
    return tuple(found.values()), others


def _iso(at: datetime) -> str:
    return at.isoformat()
