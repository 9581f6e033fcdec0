"""Adds to the totals, and takes away from them what is derived anew. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, select, tuple_

from history.deriving.tables import kpi_total
from history.deriving.upserting import put, put_missing
from history.kpis import Cell, Contribution

AT_ONCE = 500
"""Cells in one statement."""

Change = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
"""A contribution as it was stored, and the one in its place; None for none."""


def changed_cells(changes: Iterable[Change]) -> dict[Cell, dict[str, int]]:
    """What is to be added, cell by cell; zeros are left out. Pure."""
    found: dict[Cell, dict[str, int]] = {}
    for before, after in changes:
        if before == after:
            continue
        for stored, sign in ((before, -1), (after, 1)):
            if not stored:
                continue
            for cell, sums in Contribution.from_json(stored).cells():
                into = found.setdefault(cell, {})
                for name, n in sums.items():
                    into[name] = into.get(name, 0) + sign * n
    return {cell: kept for cell, sums in found.items() if (kept := {name: n for name, n in sums.items() if n})}


def apply(connection: Connection, changes: Iterable[Change], table: Table = kpi_total) -> None:
    """Cells are locked in the same order by everybody, where the database has locks for rows."""
    added = changed_cells(changes)
    cells = sorted(added)
    for start in range(0, len(cells), AT_ONCE):
        _add(connection, table, {cell: added[cell] for cell in cells[start : start + AT_ONCE]})


def _add(connection: Connection, table: Table, added: Mapping[Cell, Mapping[str, int]]) -> None:
    row = table.c
    put_missing(connection, table, [{**vars(cell), "sums": {}} for cell in added])
    key = tuple_(row.grain, row.start, row.line, row.dimension, row.value)
    wanted = [(cell.grain, cell.start, cell.line, cell.dimension, cell.value) for cell in added]
    query = select(row.grain, row.start, row.line, row.dimension, row.value, row.sums).where(key.in_(wanted))
    rows, empty = [], []
    for *names, sums in connection.execute(query.order_by(*key.clauses).with_for_update()):
        cell = Cell(*names)
        new = {
            name: n for name in sums.keys() | added[cell].keys() if (n := sums.get(name, 0) + added[cell].get(name, 0))
        }
        rows.append({**vars(cell), "sums": dict(sorted(new.items()))}) if new else empty.append(cell)
    put(connection, table, rows)
    for cell in empty:
        connection.execute(table.delete().where(and_(*(row[name] == value for name, value in vars(cell).items()))))
