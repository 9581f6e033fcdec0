"""Endpoints and what they are told, in the history: read through a timeline, written through its journal."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, insert, select, update

from history import schema
from history.journal import Journal
from history.timeline import MAX_LISTED, Timeline
from history.webhooks import rows
from history.webhooks.endpoint import (
    DEFAULT_TYPES,
    MOST_ENDPOINTS,
    SECRETS_OVERLAP,
    Detail,
    Endpoint,
    NotAnEndpoint,
    checked_types,
    checked_url,
)
from history.webhooks.rows import Claimed, Delivery
from history.webhooks.schedule import Verdict
from history.webhooks.signing import new_secret

Note = Callable[[Connection, datetime, str, str, Mapping[str, Any]], object]
"""Writes down what somebody changes, in the same transaction: at, the action, the endpoint's id, and each value that
changes as `{"from": …, "to": …}`; never a secret."""


def _unnoted(connection: Connection, at: datetime, action: str, endpoint_id: str, changes: Mapping[str, Any]) -> None:
    """For what the server does by itself."""


class UnknownEndpoint(LookupError):
    """There is no endpoint with this id."""


class Webhooks:
    """All methods raise HistoryUnavailable; those with an endpoint's id UnknownEndpoint."""

    def __init__(self, timeline: Timeline, journal: Journal) -> None:
        self._timeline, self._journal = timeline, journal

    async def endpoints(self) -> list[Endpoint]:
        """The oldest first, those that were removed left out."""
        return await self._timeline.read(rows.endpoints)

    async def endpoint(self, endpoint_id: str) -> Endpoint:
        for one in await self.endpoints():
            if one.id == endpoint_id:
                return one
        raise UnknownEndpoint(endpoint_id)

    async def add(
        self,
        url: str,
        types: Sequence[str] = DEFAULT_TYPES,
        detail: Detail = "ids",
        description: str = "",
        note: Note = _unnoted,
    ) -> Endpoint:
        """A new endpoint, told of what is written from now on. Raises NotAnEndpoint."""
        checked_url(url)
        wanted = checked_types(types)
        endpoint_id = f"ep_{secrets.token_hex(8)}"

        def write(connection: Connection, at: datetime) -> Endpoint:
            there = rows.endpoints(connection)
            if len(there) >= MOST_ENDPOINTS:
                raise NotAnEndpoint(f"there are {MOST_ENDPOINTS} endpoints; remove one first")
            made = Endpoint(
                endpoint_id, url, description[:255], wanted, detail, created_at=at, changed_at=at, secret=new_secret()
            )
            connection.execute(insert(schema.webhook_endpoint), {**vars(made), "types": list(wanted)})
            new = {"host": _host(url), "types": list(wanted), "detail": detail}
            note(connection, at, "webhook.added", endpoint_id, {key: _from_to(None, to) for key, to in new.items()})
            return made

        return await self._journal.change(write)

    async def enable(self, endpoint_id: str, note: Note = _unnoted) -> None:
        """What waited while it was disabled is due again; what was written meanwhile is not sent (see `replay`)."""
        await self._set(endpoint_id, {"state": "enabled", "why": "", "failing_since": None}, note)

    async def disable(self, endpoint_id: str, why: str, note: Note = _unnoted) -> None:
        await self._set(endpoint_id, {"state": "disabled", "why": why[:255]}, note)

    async def remove(self, endpoint_id: str, note: Note = _unnoted) -> None:
        """It is told of nothing more, and what it was told is forgotten within the hour."""
        await self._set(endpoint_id, {"state": "removed"}, note)

    async def rotate(self, endpoint_id: str, note: Note = _unnoted) -> str:
        """A new secret; for `SECRETS_OVERLAP` messages are signed with the old one, too."""
        fresh = new_secret()

        def write(connection: Connection, at: datetime) -> None:
            before = _there(connection, endpoint_id)
            values = {"secret": fresh, "previous_secret": before.secret, "previous_until": at + SECRETS_OVERLAP}
            _update(connection, endpoint_id, {**values, "changed_at": at})
            note(connection, at, "webhook.secret_rotated", endpoint_id, {})

        await self._journal.change(write)
        return fresh

    async def deliveries(
        self,
        state: str | None = None,
        endpoint_id: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Delivery]:
        """The newest message first. state: 'pending', 'delivered' or 'dead'; before: the last id of the page before."""
        if not 1 <= limit <= MAX_LISTED:
            raise ValueError(f"limit is {limit}; between 1 and {MAX_LISTED}")
        return await self._timeline.read(lambda c: rows.deliveries(c, state, endpoint_id, limit, before))

    async def replay_dead(self, endpoint_id: str, message_id: str | None = None) -> int:
        """Send what was given up again, with the ids it had; message_id: that one only. Returns how many."""
        await self.endpoint(endpoint_id)
        return await self._journal.change(lambda c, at: rows.replay_dead(c, endpoint_id, message_id, at))

    async def replay_since(self, endpoint_id: str, since: datetime) -> int:
        """Send all it wants that was recorded since then (aware), whether it was sent or not; returns how many.

        Messages have the ids they had, or would have had.
        """
        if since.tzinfo is None:
            raise ValueError("since has no time zone")
        types = (await self.endpoint(endpoint_id)).types
        count, after = 0, None
        while page := await self._timeline.read(partial(rows.recorded_since, types=types, since=since, after=after)):
            await self._journal.change(partial(rows.send_again, endpoint_id=endpoint_id, events=page))
            count, after = count + len(page), max(page)
        return count

    # ------------------------------------------------------------------------------------------ for the dispatcher

    async def due(self, now: datetime) -> tuple[dict[str, int], datetime | None]:
        """See `rows.due`."""
        return await self._timeline.read(lambda c: rows.due(c, now))

    async def claim(self, rooms: Mapping[str, int], node: str, lease: timedelta) -> list[Claimed]:
        """See `rows.claim`."""
        return await self._journal.change(lambda c, at: rows.claim(c, rooms, node, at, lease))

    async def release(self, node: str) -> None:
        """See `rows.release`."""
        await self._journal.change(lambda c, at: rows.release(c, node, at))

    async def settle(self, claimed: Claimed, outcome: Verdict, status: int, error: str) -> None:
        """See `rows.settle`."""
        await self._journal.change(lambda c, at: rows.settle(c, claimed, outcome, status, error, at))

    async def prune(self) -> None:
        """See `rows.prune`."""
        await self._journal.change(rows.prune)

    async def _set(self, endpoint_id: str, values: Mapping[str, Any], note: Note) -> None:
        def write(connection: Connection, at: datetime) -> None:
            before, state = _there(connection, endpoint_id).state, values["state"]
            _update(connection, endpoint_id, {**values, "changed_at": at})
            if before != state:
                note(connection, at, f"webhook.{state}", endpoint_id, {"state": _from_to(before, state)})

        await self._journal.change(write)


def _there(connection: Connection, endpoint_id: str) -> Any:
    """Its row. Raises UnknownEndpoint."""
    table = schema.webhook_endpoint
    row = connection.execute(select(table).where(table.c.id == endpoint_id, table.c.state != "removed")).first()
    if row is None:
        raise UnknownEndpoint(endpoint_id)
    return row


def _update(connection: Connection, endpoint_id: str, values: Mapping[str, Any]) -> None:
    table = schema.webhook_endpoint
    connection.execute(update(table).where(table.c.id == endpoint_id).values(**values))


def _host(url: str) -> str:
    """Without its path and query, which are often a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _from_to(before: object, after: object) -> Mapping[str, object]:
    return {"from": before, "to": after}
