"""Requests signed as Twilio signs them, and SignalWire after it.

The signature is made here once more, apart from the server's own code, so that the two can disagree.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from centralino.calling.form_webhook import Proof


def signature(secret: str, url: str, fields: Mapping[str, str]) -> str:
    """base64(HMAC-SHA1(secret, URL + each form field's name and value, by name))."""
    message = url + "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.digest(secret.encode(), message.encode(), hashlib.sha1)).decode()


def signing(header: str, secret: str) -> Proof:
    """Puts the signature into this header."""

    def proof(url: str, fields: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        return {header: signature(secret, url, fields)}

    return proof
