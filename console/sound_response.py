"""A recording as an answer: the piece that a player asks for, read out of the encrypted file while it is sent."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import closing

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from telephony.recording.sealing.key_store import KeyDestroyed
from telephony.recording.sealing.master_key import KeysUnavailable
from telephony.recording.sealing.sealed_file import NotSealed

PIECE_BYTES = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$", re.ASCII)


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """From which byte up to before which, of a `Range` header (RFC 9110, 14.2). None: all of it, also for what is no
    single range of bytes. Raises ValueError when no byte of it is there."""
    found = _RANGE.match(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
        if found[2] and int(found[2]) < int(found[1]):
            return None
    if start >= end:
        raise ValueError(f"there are {size} bytes")
    return start, end


def sound_response(
    sound: io.BufferedReader, size: int, request: Request, name: str, etag: str, *, download: bool
) -> Response:
    """Sends `sound`, which has `size` bytes, or the range asked for, and closes it. etag: '' for none."""
    kind = "attachment" if download else "inline"
    headers = {"Accept-Ranges": "bytes", "Content-Disposition": f'{kind}; filename="{_plain_name(name)}"'}
    if etag:
        headers["ETag"] = f'"{etag}"'
    asked, unchanged = request.headers.get("range", ""), request.headers.get("if-range")
    start, end, status = 0, size, 200
    if asked and (unchanged is None or unchanged == headers.get("ETag")):
        try:
            found = wanted_range(asked, size)
        except ValueError:
            sound.close()
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        if found is not None:
            start, end = found
            status = 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(_pieces(sound, start, end), status, headers, media_type="audio/ogg")


async def _pieces(sound: io.BufferedReader, start: int, end: int) -> AsyncIterator[bytes]:
    with closing(sound):
        await asyncio.to_thread(sound.seek, start)
        while start < end:
            piece = await asyncio.to_thread(sound.read, min(PIECE_BYTES, end - start))
            if not piece:
                return
            start += len(piece)
            yield piece


def _plain_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def tell_unreadable(app: FastAPI) -> None:
    """Answers of `app` for recordings that cannot be opened: without their keys, destroyed, or damaged."""

    def answering(status: int, code: str) -> None:
        async def answer(request: Request, error: Exception) -> JSONResponse:
            return JSONResponse({"detail": {"code": code, "message": str(error), "retry_after_s": 0}}, status)

        app.add_exception_handler(kinds[code], answer)

    kinds = {"keys_unavailable": KeysUnavailable, "key_destroyed": KeyDestroyed, "recording_damaged": NotSealed}
    for code, status in (("keys_unavailable", 503), ("key_destroyed", 410), ("recording_damaged", 500)):
        answering(status, code)
