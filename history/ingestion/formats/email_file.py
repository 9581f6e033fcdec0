"""An e-mail (RFC 5322), as mail programs save it (`.eml`)."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any, cast

from history.ingestion.formats.documents import event, point

MOST_HEADERS = 100
LONGEST_HEADER = 300


def from_email(raw: bytes, source: str) -> list[dict[str, Any]]:
    """One event. The sender's address is not verified: anybody can write any. Attachments are named, not kept."""
    mail = message_from_bytes(raw, policy=default)
    sender = mail["from"].addresses if mail["from"] else ()
    sent = mail["date"].datetime if mail["date"] else None
    if not sender or sent is None:
        raise ValueError("an e-mail needs the headers From and Date; is this a message in RFC 5322 form?")
    if sent.tzinfo is None:  # '-0000': in UTC, says RFC 5322 3.3, from a place that is not told
        raise ValueError("the header Date has no time zone")
    message_id = str(mail["message-id"] or "").strip()[:255] or hashlib.sha256(raw).hexdigest()
    before = f"{mail['references'] or ''} {mail['in-reply-to'] or ''}".split()
    data = {
        "channel": "email",
        "contact": {
            "name": sender[0].display_name[:255],
            "points": point("email", sender[0].addr_spec[:255]),
        },
        "subject": str(mail["subject"] or "")[:255],
        "text": _text(mail),
        "thread": (before[0] if before else message_id)[:255],
        "attachments": [
            {"name": (part.get_filename() or "")[:255], "media_type": part.get_content_type()}
            for part in list(mail.iter_attachments())[:50]
        ],
        "headers": [[name, str(value)[:LONGEST_HEADER]] for name, value in mail.items()[:MOST_HEADERS]],
    }
    return [event(source, message_id, "message", sent, data)]


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        content = str(body.get_content())
    except LookupError:  # a character set that nobody knows
        content = cast(bytes, body.get_payload(decode=True) or b"").decode("latin-1")
    if body.get_content_subtype() == "html":
        reader = _Words()
        reader.feed(content)
        content = "".join(reader.words)
    return "\n".join(line.rstrip() for line in content.strip().splitlines())


class _Words(HTMLParser):
    """What one would read: no scripts, no styles; a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style", "head")
        if tag in ("br", "p", "div", "tr", "li"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in ("script", "style", "head")))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
