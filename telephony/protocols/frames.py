"""Reading JSON frames from a far end that may send anything."""

from __future__ import annotations

import json
from typing import Any

from telephony.media import ProtocolError

KEYS = frozenset("0123456789*#")


def json_frame(message: str) -> dict[str, Any]:
    """A text frame as an object; ProtocolError when it is not one."""
    try:
        frame = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("malformed_frame", f"not JSON: {error}; starts {message[:40]!r}") from None
    if not isinstance(frame, dict):
        raise ProtocolError("malformed_frame", f"a JSON object was expected, got {type(frame).__name__}")
    return frame


def part(frame: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under `name`."""
    value = frame.get(name)
    if not isinstance(value, dict):
        raise ProtocolError("malformed_frame", f"object {name!r} is missing or not an object")
    return value


def text(frame: dict[str, Any], name: str, limit: int = 256) -> str:
    """The string under `name`, at most `limit` characters."""
    value = frame.get(name)
    if not isinstance(value, str) or len(value) > limit:
        raise ProtocolError("malformed_frame", f"string {name!r} is missing, not a string or over {limit} characters")
    return value


def optional_text(frame: dict[str, Any], name: str, limit: int = 256) -> str:
    return text(frame, name, limit) if frame.get(name) is not None else ""


def key(frame: dict[str, Any], name: str = "digit") -> str:
    value = text(frame, name, 1)
    if value not in KEYS:
        raise ProtocolError("malformed_frame", f"key {value!r} is none of 0-9 * #")
    return value
