"""What is read and written of endpoints and deliveries, as functions of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, exists, func, insert, or_, select, tuple_, update

from history import schema
from history.events import StoredEvent
from history.webhooks.endpoint import Endpoint
from history.webhooks.message import message_id
from history.webhooks.outbox import waiting
from history.webhooks.schedule import Verdict

KEPT = timedelta(days=30)
"""How long a delivered message is remembered; one given up is kept until it is replayed or its endpoint goes."""
REPLAYED_AT_ONCE = 500
"""Events of one transaction, so that calls are written in between."""

_delivery, _outbox, _endpoint = schema.webhook_delivery, schema.outbox, schema.webhook_endpoint


@dataclass(frozen=True)
class Delivery:
    """A message on its way to one endpoint. status: of the last answer, 0 without one. due_at: of the next try."""

    message_id: str
    endpoint_id: str
    topic: str
    interaction_id: str
    seq: int
    state: str
    attempts: int
    due_at: datetime
    first_tried_at: datetime | None
    last_tried_at: datetime | None
    delivered_at: datetime | None
    status: int
    error: str


@dataclass(frozen=True)
class Claimed:
    """A delivery that nobody else tries until the claim runs out. event: None when it is no longer in the log."""

    endpoint: Endpoint
    message_id: str
    attempts: int
    event: StoredEvent | None


def endpoints(connection: Connection, *, removed: bool = False) -> list[Endpoint]:
    """The oldest first."""
    query = select(_endpoint).order_by(_endpoint.c.created_at, _endpoint.c.id)
    if not removed:
        query = query.where(_endpoint.c.state != "removed")
    return [_as_endpoint(row) for row in connection.execute(query).mappings()]


def due(connection: Connection, now: datetime) -> tuple[dict[str, int], datetime | None]:
    """How many deliveries of each enabled endpoint are due, and when the next one will be."""
    open_ones = (
        select(_delivery.c.endpoint_id, func.count(), func.min(_delivery.c.due_at))
        .join(_endpoint, _endpoint.c.id == _delivery.c.endpoint_id)
        .where(_endpoint.c.state == "enabled", _delivery.c.state == "pending")
        .group_by(_delivery.c.endpoint_id)
    )
    counts = {
        endpoint_id: count for endpoint_id, count, _ in connection.execute(open_ones.where(_delivery.c.due_at <= now))
    }
    later = connection.execute(open_ones.where(_delivery.c.due_at > now)).all()
    return counts, min((first for *_, first in later), default=None)


def claim(
    connection: Connection, rooms: Mapping[str, int], node: str, now: datetime, lease: timedelta
) -> list[Claimed]:
    """Take up to so many due deliveries of each endpoint, the longest due first. On PostgreSQL several nodes may
    claim at once, each gets others."""
    found: list[Claimed] = []
    for endpoint_id, room in sorted(rooms.items()):
        row = (
            connection.execute(select(_endpoint).where(_endpoint.c.id == endpoint_id, _endpoint.c.state == "enabled"))
            .mappings()
            .one_or_none()
        )
        if row is None:
            continue
        endpoint = _as_endpoint(row)
        query = (
            select(_delivery.c.outbox_id, _delivery.c.attempts, _outbox.c.interaction_id, _outbox.c.seq)
            .join(_outbox, _outbox.c.id == _delivery.c.outbox_id)
            .where(_delivery.c.endpoint_id == endpoint_id, _delivery.c.state == "pending", _delivery.c.due_at <= now)
            .order_by(_delivery.c.due_at, _delivery.c.outbox_id)
            .limit(room)
            .with_for_update(of=_delivery, skip_locked=True)
        )
        for outbox_id, attempts, interaction_id, seq in connection.execute(query).all():
            connection.execute(
                update(_delivery).where(_one(outbox_id, endpoint_id)).values(due_at=now + lease, claimed_by=node)
            )
            found.append(Claimed(endpoint, outbox_id, attempts, _event(connection, interaction_id, seq)))
    return found


def release(connection: Connection, node: str, now: datetime) -> None:
    """What this node had claimed when it died is due at once."""
    mine = and_(_delivery.c.state == "pending", _delivery.c.claimed_by == node)
    connection.execute(update(_delivery).where(mine).values(due_at=now, claimed_by=""))


def settle(connection: Connection, claimed: Claimed, outcome: Verdict, status: int, error: str, now: datetime) -> None:
    """Write what came of a try, and what follows for its endpoint."""
    endpoint_id = claimed.endpoint.id
    which = _one(claimed.message_id, endpoint_id)
    changed = {
        "state": outcome.state,
        "attempts": claimed.attempts + 1,
        "due_at": outcome.due_at or now,
        "claimed_by": "",
        "first_tried_at": func.coalesce(_delivery.c.first_tried_at, now),
        "last_tried_at": now,
        "status": status,
        "error": error[:255],
        "delivered_at": now if outcome.state == "delivered" else None,
    }
    connection.execute(update(_delivery).where(which).values(changed))
    own = _endpoint.c.id == endpoint_id
    if outcome.state == "delivered":
        healed = and_(own, _endpoint.c.failing_since.is_not(None))
        connection.execute(update(_endpoint).where(healed).values(failing_since=None))
        return
    first = and_(own, _endpoint.c.failing_since.is_(None))
    connection.execute(update(_endpoint).where(first).values(failing_since=now))
    if outcome.endpoint_off:
        still_on = and_(own, _endpoint.c.state == "enabled")
        values = {"state": "disabled", "why": outcome.endpoint_off[:255], "changed_at": now}
        connection.execute(update(_endpoint).where(still_on).values(values))


def deliveries(
    connection: Connection, state: str | None, endpoint_id: str | None, limit: int, before: str | None = None
) -> list[Delivery]:
    """The newest message first. before: the last message id of the previous page."""
    query = (
        select(_delivery, _outbox.c.topic, _outbox.c.interaction_id, _outbox.c.seq)
        .join(_outbox, _outbox.c.id == _delivery.c.outbox_id)
        .order_by(_outbox.c.created_at.desc(), _outbox.c.id.desc(), _delivery.c.endpoint_id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(_delivery.c.state == state)
    if endpoint_id is not None:
        query = query.where(_delivery.c.endpoint_id == endpoint_id)
    if before is not None:
        page = select(_outbox.c.created_at).where(_outbox.c.id == before).scalar_subquery()
        query = query.where((_outbox.c.created_at < page) | and_(_outbox.c.created_at == page, _outbox.c.id < before))
    return [
        Delivery(
            message_id=row["outbox_id"],
            **{name: row[name] for name in Delivery.__annotations__ if name != "message_id"},
        )
        for row in connection.execute(query).mappings()
    ]


def replay_dead(connection: Connection, endpoint_id: str, message_id: str | None, now: datetime) -> int:
    """Those given up are due again, as if they had not been tried; how many."""
    which = [_delivery.c.endpoint_id == endpoint_id, _delivery.c.state == "dead"]
    if message_id is not None:
        which.append(_delivery.c.outbox_id == message_id)
    again = {"state": "pending", "attempts": 0, "due_at": now, "claimed_by": ""}
    return connection.execute(update(_delivery).where(*which).values(again)).rowcount


Key = tuple[str, int]
"""An event: interaction_id, seq."""


def recorded_since(connection: Connection, types: Sequence[str], since: datetime, after: Key | None) -> dict[Key, str]:
    """Event → type, of those that these patterns want and that were recorded since then, `REPLAYED_AT_ONCE` at most.
    after: the last key of the page before."""
    event = schema.interaction_event.c
    query = select(event.interaction_id, event.seq, event.type).where(event.recorded_at >= since)
    if "*" not in types:
        families = [event.type.startswith(one[:-1], autoescape=True) for one in types if one.endswith(".*")]
        query = query.where(or_(event.type.in_(types), *families))
    if after is not None:
        query = query.where(tuple_(event.interaction_id, event.seq) > tuple_(*after))
    query = query.order_by(event.interaction_id, event.seq).limit(REPLAYED_AT_ONCE)
    return {(row.interaction_id, row.seq): row.type for row in connection.execute(query)}


def send_again(connection: Connection, now: datetime, endpoint_id: str, events: Mapping[Key, str]) -> None:
    """These events are due for this endpoint, as if it had never been told of them."""
    again = {"state": "pending", "attempts": 0, "due_at": now, "claimed_by": "", "delivered_at": None}
    for (interaction_id, seq), topic in events.items():
        outbox_id = message_id(interaction_id, seq)
        if not connection.execute(select(exists().where(_outbox.c.id == outbox_id))).scalar_one():
            row = {"id": outbox_id, "topic": topic, "interaction_id": interaction_id, "seq": seq, "created_at": now}
            connection.execute(insert(_outbox), row)
        if not connection.execute(update(_delivery).where(_one(outbox_id, endpoint_id)).values(again)).rowcount:
            connection.execute(insert(_delivery), waiting(outbox_id, endpoint_id, now))


def prune(connection: Connection, now: datetime) -> None:
    """Forget what was delivered `KEPT` ago, and what removed endpoints were to be told."""
    gone = select(_endpoint.c.id).where(_endpoint.c.state == "removed")
    connection.execute(delete(_delivery).where(_delivery.c.endpoint_id.in_(gone)))
    connection.execute(delete(_delivery).where(_delivery.c.state == "delivered", _delivery.c.delivered_at < now - KEPT))
    told = select(_delivery.c.outbox_id).where(_delivery.c.outbox_id == _outbox.c.id)
    connection.execute(delete(_outbox).where(~exists(told)))


def _one(outbox_id: str, endpoint_id: str) -> Any:
    return and_(_delivery.c.outbox_id == outbox_id, _delivery.c.endpoint_id == endpoint_id)


def _event(connection: Connection, interaction_id: str, seq: int) -> StoredEvent | None:
    table = schema.interaction_event
    found = (
        connection.execute(select(table).where(table.c.interaction_id == interaction_id, table.c.seq == seq))
        .mappings()
        .one_or_none()
    )
    return None if found is None else StoredEvent(**_plain(found))


def _as_endpoint(row: RowMapping) -> Endpoint:
    return Endpoint(**{**_plain(row), "types": tuple(row["types"])})


def _plain(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "tenant_id"}
