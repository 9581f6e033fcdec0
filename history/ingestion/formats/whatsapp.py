"""Messages as WhatsApp's Cloud API sends them to a webhook, statuses left out.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from __future__ import annotations

from typing import Any

from history.ingestion.formats.documents import documents, event, from_unix, needed, point


def from_whatsapp(raw: bytes, source: str) -> list[dict[str, Any]]:
    """An event for each of `entry[].changes[].value.messages[]`. WhatsApp proved the sender's number."""
    events = []
    for number, webhook in enumerate(documents(raw), start=1):
        try:
            for entry in needed(webhook, "entry")[0]:
                for change in entry.get("changes", []):
                    value = change.get("value", {})
                    names = {who.get("wa_id"): who.get("profile", {}).get("name") for who in value.get("contacts", [])}
                    for message in value.get("messages", []):
                        events.append(_event(source, message, names))
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"webhook {number}: {error}") from error
    return events


def _event(source: str, message: dict[str, Any], names: dict[Any, Any]) -> dict[str, Any]:
    sender, message_id, at = needed(message, "from", "id", "timestamp")
    kind = str(message.get("type", "text"))
    content = message.get(kind)
    content = content if isinstance(content, dict) else {}
    reply = content.get(content.get("type", ""), {}) if kind == "interactive" else {}
    data = {
        "channel": "whatsapp",
        "contact": {"name": str(names.get(sender) or ""), "points": point("tel", f"+{sender}", verified=True)},
        "text": str(content.get("body") or content.get("caption") or content.get("text") or reply.get("title") or ""),
        "thread": str(sender),
        "message": message,
    }
    return event(source, str(message_id), "message", from_unix(at), data)
