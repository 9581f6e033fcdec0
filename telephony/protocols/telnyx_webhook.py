"""How Telnyx signs its webhooks: Ed25519 over `timestamp|body`, with a key of its own for each account.

Headers `telnyx-signature-ed25519` (base64) and `telnyx-timestamp` (seconds since 1970); the account's public key is in
Mission Control (Telnyx's "Webhook fundamentals"). Old requests are refused, so that none can be sent again.
"""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_S = 300
"""As Telnyx's own libraries have it."""


def public_key(coded: str) -> Ed25519PublicKey:
    """Raises ValueError for what is no key in base64."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(coded, validate=True))
    except ValueError:
        raise ValueError("an Ed25519 public key is 32 bytes in base64: copy it from Mission Control") from None


def signed_by_telnyx(key: Ed25519PublicKey, body: bytes, timestamp: str, given: str, now_s: float) -> bool:
    """Whether `given` is the signature of this body at this time, which is about now."""
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now_s - int(timestamp[:12])) > TOLERANCE_S:
        return False
    try:
        key.verify(base64.b64decode(given, validate=True), f"{timestamp}|".encode() + body)
    except (InvalidSignature, ValueError):
        return False
    return True
