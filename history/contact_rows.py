"""Contacts in the tables: what a transaction writes of them, from the decisions in `history.identity`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, or_, select, update

from history import schema
from history.deriving.marking import mark_of_contacts
from history.identity.claims import Claim, ContactRow, PointRow, join_contact, join_point, meaning
from history.identity.merging import automatic_merge_id, survivors


class UnknownContact(LookupError):
    """There is no contact with this id."""


class UnknownMerge(LookupError):
    """There is no merge with this id that could be undone."""


@dataclass(frozen=True)
class Merge:
    """Somebody says that two contacts are one person. id: of the merge, to undo it."""

    id: str
    one: str
    other: str
    actor: str
    reason: str


@dataclass(frozen=True)
class Unmerge:
    """Somebody says that they are not."""

    merge_id: str
    actor: str


def write_claims(connection: Connection, claims: Iterable[Claim]) -> None:
    """Join what the claims say with what is there."""
    contact, point, merge = schema.contact, schema.contact_point, schema.contact_merge
    for claim in claims:
        meant = meaning(claim)
        for new in meant.contacts:
            found = connection.execute(select(contact).where(contact.c.id == new.id)).one_or_none()
            if found is None:
                connection.execute(insert(contact), vars(new))
            else:
                old = ContactRow(found.id, found.name, found.name_at, found.first_seen, found.last_seen)
                connection.execute(update(contact).where(contact.c.id == new.id).values(vars(join_contact(old, new))))
        for theirs in meant.points:
            which = and_(
                point.c.contact_id == theirs.contact_id, point.c.kind == theirs.kind, point.c.value == theirs.value
            )
            row = connection.execute(select(point).where(which)).mappings().one_or_none()
            if row is None:
                connection.execute(insert(point), vars(theirs))
            else:
                known = PointRow(**{name: value for name, value in row.items() if name != "tenant_id"})
                connection.execute(update(point).where(which).values(vars(join_point(known, theirs))))
        for one, other in sorted(meant.same):
            merge_id = automatic_merge_id(one, other)
            there = connection.execute(select(merge.c.merged_at).where(merge.c.id == merge_id)).scalar_one_or_none()
            if there is None:
                _insert_merge(connection, Merge(merge_id, one, other, "system", "two verified points"), claim.at)
                _point_to_survivor(connection, one, other)
            elif claim.at < there:
                connection.execute(update(merge).where(merge.c.id == merge_id).values(merged_at=claim.at))


def decide(connection: Connection, decision: Merge | Unmerge, at: datetime) -> None:
    """Write a person's decision. Raises UnknownContact, UnknownMerge."""
    contact, merge = schema.contact, schema.contact_merge
    if isinstance(decision, Merge):
        pair = (decision.one, decision.other)
        there = set(connection.scalars(select(contact.c.id).where(contact.c.id.in_(pair))))
        if missing := sorted(set(pair) - there):
            raise UnknownContact(missing[0])
        _insert_merge(connection, decision, at)
        _point_to_survivor(connection, *pair)
        return
    found = connection.execute(
        select(merge.c.one, merge.c.other).where(merge.c.id == decision.merge_id, merge.c.undone_at.is_(None))
    ).one_or_none()
    if found is None:
        raise UnknownMerge(decision.merge_id)
    connection.execute(
        update(merge).where(merge.c.id == decision.merge_id).values(undone_at=at, undone_by=decision.actor)
    )
    _point_to_survivor(connection, found.one, found.other)


def joined_with(connection: Connection, contact_ids: Iterable[str]) -> dict[str, str]:
    """contact → survivor, for all who are joined with any of `contact_ids`, these included."""
    merge = schema.contact_merge.c
    pairs: set[tuple[str, str]] = set()
    seen: set[str] = set()
    waiting = set(contact_ids)
    alone = {contact_id: contact_id for contact_id in waiting}
    while waiting:
        seen |= waiting
        found = connection.execute(
            select(merge.one, merge.other).where(
                merge.undone_at.is_(None), or_(merge.one.in_(waiting), merge.other.in_(waiting))
            )
        )
        pairs |= {(one, other) for one, other in found}
        waiting = {contact_id for pair in pairs for contact_id in pair} - seen
    return {**alone, **survivors(pairs)}


def _insert_merge(connection: Connection, merge: Merge, at: datetime) -> None:
    connection.execute(
        insert(schema.contact_merge),
        {
            "id": merge.id,
            "one": min(merge.one, merge.other),
            "other": max(merge.one, merge.other),
            "actor": merge.actor,
            "reason": merge.reason,
            "merged_at": at,
            "undone_by": "",
        },
    )


def _point_to_survivor(connection: Connection, *contact_ids: str) -> None:
    contact = schema.contact
    joined = joined_with(connection, contact_ids)
    mark_of_contacts(connection, joined)
    for contact_id, survivor in joined.items():
        merged_into = "" if survivor == contact_id else survivor
        connection.execute(update(contact).where(contact.c.id == contact_id).values(merged_into=merged_into))
