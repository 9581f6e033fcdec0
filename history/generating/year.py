"""What happens in a made-up bookshop in a year: who is in touch, when, and over which channel; pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from history.events import Entry
from history.generating.messages import a_message
from history.generating.phone_calls import a_call
from history.ingestion.envelope import Received

CHANNELS = ("voice",) * 12 + ("email",) * 4 + ("chat",) * 2 + ("whatsapp", "shop")
HOURS = (9, 10, 10, 11, 11, 12, 14, 15, 15, 16, 16, 17, 18, 19)

Happening = tuple[str, list[Entry], Received | None]
"""The interaction's id, its entries, and the event of another channel that it came as, if it did. Entries are made as
`checked` would leave them; to check each took a fifth of all the time, and is left to a test."""


def year(count: int, seed: int, until: datetime) -> Iterator[Happening]:
    """So many interactions in the year before `until` (aware), day by day, of a fifth as many people."""
    chance = random.Random(seed)  # noqa: S311 - made up, not secret
    people = max(1, count // 5)
    for number in range(count):
        at = until - timedelta(days=365) + timedelta(days=365) * number / count
        at = at.replace(hour=chance.choice(HOURS), minute=chance.randrange(60), second=chance.randrange(60)).astimezone(
            UTC
        )
        person = chance.randrange(people)
        channel = chance.choice(CHANNELS)
        if channel == "voice":
            yield *a_call(chance, person, at), None
        else:
            yield a_message(chance, channel, person, number, at)
