"""Updates of a Telegram bot, as a webhook gets them or `getUpdates` answers. https://core.telegram.org/bots/api#update"""

from __future__ import annotations

from typing import Any

from history.ingestion.formats.documents import documents, event, from_unix, needed, point


def from_telegram(raw: bytes, source: str) -> list[dict[str, Any]]:
    """An event for each update with a message of a person, edited ones too; other kinds of updates are no messages.

    Who shares their own contact card has that number proved by Telegram.
    """
    events = []
    updates = [one for found in documents(raw) for one in found.get("result", [found])]
    for number, update in enumerate(updates, start=1):
        try:
            (update_id,) = needed(update, "update_id")
            message = update.get("message") or update.get("edited_message")
            if not message or "from" not in message:
                continue
            sender, chat, at = needed(message, "from", "chat", "date")
            card = message.get("contact") or {}
            own = card.get("user_id") == sender["id"]
            data = {
                "channel": "telegram",
                "language": str(sender.get("language_code") or "")[:2],
                "contact": {
                    "name": " ".join(filter(None, (sender.get("first_name"), sender.get("last_name")))),
                    "points": [
                        *point("social", f"telegram:{sender['id']}", verified=True),
                        *(point("tel", "+" + str(card["phone_number"]).lstrip("+"), verified=True) if own else []),
                    ],
                },
                "text": str(message.get("text") or message.get("caption") or ""),
                "thread": str(chat["id"]),
                "message": message,
            }
            at = message.get("edit_date", at)
            events.append(event(source, str(update_id), "message", from_unix(at), data))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"update {number}: {error}") from error
    return events
