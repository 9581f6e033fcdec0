"""Calls for the tests of what is derived from them: a log from a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from history import Entry, StoredEvent

MONDAY = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)


def started(line: str = "it", caller: str = "+39051000001", **more: Any) -> tuple[Any, ...]:
    return "call.started", {"line": line, "caller": caller, "language": "it", **more}


def told(kind: str, **fields: Any) -> tuple[Any, ...]:
    return "dialog.event", {"kind": kind, **fields}


def did(kind: str, **fields: Any) -> tuple[Any, ...]:
    return "dialog.action", {"kind": kind, **fields}


def noted(topic: str, **values: str) -> tuple[Any, ...]:
    return did("Note", topic=topic, values=values)


def said(speaker: str, text: str, **more: Any) -> tuple[Any, ...]:
    return "transcript", {"speaker": speaker, "text": text, "start_ms": 0, "end_ms": 1000, **more}


def ended(outcome: str = "answered", reason: str = "bot_ended") -> tuple[Any, ...]:
    return "call.ended", {"reason": reason, "outcome": outcome}


def entries(*steps: tuple[Any, ...] | int, began: datetime = MONDAY) -> list[Entry]:
    """steps: (type, payload) one after the other; a number is how many seconds pass before the next."""
    found, at_ms = [], 0
    for step in steps:
        if isinstance(step, int):
            at_ms += 1000 * step
            continue
        kind, payload = step
        found.append(Entry(kind, payload, at_ms, occurred_at=began + timedelta(milliseconds=at_ms)))
    return found


def log(*steps: tuple[Any, ...] | int, began: datetime = MONDAY, of: str = "a") -> list[StoredEvent]:
    """The same as it is read back."""
    return [
        StoredEvent(of, seq, e.type, e.payload, e.at_ms, e.actor, e.occurred_at or began, began)
        for seq, e in enumerate(entries(*steps, began=began), start=1)
    ]


ANSWERED: tuple[Any, ...] = (
    started(),
    told("CallStarted", line="it"),
    5,
    told("CallerSaid", text="che orari fate", confidence=0.9),
    told("LookedUp", text="che orari fate", band="answer"),
    did("Say", text="Dalle nove.", article="hours"),
    said("bot", "Dalle nove.", article="hours", latency_ms=620),
    4,
    ended(),
)


def handed(queue: str, wait_s: int, talk_s: int, *more: tuple[Any, ...] | int) -> tuple[Any, ...]:
    """A call that an operator takes after a wait."""
    return (
        started(),
        told("CallStarted", line="it"),
        3,
        told("CallerSaid", text="un operatore"),
        noted("command", name="operator"),
        did("Handoff", queue=queue, reason="asked"),
        ("handoff.queued", {"queue": queue}),
        wait_s,
        ("operator.joined", {"operator": "op-1"}),
        *more,
        talk_s,
        ("operator.left", {"operator": "op-1"}),
        ended("handed_off", "operator_ended"),
        10,
        ("operator.wrapped_up", {"operator": "op-1", "duration_ms": 10_000}),
    )
