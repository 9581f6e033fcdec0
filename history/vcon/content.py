"""Bytes inside a vCon, and their checksums."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from history.vcon.model import Content

LARGEST_BODY_BYTES = 32 * 1024 * 1024
"""Of one inline body, decoded: some two hours of a call in Opus."""


def base64url(raw: bytes) -> str:
    """Without padding, as RFC 7515 has it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def content_hash(sha512_hex: str) -> str:
    """The checksum that the history keeps, as a vCon writes it. Raises ValueError for what is none."""
    return "sha512-" + base64url(bytes.fromhex(sha512_hex))


def decoded(content: Content, where: str) -> bytes | None:
    """The bytes of an inline body in base64url, their checksum checked; None when there is no such body.

    Raises ValueError naming `where`: not base64url, too large, another checksum.
    """
    if not isinstance(content.body, str) or content.encoding != "base64url":
        return None
    if len(content.body) > LARGEST_BODY_BYTES * 4 // 3 + 4:
        raise ValueError(f"{where}: its body is over {LARGEST_BODY_BYTES} bytes")
    text = content.body.rstrip("=")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{where}: its body is not base64url") from error
    hashes = [content.content_hash] if isinstance(content.content_hash, str) else content.content_hash or []
    for one in hashes:
        if one.startswith("sha512-"):
            found = "sha512-" + base64url(hashlib.sha512(raw).digest())
            if not hmac.compare_digest(found, one.rstrip("=")):
                raise ValueError(f"{where}: its content_hash does not fit its body")
    return raw
