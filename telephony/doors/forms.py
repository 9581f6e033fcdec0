"""Webhooks that are HTML forms: their fields, and the bytes that were signed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request

from telephony.doors.bodies import signed_bytes

MOST_FIELDS = 100


@dataclass(frozen=True)
class Form:
    """body: as it came; fields: in their order."""

    body: bytes
    fields: tuple[tuple[str, str], ...]


async def form_of(request: Request) -> Form | None:
    """None for a body that is too long, no UTF-8, or has more fields than any webhook."""
    body = await signed_bytes(request)
    if body is None:
        return None
    try:
        return Form(body, tuple(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)))
    except ValueError:
        return None
