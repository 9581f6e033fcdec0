"""Reads what was understood of an interaction."""

from __future__ import annotations

from sqlalchemy import Connection, select

from history.analyses.tables import analysis
from history.analyses.understanding import Analysis
from history.timeline import Timeline


async def analyses_of(timeline: Timeline, interaction_id: str) -> list[Analysis]:
    """Empty until a moment after its end. Raises HistoryUnavailable."""
    row = analysis.c
    columns = (row.type, row.version, row.method, row.body, row.why)

    def read(connection: Connection) -> list[Analysis]:
        found = connection.execute(select(*columns).where(row.interaction_id == interaction_id).order_by(row.type))
        return [Analysis(*one) for one in found]

    return await timeline.read(read)
