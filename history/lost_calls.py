"""Calls whose server died in the middle of them: nobody is left to end them but whoever finds them open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ColumnElement, Connection, func, select

from history import schema
from history.database import HistoryUnavailable
from history.events import Entry

if TYPE_CHECKING:
    from history.journal import Journal

log = structlog.get_logger()

LOOK_S = 10.0
"""How often the other servers are looked for. One whose connection was cut has its name again within some 5 s, when it
lives and reaches the database (`writer.HOLD_S`)."""
REASON = "node_lost"


@dataclass(frozen=True)
class LostCall:
    """An interaction that was still open when its server died."""

    interaction_id: str
    node: str
    line: str
    caller: str
    started_at: datetime
    last_at_ms: int

    @property
    def ended(self) -> Entry:
        """What its log lacks."""
        return Entry("call.ended", {"reason": REASON, "outcome": "failed"}, self.last_at_ms)


def open_calls(connection: Connection, nodes: Iterable[str]) -> list[LostCall]:
    """The open interactions of these nodes, in order of their ids."""
    row = schema.interaction.c
    return _calls(connection, row.status == "open", row.node.in_(sorted(nodes)))


def ended_as_lost(connection: Connection, node: str, since: datetime) -> list[LostCall]:
    """Those of this node that began since then and were ended as lost, by whomever: what they left on its own disk is
    still to be found."""
    row = schema.interaction.c
    return _calls(connection, row.started_at >= since, row.node == node, row.end_reason == REASON)


def _calls(connection: Connection, *which: ColumnElement[bool]) -> list[LostCall]:
    row, event = schema.interaction.c, schema.interaction_event.c
    last = select(func.max(event.at_ms)).where(event.interaction_id == row.id).scalar_subquery()
    query = select(row.id, row.node, row.line, row.caller, row.started_at, last).where(*which).order_by(row.id)
    return [LostCall(*values) for values in connection.execute(query)]


def open_nodes(connection: Connection) -> list[str]:
    """Who has open interactions."""
    row = schema.interaction.c
    return list(connection.scalars(select(row.node).distinct().where(row.status == "open")))


class LostCalls:
    """Ends, beside a running journal, the calls of other servers that are gone. Of several that look, one does."""

    def __init__(self, journal: Journal, node: str) -> None:
        self._journal, self._node = journal, node
        self._gone: set[str] = set()

    async def look(self) -> list[LostCall]:
        """End what was open on servers that were gone at the last look, too; what this look ended. A server that was
        only cut off from the database for a moment is not taken for dead. Raises HistoryUnavailable."""
        database, before = self._journal.database, self._gone

        def find(connection: Connection, at: datetime) -> tuple[set[str], list[LostCall]]:
            others = set(open_nodes(connection)) - {self._node}
            gone = database.gone_nodes(connection, others, self._node) if others else set()
            return gone, open_calls(connection, gone & before) if gone & before else []

        self._gone, lost = await self._journal.change(find)
        return [one for one in lost if await self._journal.end_if_open(one.interaction_id, one.ended)]

    async def run(self) -> None:
        """Until cancelled, where servers share a history; at once over where they cannot."""
        while self._journal.database.shared:
            try:
                for one in await self.look():
                    log.warning("history.call_lost", node=one.node, line=one.line, interaction=one.interaction_id)
            except HistoryUnavailable as error:
                log.error("history.lost_calls_not_looked_for", error=str(error))
            await asyncio.sleep(LOOK_S)
