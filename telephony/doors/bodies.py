"""A webhook's body, read as the bytes that were signed, and never more of it than any honest one has."""

from __future__ import annotations

from fastapi import Request
from starlette.requests import ClientDisconnect

MOST_BYTES = 128 * 1024
"""A webhook about a call, with the whole SIP message in it, has some 10 kB."""


async def signed_bytes(request: Request, most_bytes: int = MOST_BYTES) -> bytes | None:
    """The body; None when it is longer, or was never sent to its end."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most_bytes:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)
