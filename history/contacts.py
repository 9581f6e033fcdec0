"""Reading contacts: who somebody is, by which addresses, and who else it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from history import schema
from history.contact_rows import UnknownContact, joined_with
from history.identity.claims import PointRow
from history.identity.points import Point, contact_of
from history.identity.suggestions import Profile, Suggestion, suggestions
from history.timeline import Timeline

MOST_NAMES = 5000
"""Contacts, those seen last, whose names are compared for a suggestion."""


@dataclass(frozen=True)
class MergeRow:
    """Two contacts that somebody ('system': two verified points) says are one. undone_at: None while it counts."""

    id: str
    one: str
    other: str
    actor: str
    reason: str
    merged_at: datetime
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True)
class ContactDetail:
    """One person. id: the contact that stands for all of `ids`, who are joined. name: the last one said; '' unknown.

    merges: those of any of `ids`, the undone ones too.
    """

    id: str
    ids: tuple[str, ...]
    name: str
    points: tuple[PointRow, ...]
    merges: tuple[MergeRow, ...]
    first_seen: datetime
    last_seen: datetime


class Contacts:
    """The contacts in the history that `timeline` reads. All methods raise HistoryUnavailable."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    async def get(self, contact_id: str) -> ContactDetail:
        """Whoever this contact is now, after all merges. Raises UnknownContact."""
        return await self._timeline.read(lambda connection: contact(connection, contact_id))

    async def at(self, point: Point) -> ContactDetail | None:
        """Who is known by this address; None: nobody yet."""
        try:
            return await self.get(contact_of(point))
        except UnknownContact:
            return None

    async def suggestions(self, contact_id: str, most: int = 10) -> list[Suggestion]:
        """Others who may be the same person, best first. Pairs whose merge was undone are not suggested again.

        Raises UnknownContact."""

        def read(connection: Connection) -> list[Suggestion]:
            this = contact(connection, contact_id)
            ids = _alike(connection, this)
            others = {
                survivor: contact(connection, survivor) for survivor in set(joined_with(connection, ids).values())
            }
            apart = {end for merge in this.merges if merge.undone_at for end in (merge.one, merge.other)}
            wanted = [other for other in others.values() if other.id != this.id and not apart & set(other.ids)]
            return suggestions(_profile(this), map(_profile, wanted), most)

        return await self._timeline.read(read)

    async def export(self) -> dict[str, Any]:
        """All contacts, their addresses and merges, JSON-ready, in an order of their own: the same events give the same
        text, in whatever order they arrived."""

        def read(connection: Connection) -> dict[str, Any]:
            tables = (schema.contact, schema.contact_point, schema.contact_merge)
            return {
                "format": "centralino.contacts/1",
                **{
                    table.name: [
                        _json_ready(row)
                        for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
                    ]
                    for table in tables
                },
            }

        return await self._timeline.read(read)


def contact(connection: Connection, contact_id: str) -> ContactDetail:
    """Raises UnknownContact."""
    people, point, merge = schema.contact, schema.contact_point, schema.contact_merge
    joined = joined_with(connection, [contact_id])
    ids = sorted(joined)
    rows = connection.execute(select(people).where(people.c.id.in_(ids))).all()
    if not rows:
        raise UnknownContact(contact_id)
    named = max((row for row in rows if row.name), key=lambda row: (row.name_at, row.name), default=None)
    points = connection.execute(
        select(point).where(point.c.contact_id.in_(ids)).order_by(point.c.kind, point.c.value, point.c.contact_id)
    ).mappings()
    merges = connection.execute(
        select(merge).where(or_(merge.c.one.in_(ids), merge.c.other.in_(ids))).order_by(merge.c.merged_at, merge.c.id)
    ).mappings()
    return ContactDetail(
        joined[contact_id],
        tuple(ids),
        named.name if named else "",
        tuple(PointRow(**_plain(row)) for row in points),
        tuple(MergeRow(**_plain(row)) for row in merges),
        min(row.first_seen for row in rows),
        max(row.last_seen for row in rows),
    )


def _alike(connection: Connection, this: ContactDetail) -> set[str]:
    """Contacts worth comparing: those with one of the same addresses, and those seen last that have a name."""
    point, people = schema.contact_point.c, schema.contact.c
    found: set[str] = set()
    for own in this.points:
        same = and_(point.kind == own.kind, point.value == own.value)
        found.update(connection.scalars(select(point.contact_id).where(same).limit(MOST_NAMES)))
    if this.name:
        named = select(people.id).where(people.name != "").order_by(people.last_seen.desc()).limit(MOST_NAMES)
        words = {word for word in this.name.casefold().split() if len(word) > 2}
        # At least one word must begin alike: comparing every name whole is left to those few.
        beginnings = [people.name.ilike(f"%{_literal(word[:3])}%", escape="\\") for word in sorted(words)[:5]]
        found.update(connection.scalars(named.where(or_(*beginnings)) if beginnings else named))
    return found - set(this.ids)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _profile(detail: ContactDetail) -> Profile:
    return Profile(detail.id, detail.name, frozenset(f"{point.kind} {point.value}" for point in detail.points))


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "tenant_id"}


def _json_ready(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in _plain(row).items()}
