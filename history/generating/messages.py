"""A message of a made-up customer on another channel."""

from __future__ import annotations

import random
from datetime import datetime

from history.events import Entry
from history.generating.bookshop import NAMES, QUESTIONS, SURNAMES, telephone_of, worded
from history.ingestion.envelope import Received, received


def a_message(
    chance: random.Random, channel: str, person: int, number: int, at: datetime
) -> tuple[str, list[Entry], Received]:
    """number: of all that happens, for its id. Returns the interaction's id, its entry, and the event it came as."""
    name = f"{NAMES[person % len(NAMES)]} {SURNAMES[person // len(NAMES) % len(SURNAMES)]}"
    mail = {"kind": "email", "value": f"cliente{person}@example.org", "verified": channel == "shop"}
    tel = {"kind": "tel", "value": telephone_of(person), "verified": channel == "shop"}
    order = f"A-{person}-{chance.randrange(5)}"
    data = {
        "channel": channel, "direction": "inbound" if chance.random() < 0.7 else "outbound", "language": "it",
        "contact": {"name": name, "points": {"whatsapp": [tel], "shop": [mail, tel]}.get(channel, [mail])},
        "subject": f"Ordine {order}", "thread": order, "outcome": chance.choice(("", "shipped", "delivered")),
        "text": "" if channel == "shop" else worded(chance, chance.choice(QUESTIONS).asked),
    }  # fmt: skip
    event = received({
        "specversion": "1.0", "id": str(number), "source": f"generated/{channel}", "type": "org.example.message",
        "time": at.isoformat(), "data": data,
    })  # fmt: skip
    return event.interaction_id, [event.entry(trusted=True)], event
