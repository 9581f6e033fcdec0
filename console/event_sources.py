"""Systems that may write events into the history: each has a name and a key, shown once and stored hashed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from console.account_tables import EventSourceRow, hashed

PREFIX = "centralino_events_"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True)
class EventSource:
    """name: what the `source` of its events is, or begins with, before a slash. verifies: it proves whose an address
    is (with a login, with a code sent there), so what it calls verified is believed."""

    name: str
    verifies: bool
    created_at_s: float

    def may_send(self, source: str) -> bool:
        return source == self.name or source.startswith(f"{self.name}/")


class EventSources:
    """Those of `console.accounts.Accounts`, reached as `accounts.event_sources`. now: epoch seconds."""

    def __init__(self, database: async_sessionmaker[AsyncSession], now: Callable[[], float]) -> None:
        self._database, self._now = database, now

    async def create(self, name: str, *, verifies: bool) -> str:
        """A new key, not to be seen again; an earlier one of this name stops working. Raises ValueError: a bad name."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"source {name!r}: use 1 to 40 of a-z 0-9 . _ - starting with a letter or digit")
        key = PREFIX + secrets.token_urlsafe(32)
        async with self._database.begin() as db:
            await db.execute(delete(EventSourceRow).where(EventSourceRow.name == name))
            db.add(EventSourceRow(key_hash=hashed(key), name=name, verifies=verifies, created_at_s=self._now()))
        return key

    async def find(self, key: str) -> EventSource | None:
        """None when unknown or revoked."""
        if not key.startswith(PREFIX):
            return None
        async with self._database.begin() as db:
            row = await db.get(EventSourceRow, hashed(key))
            return None if row is None else EventSource(row.name, row.verifies, row.created_at_s)

    async def all(self) -> tuple[EventSource, ...]:
        """By name."""
        async with self._database.begin() as db:
            rows = await db.scalars(select(EventSourceRow).order_by(EventSourceRow.name))
            return tuple(EventSource(row.name, row.verifies, row.created_at_s) for row in rows)

    async def revoke(self, name: str) -> bool:
        """Whether there was one."""
        async with self._database.begin() as db:
            found = await db.scalar(select(EventSourceRow).where(EventSourceRow.name == name))
            if found is not None:
                await db.delete(found)
            return found is not None
