"""What the forms have in common: JSON that may be one document, a list, or a line each; and the event around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MAX_TEXT = 16_000
"""Characters of a text that are kept; `text_cut` says that there were more."""


def documents(raw: bytes) -> list[dict[str, Any]]:
    """Raises ValueError for anything but JSON objects."""
    text = raw.decode("utf-8-sig")  # UnicodeDecodeError is a ValueError
    try:
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    found = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in found):
        raise ValueError("JSON objects are expected: one, a list of them, or one a line")
    return found


def event(source: str, event_id: str, kind: str, at: str | datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """A CloudEvent; a text that is too long is cut."""
    told = dict(data)
    if len(text := str(told.get("text", ""))) > MAX_TEXT:
        told |= {"text": text[:MAX_TEXT], "text_cut": True}
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": f"centralino.{kind}",
        "time": at if isinstance(at, str) else at.astimezone(UTC).isoformat(),
        "datacontenttype": "application/json",
        "data": told,
    }


def point(kind: str, value: Any, verified: bool = False) -> list[dict[str, Any]]:
    """One point, or none when there is no value."""
    return [{"kind": kind, "value": str(value), "verified": verified}] if value else []


def needed(document: Mapping[str, Any], *names: str) -> list[Any]:
    """Those fields. Raises ValueError naming the first that is missing."""
    for name in names:
        if document.get(name) in (None, ""):
            raise ValueError(f"{name!r} is missing; there are {', '.join(sorted(map(str, document))[:20])}")
    return [document[name] for name in names]


def from_unix(seconds: Any) -> datetime:
    """Raises ValueError."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, OverflowError, OSError) as error:
        raise ValueError(f"{seconds!r} is no time in seconds since 1970") from error
