"""The log's partitions on PostgreSQL: one for each month in which interactions began.

Ids of interactions are UUIDv7, which sort by time; so a range of ids is a month, an interaction's whole log lies in one
partition, and its key stays (interaction_id, seq). Whatever has another kind of id, or a month far from now, goes to
the default partition.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

PARTITIONED = ("interaction_event", "segment")
BACK_MONTHS = 120
"""Older months share the default partition, which bounds how many there can be."""
AGAIN_S = 60.0
"""After a month could not be made (somebody held a lock): its events go to the default partition meanwhile."""

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

Month = tuple[int, int]


def month_of(interaction_id: str, now: datetime) -> Month | None:
    """Year and month (UTC) in which it began; None: no UUIDv7, or too far from `now`."""
    if not _UUID7.fullmatch(interaction_id):
        return None
    at_s = int(interaction_id[:8] + interaction_id[9:13], 16) / 1000
    if at_s > now.timestamp() + 45 * 86_400:
        return None
    began = datetime.fromtimestamp(at_s, UTC)
    months = (now.year - began.year) * 12 + now.month - began.month
    return (began.year, began.month) if months <= BACK_MONTHS else None


def following(month: Month) -> Month:
    year, number = month
    return (year + number // 12, number % 12 + 1)


def first_id(month: Month) -> str:
    """Where the ids of a month begin: a prefix that sorts before all of them and after those of the month before."""
    at_ms = int(datetime(*month, 1, tzinfo=UTC).timestamp() * 1000)
    digits = f"{at_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}"


class Months:
    """Which months this process knows to be there."""

    def __init__(self) -> None:
        self._there: set[Month] = set()
        self._not_before_s: dict[Month, float] = {}

    def make_room(self, engine: Engine, interaction_ids: Iterable[str]) -> None:
        """Make the partitions that these need; what cannot be made now is left for later."""
        now = datetime.now(UTC)
        months = {month_of(interaction_id, now) for interaction_id in interaction_ids}
        for month in sorted(month for month in months - self._there if month is not None):
            if time.monotonic() < self._not_before_s.get(month, 0):
                continue
            try:
                with engine.begin() as connection:
                    for table in PARTITIONED:
                        make_partition(connection, table, month)
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                self._not_before_s[month] = time.monotonic() + AGAIN_S
            else:
                self._there.add(month)


def make_partition(connection: Connection, table: str, month: Month) -> None:
    """One month of `table`, with what the default partition holds of it already. There already: nothing happens."""
    name = f"{table}_{month[0]}_{month[1]:02}"
    begin, end = first_id(month), first_id(following(month))
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock(hashtext('centralino {table}'))")
    if connection.exec_driver_sql(f"SELECT to_regclass(current_schema() || '.{name}')").scalar_one() is not None:
        return
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)",
        f"WITH moved AS (DELETE FROM {table}_default WHERE interaction_id >= '{begin}' AND interaction_id < '{end}'"  # noqa: S608
        f" RETURNING *) INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{begin}') TO ('{end}')",
    ):
        connection.exec_driver_sql(statement)
