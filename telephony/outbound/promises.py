"""What was done about call-backs, on the disk: claims with a lease, tries, ends. What is owed is in the history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telephony.outbound.database import OutboundDatabase
from telephony.outbound.owed import Key, Task
from telephony.outbound.tables import callback_task as table

_c = table.c


class Promises:
    """Exactly one has a call-back at a time: an operator who took it, or the server that dials it."""

    def __init__(self, database: OutboundDatabase) -> None:
        self._database = database

    async def tasks(self, keys: Iterable[Key]) -> dict[Key, Task]:
        """Those among `keys` about which something was done."""
        wanted = set(keys)
        async with self._database.transaction() as connection:
            ids = {key[0] for key in wanted}
            rows = (await connection.execute(select(table).where(_c.interaction_id.in_(ids)))).mappings().all()
        found = {(row["interaction_id"], row["seq"]): _task(row) for row in rows}
        return {key: task for key, task in found.items() if key in wanted}

    async def take(self, key: Key, operator: str, until: datetime, now: datetime) -> bool:
        """An operator deals with it until then; taking what one has already prolongs it. Also what has failed can be
        taken. False: somebody else has it, or it is being dialled."""
        free = or_(
            _c.status.in_(("waiting", "failed")),
            and_(_c.status == "taken", or_(_c.holder == operator, _c.claimed_until <= now)),
        )
        return await self._claim(key, free, now, status="taken", holder=operator, claimed_until=until)

    async def schedule(self, key: Key, due_at: datetime) -> None:
        """It is new, and not to be called before then."""
        async with self._database.transaction() as connection:
            await _known(connection, key, due_at)

    async def give_back(self, key: Key, operator: str, now: datetime) -> bool:
        """The operator who took it does not deal with it after all."""
        where = and_(_key(key), _c.status == "taken", _c.holder == operator)
        values = {"status": "waiting", "holder": "", "claimed_until": None, "due_at": now}
        async with self._database.transaction() as connection:
            return (await connection.execute(update(table).where(where).values(values))).rowcount == 1

    async def claim(self, key: Key, call_id: str, until: datetime, now: datetime) -> bool:
        """The server dials it. False: somebody has it, or it is not due."""
        free = and_(
            _c.due_at <= now,
            or_(_c.status == "waiting", and_(_c.status == "taken", _c.claimed_until <= now)),
        )
        return await self._claim(key, free, now, status="calling", holder="", call_id=call_id, claimed_until=until)

    async def renamed(self, claim: str, call_id: str) -> None:
        """The call that was claimed under a provisional id has begun in the history."""
        async with self._database.transaction() as connection:
            await connection.execute(update(table).where(_c.call_id == claim).values(call_id=call_id))

    async def extend(self, call_id: str, until: datetime) -> None:
        where = and_(_c.call_id == call_id, _c.status == "calling")
        async with self._database.transaction() as connection:
            await connection.execute(update(table).where(where).values(claimed_until=until))

    async def settle(
        self, call_id: str, outcome: str, next_try: datetime | None, done: bool, now: datetime
    ) -> Task | None:
        """The call ended so; what comes of the call-back. None: this was settled already."""
        where = and_(_c.call_id == call_id, _c.status == "calling")
        status = "done" if done else "waiting" if next_try else "failed"
        values = {"status": status, "outcome": outcome, "claimed_until": None, "due_at": next_try or now}
        async with self._database.transaction() as connection:
            found = (await connection.execute(select(table).where(where))).mappings().first()
            if found is None:
                return None
            await connection.execute(update(table).where(where).values(**values, tried=_c.tried + 1))
            row = (await connection.execute(select(table).where(_c.call_id == call_id))).mappings().one()
        return _task(row)

    async def release(self, call_id: str, due_at: datetime) -> None:
        """It was claimed and nothing came of it: as if it had not been."""
        where = and_(_c.call_id == call_id, _c.status == "calling")
        async with self._database.transaction() as connection:
            values = {"status": "waiting", "claimed_until": None, "due_at": due_at}
            await connection.execute(update(table).where(where).values(values))

    async def claimed(self, call_id: str) -> tuple[Key, Task] | None:
        """The call-back that this call is; None when it is settled."""
        where = and_(_c.call_id == call_id, _c.status == "calling")
        async with self._database.transaction() as connection:
            row = (await connection.execute(select(table).where(where))).mappings().first()
        return ((row["interaction_id"], row["seq"]), _task(row)) if row else None

    async def abandoned(self, now: datetime, everything: bool = False) -> dict[Key, Task]:
        """Calls whose claim has run out; everything: all, for a server that has just started."""
        where = [_c.status == "calling"]
        if not everything:
            where.append(_c.claimed_until < now)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(select(table).where(*where))).mappings().all()
        return {(row["interaction_id"], row["seq"]): _task(row) for row in rows}

    async def _claim(self, key: Key, free: Any, now: datetime, **values: Any) -> bool:
        async with self._database.transaction() as connection:
            await _known(connection, key, now)
            changed = await connection.execute(update(table).where(_key(key), free).values(values))
            return changed.rowcount == 1


async def _known(connection: AsyncConnection, key: Key, now: datetime) -> None:
    if (await connection.execute(select(_c.seq).where(_key(key)))).first() is None:
        row = {"interaction_id": key[0], "seq": key[1], "status": "waiting", "holder": "", "tried": 0, "outcome": ""}
        await connection.execute(insert(table).values({**row, "due_at": now, "claimed_until": None, "call_id": ""}))


def _key(key: Key) -> Any:
    return and_(_c.interaction_id == key[0], _c.seq == key[1])


def _task(row: RowMapping) -> Task:
    names = ("status", "holder", "tried", "outcome", "due_at", "claimed_until", "call_id")
    return Task(**{name: row[name] for name in names})
