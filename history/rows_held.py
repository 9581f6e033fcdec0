"""The interactions that a transaction is about to change, as they are now, and held until it ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from history import schema
from history.database import Database
from history.projections import Interaction

_BOUND = 500


def rows_of(
    connection: Connection, ids: Collection[str], known: Mapping[str, Interaction], database: Database
) -> dict[str, Interaction]:
    """Those of `ids` that are there. known: what this process wrote last, which holds as long as nobody else may have
    written since.

    Where others may write, their rows are locked, always in the order of the ids (two transactions that each wait for
    the other would be a deadlock), and read again when their last seq is not the known one.
    """
    if not database.shared:
        return {**{i: known[i] for i in ids if i in known}, **_read(connection, [i for i in ids if i not in known])}
    row = schema.interaction.c
    held: dict[str, int] = {}
    for some in _some(sorted(ids)):
        query = select(row.id, row.last_seq).where(row.id.in_(some)).order_by(row.id).with_for_update()
        held |= {found.id: found.last_seq for found in connection.execute(query)}
    same = {i: known[i] for i, last_seq in held.items() if i in known and known[i].last_seq == last_seq}
    return {**same, **_read(connection, [i for i in held if i not in same])}


def _read(connection: Connection, ids: list[str]) -> dict[str, Interaction]:
    found: dict[str, Interaction] = {}
    for some in _some(ids):
        for row in connection.execute(select(schema.interaction).where(schema.interaction.c.id.in_(some))).mappings():
            one = Interaction(**{name: value for name, value in row.items() if name != "tenant_id"})
            found[one.id] = one
    return found


def _some(ids: list[str]) -> list[list[str]]:
    return [ids[at : at + _BOUND] for at in range(0, len(ids), _BOUND)]
