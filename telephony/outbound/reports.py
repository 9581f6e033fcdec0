"""What became of a campaign, read from the disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from telephony.outbound.campaign import Figures
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.tables import attempt, bad_row, campaign, contact


class Reports:
    """Everything raises HistoryUnavailable."""

    def __init__(self, database: OutboundDatabase) -> None:
        self._database = database

    async def figures(self, campaign_id: str) -> Figures:
        of = contact.c.campaign_id == campaign_id
        statuses = await self._counts(select(contact.c.status, func.count()).where(of).group_by(contact.c.status))
        held = await self._counts(
            select(contact.c.held, func.count())
            .where(of, contact.c.held != "", contact.c.status.in_(("waiting", "refused")))
            .group_by(contact.c.held)
        )
        tried = attempt.c.campaign_id == campaign_id
        outcomes = await self._counts(select(attempt.c.outcome, func.count()).where(tried).group_by(attempt.c.outcome))
        bad = await self._rows(select(func.count().label("n")).where(bad_row.c.campaign_id == campaign_id))
        tries = sum(outcomes.values())
        return Figures(sum(statuses.values()), statuses, outcomes, held, int(bad[0]["n"]), tries)

    async def contacts(self, campaign_id: str) -> list[dict[str, Any]]:
        """For a report, in the list's order: row, number, name, status, held, outcome, tried, due_at, call."""
        c = contact.c
        columns = (c.row, c.number, c.name, c.status, c.held, c.outcome, c.tried, c.due_at, c.interaction_id)
        return [
            dict(row) for row in await self._rows(select(*columns).where(c.campaign_id == campaign_id).order_by(c.row))
        ]

    async def bad_rows(self, campaign_id: str) -> tuple[list[str], list[dict[str, Any]]]:
        """The list's columns, and its lines that could not be taken: row, why, fields."""
        columns = await self._rows(select(campaign.c.columns).where(campaign.c.id == campaign_id))
        of = bad_row.c.campaign_id == campaign_id
        found = await self._rows(
            select(bad_row.c.row, bad_row.c.why, bad_row.c.fields).where(of).order_by(bad_row.c.row)
        )
        return list(columns[0]["columns"]) if columns else [], [dict(row) for row in found]

    async def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        async with self._database.transaction() as connection:
            rows: Sequence[RowMapping] = (await connection.execute(query)).mappings().all()
        return rows

    async def _counts(self, query: Select[Any]) -> dict[str, int]:
        async with self._database.transaction() as connection:
            return {str(name): int(count) for name, count in (await connection.execute(query)).all()}
