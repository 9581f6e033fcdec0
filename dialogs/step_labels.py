"""What is written on a step in a picture of its flowbook: the words it says, or what it does. Pure, for any YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LONGEST = 90

_SAID = ("say", "again", "ask", "keypad_help", "while", "notice", "briefing", "comment", "subject", "text")
"""Keys whose value is a text's key."""


def texts_in(raw: Any) -> Iterator[str]:
    """The keys of texts that a step names itself, not those of the steps nested in it."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key in ("then", "else"):
                continue
            if key in _SAID and isinstance(value, str):
                yield value
            elif key == "fill" and isinstance(value, dict):
                yield from (f"ask_{slot}" for slot, one in value.items() if isinstance(one, dict) and "ask" not in one)
                yield from (f"confirm_{slot}" for slot in value)
            yield from texts_in(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from texts_in(value)


def label_of(raw: Mapping[str, Any], kind: str, texts: Mapping[str, Any], language: str) -> str:
    """One line. texts, language: the flowbook's texts, and the language in which they are shown."""
    value = raw.get(kind)
    if kind == "say":
        return _cut(_words(value, texts, language))
    if isinstance(value, dict):
        if kind == "fill":
            return _cut(", ".join(map(str, value)))
        if kind == "set":
            return _cut(", ".join(f"{slot} = {_short(one)}" for slot, one in value.items()))
        if kind == "call":
            method = next((name for name in ("get", "post", "put", "patch", "delete") if value.get(name)), "")
            return _cut(f"{method.upper()} {value.get(method, '')}".strip())
        if kind == "message":
            to = value.get("sms") or value.get("email") or ""
            return _cut(f"{'SMS' if value.get('sms') else 'e-mail'} → {to}")
        asked = value.get("ask")  # of `verify`, a slot with a question
        said = asked.get("ask") if isinstance(asked, dict) else value.get("say")
        return _cut(_words(said, texts, language))
    return _cut("" if value is True else str(value if value is not None else ""))


def _short(value: Any) -> str:
    return str(value["cel"]) if isinstance(value, dict) and "cel" in value else str(value)


def _words(key: Any, texts: Mapping[str, Any], language: str) -> str:
    said = texts.get(key) if isinstance(key, str) else None
    if isinstance(said, dict):
        found = said.get(language) or next((one for one in said.values() if one), None)
        if isinstance(found, str):
            return found
    return str(key or "")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
