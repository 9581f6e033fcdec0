"""Durations as people write them: 6s, 3m, 500ms."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_DURATION = re.compile(r"(\d{1,6})\s*(ms|s|m)")
_MS = {"ms": 1, "s": 1000, "m": 60_000}


def milliseconds(written: object) -> int:
    """'6s' → 6000. Raises ValueError for anything else, also for a bare number: its unit would be a guess."""
    match = _DURATION.fullmatch(written) if isinstance(written, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{written!r} is no duration; write for instance 6s, 3m or 500ms")
    return int(match[1]) * _MS[match[2]]


Milliseconds = Annotated[
    int,
    BeforeValidator(milliseconds),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}\s*(ms|s|m)$", "examples": ["6s", "500ms"]}),
]
