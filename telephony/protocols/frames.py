"""Reading JSON frames from a far end that may send anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from telephony.media import KeyPressed, ProtocolError

KEYS = frozenset("0123456789*#")
LETTERS = frozenset("ABCD")
"""The fourth column of DTMF: carriers report it, no phone has it, nothing is asked by it."""


def json_frame(message: str) -> dict[str, Any]:
    """A text frame as an object; ProtocolError when it is not one."""
    try:
        frame = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("malformed_frame", f"not JSON: {str(error)[:80]}; starts {shown(message[:40])}") from None
    if not isinstance(frame, dict):
        raise ProtocolError("malformed_frame", f"a JSON object was expected, got {type(frame).__name__}")
    return frame


def is_unicode(value: str) -> bool:
    r"""False for half a surrogate pair: JSON can write one (`"\ud800"`), nothing can store or send it."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def shown(value: Any) -> str:
    """A far end's value in the text of an error: short, and printable whatever it was."""
    plain = isinstance(value, str | int | float | bool | None)  # a deep list could not be printed at all
    return ascii(value)[:48] if plain else f"a {type(value).__name__}"


def part(frame: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under `name`."""
    value = frame.get(name)
    if not isinstance(value, dict):
        raise ProtocolError("malformed_frame", f"object {shown(name)} is missing or not an object")
    return value


def text(frame: dict[str, Any], name: str, limit: int = 256) -> str:
    """The string under `name`, at most `limit` characters."""
    value = frame.get(name)
    if not isinstance(value, str) or len(value) > limit:
        wrong = f"string {shown(name)} is missing, not a string or over {limit} characters"
        raise ProtocolError("malformed_frame", wrong)
    if not is_unicode(value):
        raise ProtocolError("malformed_frame", f"string {shown(name)} has half a surrogate pair")
    return value


def optional_text(frame: dict[str, Any], name: str, limit: int = 256) -> str:
    return text(frame, name, limit) if frame.get(name) is not None else ""


def key(frame: dict[str, Any], name: str = "digit") -> str:
    value = text(frame, name, 1)
    if value not in KEYS:
        raise ProtocolError("malformed_frame", f"key {shown(value)} is none of 0-9 * #")
    return value


def pressed(frame: dict[str, Any], name: str = "digit") -> Sequence[KeyPressed]:
    """The key under `name`; none for a letter."""
    return () if text(frame, name, 1) in LETTERS else (KeyPressed(key(frame, name)),)


def number(frame: dict[str, Any], name: str) -> int:
    """The whole number from 0 on under `name`, written as a number or as a string."""
    value = frame.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18:
        return value
    raise ProtocolError("malformed_frame", f"{shown(name)} is no whole number: {shown(value)}")
