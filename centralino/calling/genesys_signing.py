"""The signed headers with which Genesys opens an AudioHook websocket; made here apart from the server's own code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

LIFETIME_S = 10


def signed_headers(
    url: str, api_key: str, client_secret: str, organization_id: str, session_id: str, correlation_id: str, now_s: int
) -> dict[str, str]:
    """Of an upgrade request for this (public) address. client_secret: base64, as in Genesys' credentials."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    covered = {
        "@request-target": target,
        "audiohook-session-id": session_id,
        "audiohook-organization-id": organization_id,
        "audiohook-correlation-id": correlation_id,
        "x-api-key": api_key,
        "@authority": parts.netloc,
    }
    names = " ".join(f'"{name}"' for name in covered)
    nonce = base64.b64encode(secrets.token_bytes(18)).decode()
    parameters = (
        f'({names});keyid="{api_key}";nonce="{nonce}";alg="hmac-sha256";created={now_s};expires={now_s + LIFETIME_S}'
    )
    lines = [f'"{name}": {value}' for name, value in covered.items()] + [f'"@signature-params": {parameters}']
    digest = hmac.new(base64.b64decode(client_secret), "\n".join(lines).encode(), hashlib.sha256).digest()
    return {
        "Audiohook-Organization-Id": organization_id,
        "Audiohook-Session-Id": session_id,
        "Audiohook-Correlation-Id": correlation_id,
        "X-API-KEY": api_key,
        "Signature-Input": f"sig1={parameters}",
        "Signature": f"sig1=:{base64.b64encode(digest).decode()}:",
    }
