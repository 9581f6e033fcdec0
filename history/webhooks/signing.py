"""Signatures of webhooks as Standard Webhooks 1.0 has them: HMAC-SHA256 over id, time and body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
"""Of new secrets; the specification asks for 24 to 64, its own example has 18."""


def new_secret() -> str:
    """As receivers are given it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Raises ValueError for what is no secret of this form."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 16 <= len(key) <= 64:
        raise ValueError(f"a secret is {PREFIX!r} and the base64 of 16 to 64 bytes")
    return key


def signed_headers(secrets_now: Sequence[str], message_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """The three headers of a message sent at `at_s` (epoch seconds). secrets_now: the newest first; while a secret is
    being replaced there are two, and a receiver that knows either of them is content. Raises ValueError."""
    text = f"{message_id}.{at_s}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.new(key_of(secret), text, hashlib.sha256).digest()).decode()
        for secret in secrets_now
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(signatures),
    }
