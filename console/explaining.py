"""Why the bot said what it said and understood what it understood, read from a call's log. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from history import StoredEvent


@dataclass(frozen=True)
class Rival:
    """An article the search found as well. score: calibrated 0..1."""

    article: str
    title: str
    score: float


@dataclass(frozen=True)
class Why:
    """article, version: what was read out. asked: the caller's words looked up, with the recognizer's confidence.

    band: how sure the search was ('answer', 'choose', 'reject'), '' when the answer did not come from a search.
    score: of the article, 0..1. rivals: the other articles found, best first.
    """

    article: str
    version: str
    title: str
    score: float | None
    band: str
    asked: str
    confidence: float | None
    rivals: tuple[Rival, ...]


def why_answers(events: Iterable[StoredEvent]) -> dict[int, Why]:
    """The reason for each bot segment that reads out an article, by its seq. events: a whole log, in order."""
    found: dict[int, Why] = {}
    said: dict[str, Mapping[str, Any]] = {}
    looked_up: Mapping[str, Any] = {}
    confidences: dict[str, float] = {}
    for event in events:
        payload = event.payload
        if event.type == "dialog.event" and payload.get("kind") == "LookedUp":
            looked_up = payload
        elif event.type == "dialog.event" and payload.get("kind") == "CallerSaid":
            if payload.get("confidence") is not None:
                confidences[payload.get("text", "")] = payload["confidence"]
        elif event.type == "dialog.action" and payload.get("kind") == "Say" and payload.get("article"):
            said[payload["article"]] = {**payload, "looked_up": looked_up}
        elif event.type == "transcript" and payload.get("speaker") == "bot" and payload.get("article"):
            action = said.get(payload["article"])
            if action is not None:
                found[event.seq] = _why(action, confidences)
    return found


def as_recognized(events: Iterable[StoredEvent]) -> dict[int, str]:
    """What the recognizer itself had written for each caller's segment that hints corrected, by its seq."""
    return {
        event.seq: str(event.payload["heard"])
        for event in events
        if event.type == "transcript" and event.payload.get("heard")
    }


def _why(action: Mapping[str, Any], confidences: Mapping[str, float]) -> Why:
    looked_up = action["looked_up"]
    candidates = looked_up.get("candidates") or ()
    chosen = next((c for c in candidates if c["article"] == action["article"]), None)
    # An article that the last search did not find was said for another reason: a step of the flow names it.
    search = looked_up if chosen else {}
    asked = search.get("text", "")
    return Why(
        article=action["article"],
        version=action.get("article_version", ""),
        title=chosen["title"] if chosen else "",
        score=action.get("score") if action.get("score") is not None else (chosen["score"] if chosen else None),
        band=search.get("band", ""),
        asked=asked,
        confidence=confidences.get(asked),
        rivals=tuple(
            Rival(c["article"], c["title"], c["score"])
            for c in candidates
            if chosen and c["article"] != chosen["article"]
        ),
    )
