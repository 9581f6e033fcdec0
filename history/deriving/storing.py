"""Writes what was derived, in one transaction with the totals that it changes: for `Journal.change`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, select

from history import schema
from history.analyses.tables import analysis
from history.analyses.understanding import Analysis
from history.consents.keeping import keep
from history.consents.proof import Consent
from history.contact_rows import joined_with
from history.deriving.carrying import bring_back
from history.deriving.facts import Fact
from history.deriving.marking import mark, mark_before, still_marked, unmark
from history.deriving.tables import interaction_fact, kpi_total, to_derive
from history.deriving.totals import AT_ONCE, Change, apply
from history.deriving.upserting import put
from history.postgres_connecting import take_time
from history.privacy.tables import emptied
from history.search.documents import Document
from history.search.indexing import forget, index
from history.summaries.queueing import BY_MODEL, Wanted, want


@dataclass(frozen=True)
class Derived:
    """mark: under which it was asked for."""

    fact: Fact
    mark: str
    document: Document | None = None
    analyses: tuple[Analysis, ...] = ()
    consents: tuple[Consent, ...] = ()


@dataclass(frozen=True)
class StoreDerived:
    """What was worked out. Of interactions that were emptied, meanwhile or long ago, no words come back, and what they
    count for stays as it was before; what was never counted, is. A summary that a model wrote stays. summed_up: which
    ones a model is to sum up, None for none."""

    results: tuple[Derived, ...]
    summed_up: Wanted | None = None

    def __call__(self, connection: Connection, now: datetime) -> None:
        table = interaction_fact
        bare = _emptied(connection, [one.fact.interaction_id for one in self.results])
        marked = still_marked(connection, [one.fact.interaction_id for one in self.results])
        derived = [one for one in self.results if one.fact.interaction_id in marked]
        results = [_bare(one, bare.get(one.fact.interaction_id, "")) for one in derived]
        ids = [one.fact.interaction_id for one in results]
        query = select(table).where(table.c.interaction_id.in_(ids)).order_by(table.c.interaction_id).with_for_update()
        known = {
            row["interaction_id"]: Fact(**{name: value for name, value in row.items() if name != "tenant_id"})
            for row in connection.execute(query).mappings()
        }
        for one in results:
            unmark(connection, one.fact.interaction_id, one.mark)
        results = [one for one in results if not (one.fact.interaction_id in bare and one.fact.interaction_id in known)]
        results = [_settled(one, known.get(one.fact.interaction_id)) for one in results]
        changes: list[Change] = []
        for one in results:
            before = known.get(one.fact.interaction_id)
            changes.append((before.contribution if before else None, one.fact.contribution))
        put(connection, table, [vars(one.fact) for one in results])
        self._understood(connection, [one for one in results if one.fact.interaction_id not in bare], now)
        keep(connection, {one.fact.interaction_id: one.consents for one in derived})
        apply(connection, changes)
        index(connection, [(one.fact.interaction_id, one.document) for one in results])
        for one in results:
            fact, before = one.fact, known.get(one.fact.interaction_id)
            for matter in (before, fact):
                if matter and matter.contact_id and (before is None or before.matter != fact.matter):
                    mark_before(connection, matter, joined_with(connection, [matter.contact_id]))

    def _understood(self, connection: Connection, results: Sequence[Derived], now: datetime) -> None:
        row, ids = analysis.c, [one.fact.interaction_id for one in results]
        mine = row.interaction_id.in_(ids)
        by_model = and_(row.type == "summary", row.method.startswith(BY_MODEL, autoescape=True))
        taken_in = set(connection.scalars(select(row.interaction_id).where(mine, row.taken_in)))
        written = set(connection.scalars(select(row.interaction_id).where(mine, by_model)))
        connection.execute(delete(analysis).where(mine, ~row.taken_in, ~by_model))
        rows = [
            {"interaction_id": one.fact.interaction_id, **vars(made)}
            for one in results
            if one.fact.interaction_id not in taken_in
            for made in one.analyses
            if made.type != "summary" or one.fact.interaction_id not in written
        ]
        if rows:
            connection.execute(insert(analysis), rows)
        if (wanted := self.summed_up) is not None:
            facts = [one.fact for one in results if one.fact.interaction_id not in written | taken_in]
            new = [one for one in facts if wanted.wants(one.channel, one.line, one.ended_at, now)]
            want(connection, [one.interaction_id for one in new], now)


def _emptied(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """interaction → what was taken out. The rows are locked: who empties them waits, or was there before."""
    row = schema.interaction.c
    connection.execute(select(row.id).where(row.id.in_(ids)).order_by(row.id).with_for_update(read=True))
    gone = select(emptied.c.interaction_id, emptied.c.what).where(emptied.c.interaction_id.in_(ids))
    return {one.interaction_id: one.what for one in connection.execute(gone)}


def _bare(one: Derived, what: str) -> Derived:
    if not what:
        return one
    fact = replace(one.fact, contact_id="") if what == "person" else one.fact
    return replace(one, fact=fact, document=None, analyses=())


def _settled(one: Derived, before: Fact | None) -> Derived:
    """What came later was removed, so that what it counts for cannot be worked out again."""
    if before is None or not before.settled:
        return one
    return replace(one, fact=replace(one.fact, contribution=before.contribution, settled=True))


@dataclass(frozen=True)
class Mark:
    """These are to be derived (again)."""

    interaction_ids: Sequence[str]

    def __call__(self, connection: Connection, now: datetime) -> None:
        mark(connection, self.interaction_ids)


@dataclass(frozen=True)
class LeaveOut:
    """These could not be derived. marks: interaction → its mark."""

    marks: Mapping[str, str]

    def __call__(self, connection: Connection, now: datetime) -> None:
        for interaction_id, known in self.marks.items():
            unmark(connection, interaction_id, known)


@dataclass(frozen=True)
class Forget:
    """Everything that was derived is emptied, and all that is over is to be derived; but what was derived of
    interactions before they were emptied cannot be made again, and goes on counting, as does what others counted for
    that were removed, and what hung on these. Analyses that were taken in stay."""

    def __call__(self, connection: Connection, now: datetime) -> None:
        take_time(connection)
        row, fact = schema.interaction.c, interaction_fact.c
        for table in (to_derive, kpi_total):
            connection.execute(delete(table))
        made = analysis.c  # what came so, and what a model wrote, cannot be made again from the log
        ours = ~made.taken_in & ~made.method.startswith(BY_MODEL, autoescape=True)
        connection.execute(delete(analysis).where(ours))
        gone = fact.interaction_id.not_in(select(emptied.c.interaction_id))
        connection.execute(delete(interaction_fact).where(gone, ~fact.settled))
        bring_back(connection)
        after = ""
        while kept := connection.execute(
            select(fact.interaction_id, fact.contribution)
            .where(fact.interaction_id > after)
            .order_by(fact.interaction_id)
            .limit(AT_ONCE)
        ).all():
            apply(connection, [(None, one.contribution) for one in kept])
            after = kept[-1].interaction_id
        forget(connection)
        known = select(fact.interaction_id).where(~fact.settled)
        everything = select(row.id, row.id).where(row.status == "ended", row.id.not_in(known))
        connection.execute(insert(to_derive).from_select(["interaction_id", "mark"], everything))
