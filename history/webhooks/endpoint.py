"""An endpoint: an address outside that is told of events, of which types, and in how much detail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

DEFAULT_TYPES = (
    "call.started",
    "call.ended",
    "handoff.queued",
    "operator.joined",
    "callback.requested",
    "callback.done",
    "event.received",
)
"""What most receivers want to know; the dialog's own steps are dozens a call."""
MOST_ENDPOINTS = 50
MOST_TYPES = 50
LONGEST_URL = 2000
SECRETS_OVERLAP = timedelta(hours=24)
"""How long messages are also signed with the secret that was replaced."""
DISABLED_AFTER = timedelta(days=5)
"""Nothing but failures for so long, and the endpoint is switched off."""

_TYPE = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?")

Detail = Literal["ids", "payload"]


class NotAnEndpoint(ValueError):
    """The address, the types or the detail are of a wrong form; the message says which, and what would do."""


@dataclass(frozen=True)
class Endpoint:
    """types: 'call.ended', 'call.*' or '*'. detail: 'ids' tells that something happened, 'payload' also what, redacted.

    state: 'enabled', 'disabled' (by a person, or by `DISABLED_AFTER` of failures: `why` says which) or 'removed'.
    failing_since: when its first failure after the last success was. previous_until: until then messages are signed
    with both secrets.
    """

    id: str
    url: str
    description: str
    types: tuple[str, ...]
    detail: Detail
    created_at: datetime
    changed_at: datetime
    secret: str = field(repr=False)
    state: Literal["enabled", "disabled", "removed"] = "enabled"
    why: str = ""
    failing_since: datetime | None = None
    previous_secret: str = field(default="", repr=False)
    previous_until: datetime | None = None

    def secrets_at(self, now: datetime) -> list[str]:
        """Those to sign with, the newest first."""
        both = self.previous_secret and self.previous_until is not None and now < self.previous_until
        return [self.secret, self.previous_secret] if both else [self.secret]


def wanted(types: Iterable[str], event_type: str) -> bool:
    """Whether one of the patterns names this type."""
    return any(
        pattern in ("*", event_type) or (pattern.endswith(".*") and event_type.startswith(pattern[:-1]))
        for pattern in types
    )


def checked_url(url: str) -> str:
    """Raises NotAnEndpoint. Where its host leads is looked at with every message, not here."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise NotAnEndpoint("the address is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or len(url) > LONGEST_URL:
        raise NotAnEndpoint(f"an address is https://host/path, in ASCII, of at most {LONGEST_URL} characters")
    if parts.username is not None or parts.fragment:
        raise NotAnEndpoint("an address has no user name and no fragment: messages are signed instead")
    return url


def checked_types(types: Sequence[str]) -> tuple[str, ...]:
    """Raises NotAnEndpoint."""
    if not 1 <= len(types) <= MOST_TYPES:
        raise NotAnEndpoint(f"{len(types)} types; 1 to {MOST_TYPES}")
    for one in types:
        if len(one) > 64 or not _TYPE.fullmatch(one):
            raise NotAnEndpoint(f"type {one[:70]!r} is not of the form 'call.ended', 'call.*' or '*'")
    return tuple(dict.fromkeys(types))
