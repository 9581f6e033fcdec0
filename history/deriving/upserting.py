"""Rows that may be there already, in the words of each database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write `rows`, each in place of the one with its primary key. All have the same columns."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    values = {name for name in rows[0] if name not in keys}
    if connection.dialect.name == "postgresql":
        pg = postgresql.insert(table)
        connection.execute(
            pg.on_conflict_do_update(index_elements=keys, set_={n: pg.excluded[n] for n in values}), rows
        )
    else:
        lite = sqlite.insert(table)
        connection.execute(
            lite.on_conflict_do_update(index_elements=keys, set_={n: lite.excluded[n] for n in values}), rows
        )


def put_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write those of `rows` whose primary key is not there yet."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
