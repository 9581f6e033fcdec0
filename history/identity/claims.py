"""What one event says of who somebody is, and what follows from it.

Everything here may arrive in any order and more than once: rows are joined by `join_contact` and `join_point`, which
do not care.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from history.identity.points import Point, contact_of

Confidence = Literal["known", "maybe"]


@dataclass(frozen=True)
class Stated:
    """verified: the source proved that it is theirs. A caller's number never is: anybody can send any number."""

    point: Point
    verified: bool = False


@dataclass(frozen=True)
class Claim:
    """One person's addresses, as one event names them. address: the one they used; others: what else it names."""

    address: Stated
    others: tuple[Stated, ...]
    name: str
    at: datetime


@dataclass(frozen=True)
class ContactRow:
    """Who one address stands for. name_at: when somebody last said the name."""

    id: str
    name: str
    name_at: datetime | None
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True)
class PointRow:
    """An address of a contact. known: it is theirs; maybe: somebody said so. verified_at: the first proof."""

    contact_id: str
    kind: str
    value: str
    confidence: Confidence
    verified_at: datetime | None
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True)
class Meaning:
    """same: pairs of contacts that are one person, proved by two verified points; the smaller id first."""

    contacts: tuple[ContactRow, ...]
    points: tuple[PointRow, ...]
    same: frozenset[tuple[str, str]]


def meaning(claim: Claim) -> Meaning:
    """The address used makes its contact known. A further one that is verified, like the address itself, has a contact
    of its own, which is the same person; any other further one is only maybe theirs."""
    main = contact_of(claim.address.point)
    contacts = [_contact(main, claim)]
    points = [_point(main, claim.address, "known", claim.at)]
    same = set()
    for stated in claim.others:
        if stated.point == claim.address.point:
            continue
        if claim.address.verified and stated.verified:
            other = contact_of(stated.point)
            contacts.append(_contact(other, claim))
            points.append(_point(other, stated, "known", claim.at))
            same.add((min(main, other), max(main, other)))
        else:
            points.append(_point(main, stated, "maybe", claim.at))
    return Meaning(tuple(contacts), tuple(points), frozenset(same))


def join_contact(one: ContactRow, other: ContactRow) -> ContactRow:
    """What both say together; the later name counts (of two at the same moment, the greater one)."""
    named = [row for row in (one, other) if row.name and row.name_at is not None]
    latest = max(named, key=lambda row: (row.name_at, row.name), default=one)
    return ContactRow(
        one.id,
        latest.name,
        latest.name_at,
        min(one.first_seen, other.first_seen),
        max(one.last_seen, other.last_seen),
    )


def join_point(one: PointRow, other: PointRow) -> PointRow:
    """What both say together: known beats maybe, the earliest proof counts."""
    proofs = [row.verified_at for row in (one, other) if row.verified_at is not None]
    return replace(
        one,
        confidence="known" if "known" in (one.confidence, other.confidence) else "maybe",
        verified_at=min(proofs, default=None),
        first_seen=min(one.first_seen, other.first_seen),
        last_seen=max(one.last_seen, other.last_seen),
    )


def _contact(contact_id: str, claim: Claim) -> ContactRow:
    return ContactRow(contact_id, claim.name, claim.at if claim.name else None, claim.at, claim.at)


def _point(contact_id: str, stated: Stated, confidence: Confidence, at: datetime) -> PointRow:
    point = stated.point
    return PointRow(contact_id, point.kind, point.value, confidence, at if stated.verified else None, at, at)
