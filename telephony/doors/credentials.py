"""Names, passwords and keys that a far end shows with its request; compared in constant time."""

from __future__ import annotations

import base64
import hmac

from starlette.datastructures import Headers

LONGEST = 4096
"""Characters of an Authorization header that are looked at."""


def basic(headers: Headers) -> tuple[str, str] | None:
    """The name and the password of HTTP Basic authentication; None when there are none that can be read."""
    kind, coded = _authorization(headers)
    if kind != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if colon else None


def is_basic(headers: Headers, username: str, password: str) -> bool:
    """Whether exactly these are shown."""
    name, shown = basic(headers) or ("", "")
    return same(name, username) & same(shown, password)


def bearer(headers: Headers) -> str:
    """The bearer token, '' when there is none."""
    kind, token = _authorization(headers)
    return token if kind == "bearer" else ""


def same(shown: str, wanted: str) -> bool:
    """Whether a secret was shown; an empty one never is."""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), wanted.encode("utf-8", "replace")) and bool(wanted)


def _authorization(headers: Headers) -> tuple[str, str]:
    kind, _, value = headers.get("Authorization", "")[:LONGEST].strip().partition(" ")
    return kind.lower(), value.strip()
