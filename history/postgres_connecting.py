"""Connections to PostgreSQL that wait for nothing without end: neither this side for the database, nor it for us.

The network tells of a peer that is gone (a connection that was reset, keepalives that nobody answers). It does not tell
of one whose machine takes everything and answers nothing: a pooler, a tunnel, a stopped process. So each answer has its
time, and a connection that overran it is closed, whatever was under way on it.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from sqlalchemy import Connection

CONNECT_S = 3
ANSWER_S = 5.0
"""How long a statement of the writer may take, and whether a reader's connection still stands."""
READ_S = 60.0
"""How long a statement of a reader may take."""
IDLE_IN_TRANSACTION_MS = 60_000
"""How long a writer that fell silent may hold rows that other servers wait for."""

KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""A network that is cut is noticed within about 15 s (seconds; milliseconds for the last one)."""

_SERVER_SIDE = (
    "timezone=UTC",
    # The same on the database's side, which otherwise keeps the session of a machine without power for two hours, and
    # with it that server's name and the rows it was writing.
    "tcp_keepalives_idle=10",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=3",
    "tcp_user_timeout=15000",
)
WRITER = (*_SERVER_SIDE, f"idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}")
READER = (*_SERVER_SIDE, f"statement_timeout={READ_S * 1000:.0f}")


T = TypeVar("T")


class BoundedConnection(psycopg.Connection[Any]):
    """answer_s: how long the database may take for an answer; None: as long as it takes."""

    answer_s: float | None = ANSWER_S

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Raises OperationalError when no answer came in time; the connection is closed then."""
        bound_s = self.answer_s if timeout is None else timeout
        try:
            return super().wait(gen, interval, bound_s)
        except errors._WaitTimeout as error:
            self.close()
            raise psycopg.OperationalError(f"the database gave no answer within {bound_s:g} s") from error


def take_time(connection: Connection) -> None:
    """What follows in this transaction may take as long as it takes: a migration, everything derived anew."""
    bounded = connection.connection.dbapi_connection
    if isinstance(bounded, BoundedConnection):
        bounded.answer_s = None


def options(settings: tuple[str, ...], more: str) -> str:
    """For the start of a session. more: what the url asks for beside these."""
    return " ".join([*(f"-c {setting}" for setting in settings), more]).strip()
