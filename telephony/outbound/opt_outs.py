"""Numbers that must not be called: those who said so, and those that the register of objections lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from telephony.outbound.database import OutboundDatabase
from telephony.outbound.tables import opt_out, register_check

BATCH = 500


class OptOuts:
    """Numbers are E.164. An opt-out holds for campaigns of every company line; promised call-backs were asked for."""

    def __init__(self, database: OutboundDatabase) -> None:
        self._database = database

    async def add(self, numbers: Iterable[str], source: str, now: datetime, interaction_id: str = "") -> int:
        """How many were new. source: 'spoken', 'keyed', 'list', 'admin'; interaction_id: of the call it was said in."""
        added = 0
        async with self._database.transaction() as connection:
            for number in dict.fromkeys(numbers):
                known = select(opt_out.c.number).where(opt_out.c.number == number)
                if (await connection.execute(known)).first() is None:
                    row = {"number": number, "source": source, "interaction_id": interaction_id, "added_at": now}
                    await connection.execute(insert(opt_out).values(row))
                    added += 1
        return added

    async def remove(self, number: str) -> bool:
        """Whether it was there. For one who changed their mind, or a number that was typed wrongly."""
        async with self._database.transaction() as connection:
            return (await connection.execute(delete(opt_out).where(opt_out.c.number == number))).rowcount > 0

    async def has(self, number: str) -> bool:
        async with self._database.transaction() as connection:
            found = await connection.execute(select(opt_out.c.number).where(opt_out.c.number == number))
            return found.first() is not None

    async def count(self) -> int:
        async with self._database.transaction() as connection:
            return int((await connection.execute(select(func.count()).select_from(opt_out))).scalar_one())

    async def checked(self, numbers: Iterable[str], listed: bool, checked_at: datetime) -> int:
        """Keep what the register said of these numbers, in place of what it said before; how many."""
        known = list(dict.fromkeys(numbers))
        async with self._database.transaction() as connection:
            for start in range(0, len(known), BATCH):
                batch = known[start : start + BATCH]
                await connection.execute(delete(register_check).where(register_check.c.number.in_(batch)))
                rows = [{"number": number, "listed": listed, "checked_at": checked_at} for number in batch]
                await connection.execute(insert(register_check), rows)
        return len(known)
