"""A web chat: conversations with their messages, in a form of ours that is easily written from any chat."""

from __future__ import annotations

from typing import Any

from history.ingestion.formats.documents import documents, event, needed, point


def from_chat(raw: bytes, source: str) -> list[dict[str, Any]]:
    """An event for each message. Conversations: `conversation`, `visitor` (`id`, `name`, `email`, `phone`), `messages`
    (`id`, `time`, `from` visitor|bot|operator, `text`). Fields beyond these are kept."""
    events = []
    for number, conversation in enumerate(documents(raw), start=1):
        try:
            name, visitor, messages = needed(conversation, "conversation", "visitor", "messages")
            (visitor_id,) = needed(visitor, "id")
            points = [
                *point("chat", f"{source}:{visitor_id}"),
                *point("email", visitor.get("email")),
                *point("tel", visitor.get("phone")),
            ]
            rest = {key: value for key, value in conversation.items() if key not in ("messages", "conversation")}
            for message in messages:
                message_id, at, text = needed(message, "id", "time", "text")
                data = {
                    "channel": "chat",
                    "direction": "inbound" if message.get("from", "visitor") == "visitor" else "outbound",
                    "contact": {"name": str(visitor.get("name") or ""), "points": points},
                    "subject": str(conversation.get("subject") or ""),
                    "text": str(text),
                    "thread": str(name),
                    "message": {key: value for key, value in message.items() if key != "text"},
                    "chat": rest,
                }
                events.append(event(source, f"{name}/{message_id}", "message", str(at), data))
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"conversation {number}: {error}") from error
    return events
