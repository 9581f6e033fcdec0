"""What interactions counted for outlives them: kept apart when they are removed, and added again by a rollup."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from history import schema
from history.contact_rows import joined_with
from history.deriving.marking import before
from history.deriving.tables import interaction_fact, kpi_carried, kpi_total
from history.deriving.totals import apply

_COLUMNS = ("line", "dimension", "grain", "start", "value", "sums")


def carry(connection: Connection, interaction_ids: Sequence[str]) -> None:
    """To be called once for each, in the transaction that removes it, while its facts are there. Earlier interactions
    that depended on one of these (whether somebody came back) count from now on for what they count for."""
    row, fact = schema.interaction.c, interaction_fact.c
    mine = row.id.in_(interaction_ids)
    connection.execute(select(row.id).where(mine).order_by(row.id).with_for_update())  # who derives them waits
    columns = (fact.interaction_id, fact.contact_id, fact.started_at, fact.contribution)
    query = select(*columns).where(fact.interaction_id.in_(interaction_ids)).order_by(fact.interaction_id)
    found = connection.execute(query).all()
    apply(connection, [(None, one.contribution) for one in found], kpi_carried)
    for one in found:
        if one.contact_id:
            earlier = before(one.interaction_id, one.started_at, joined_with(connection, [one.contact_id]))
            connection.execute(update(interaction_fact).where(fact.interaction_id.in_(earlier)).values(settled=True))


def bring_back(connection: Connection) -> None:
    """Into totals that were emptied."""
    columns = [kpi_carried.c[name] for name in _COLUMNS]
    connection.execute(insert(kpi_total).from_select(_COLUMNS, select(*columns)))
