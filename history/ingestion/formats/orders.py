"""Orders of a web shop: an event for each state that an order reaches, in a form that any shop can write."""

from __future__ import annotations

from typing import Any

from history.ingestion.formats.documents import documents, event, needed, point


def from_orders(raw: bytes, source: str) -> list[dict[str, Any]]:
    """Orders: `number`, `time` (when it came to be in this state), `status`, `customer` (`id`, `name`, `email`,
    `phone`, `email_verified`, `phone_verified`), and whatever else the shop says of them, which is kept."""
    events = []
    for count, order in enumerate(documents(raw), start=1):
        try:
            number, at, status, customer = needed(order, "number", "time", "status", "customer")
            points = [
                *(point("ext", f"{source}:{customer['id']}", verified=True) if customer.get("id") else []),
                *point("email", customer.get("email"), bool(customer.get("email_verified"))),
                *point("tel", customer.get("phone"), bool(customer.get("phone_verified"))),
            ]
            data = {
                "channel": "shop",
                "contact": {"name": str(customer.get("name") or ""), "points": points},
                "subject": str(number),
                "thread": str(number),
                "outcome": str(status),
                "order": order,
            }
            events.append(event(source, f"{number}/{status}", "order", str(at), data))
        except (AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"order {count}: {error}") from error
    return events
