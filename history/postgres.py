"""A history in a PostgreSQL database: any number of servers write it, each under a node name of its own.

Everything that only PostgreSQL understands is here and in `postgres_months.py`; all other statements are portable.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from history.database import Database, HistoryUnavailable, expect_this_version
from history.postgres_connecting import (
    ANSWER_S,
    CONNECT_S,
    KEEPALIVE,
    READ_S,
    READER,
    WRITER,
    BoundedConnection,
    options,
    take_time,
)
from history.postgres_copying import copy_rows
from history.postgres_months import Months

NAME_MS = 5000
"""How long a node's name may still be held, by a server that just died."""
LOCK_MS = 4000
"""How long another server's transaction may hold what this one waits for; shorter than an answer may take."""
GONE_MS = 1000
"""How long the end of a session of our own may take that has to go."""


@dataclass(frozen=True)
class Postgres(Database):
    """The history in the database that `url` names: postgresql://USER@HOST:PORT/NAME.

    password: '' when none is needed, or libpq finds it (PGPASSWORD, ~/.pgpass). Raises ValueError for another kind of
    url, and for one with a password in it: it would be shown by whatever shows the url.
    """

    url: str
    password: str = field(default="", repr=False)

    readers = 4
    shared = True

    def __post_init__(self) -> None:
        try:
            url = make_url(self.url)
        except ArgumentError:
            raise ValueError("the url of a history is postgresql://USER@HOST:PORT/NAME") from None
        if url.get_backend_name() != "postgresql" or not url.database:
            raise ValueError("the url of a history is postgresql://USER@HOST:PORT/NAME")
        if url.password is not None:
            raise ValueError("the url of a history holds a password: give it beside the url, not in it")
        object.__setattr__(self, "_url", url.set(drivername="postgresql+psycopg"))
        object.__setattr__(self, "_months", Months())

    def __str__(self) -> str:
        return self.url.partition("?")[0]

    def claim(self, node: str) -> Callable[[], None]:
        return lambda: None  # the writing connection holds the node's name

    def open_writer(self, node: str) -> Engine:
        engine = self._engine(WRITER, poolclass=StaticPool)
        # Which sessions are this engine's own: one that was given up may live on behind a network that is cut.
        mine = f"centralino {node}".encode("ascii", "replace").decode()[:40] + f" {secrets.token_hex(8)}"

        @event.listens_for(engine, "connect")
        def _prepare(connection: BoundedConnection, record: Any) -> None:
            connection.answer_s = NAME_MS / 1000 + ANSWER_S
            connection.autocommit = True
            connection.execute(
                "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity"
                " WHERE application_name = %s AND pid != pg_backend_pid()",
                [GONE_MS, mine],
            )
            connection.execute("SELECT set_config('application_name', %s, false)", [mine])
            connection.execute(f"SET lock_timeout = {NAME_MS}")
            durable = connection.execute("SHOW synchronous_commit").fetchone()
            if durable == ("off",):  # what was acknowledged would be lost with the server
                connection.execute("SET synchronous_commit = on")
            try:
                connection.execute("SELECT pg_advisory_lock(%s)", [_lock_number(f"node {node}")])
            except errors.LockNotAvailable as error:
                raise HistoryUnavailable(
                    f"history {self}: another server writes it as node {node!r}: stop it, or give each server a name "
                    "of its own ([history] node)"
                ) from error
            connection.execute(f"SET lock_timeout = {LOCK_MS}")
            connection.autocommit = False
            connection.answer_s = ANSWER_S

        _bounded_between_uses(engine, ANSWER_S)
        return engine

    def hold(self, engine: Engine) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def open_reader(self) -> Engine:
        with self.unavailable_if_broken():
            engine = self._engine(
                READER, poolclass=QueuePool, pool_size=self.readers, max_overflow=0, pool_pre_ping=True,
                isolation_level="REPEATABLE READ",
            )  # fmt: skip

            @event.listens_for(engine, "connect")
            def _prepare(connection: BoundedConnection, record: Any) -> None:
                connection.read_only = True
                connection.adapters.register_dumper(str, _WithoutNul)

            _bounded_between_uses(engine, READ_S)
            try:
                expect_this_version(engine, self)
            except DBAPIError as error:
                engine.dispose()
                if isinstance(error.orig, errors.UndefinedTable):
                    raise HistoryUnavailable(
                        f"no history in {self}: it is made when the server starts; check [history] url"
                    ) from error
                raise
        return engine

    @contextmanager
    def unavailable_if_broken(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if not isinstance(error.orig, _BROKEN):
                raise
            raise HistoryUnavailable(self._explain(error.orig)) from error
        except _BROKEN as error:
            raise HistoryUnavailable(self._explain(error)) from error

    def is_passing(self, error: BaseException, fresh: bool) -> bool:
        said = getattr(error, "orig", error)
        cut = isinstance(said, psycopg.OperationalError) and (said.sqlstate or "08")[:2] in ("08", "57")
        return isinstance(said, _CONTENTION) or (cut and not fresh)

    def lock_for_migration(self, connection: Connection) -> None:
        take_time(connection)
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # another server's migration takes what it takes
        self._lock(connection, "migration")

    def lock_contacts(self, connection: Connection) -> None:
        self._lock(connection, "contacts")

    def make_room(self, engine: Engine, interaction_ids: Iterable[str]) -> None:
        self._months.make_room(engine, interaction_ids)

    def insert(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        copy_rows(connection, table, rows)

    def lengthen(self, connection: Connection, last_seqs: Mapping[str, int]) -> None:
        connection.exec_driver_sql(
            "UPDATE interaction SET last_seq = longer.last_seq"
            " FROM unnest(%s::text[], %s::int[]) AS longer (id, last_seq) WHERE interaction.id = longer.id",
            (list(last_seqs), list(last_seqs.values())),
        )

    def write_nothing(self, connection: Connection) -> None:
        # Without a row that is written nothing would go to the disk, and a read-only database would not be noticed.
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")

    def gone_nodes(self, connection: Connection, nodes: Iterable[str], node: str) -> set[str]:
        return {name for name in nodes if name == node or self._try_lock(connection, f"node {name}")}

    def _lock(self, connection: Connection, name: str) -> None:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_lock_number(name),))

    def _try_lock(self, connection: Connection, name: str) -> bool:
        found = connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(%s)", (_lock_number(name),))
        return bool(found.scalar_one())

    def _engine(self, session: tuple[str, ...], **pool: Any) -> Engine:
        connecting = {"connect_timeout": CONNECT_S, "application_name": "centralino", **KEEPALIVE}
        connecting |= self._url.query
        connecting["options"] = options(session, str(self._url.query.get("options", "")))
        if self.password:
            connecting["password"] = self.password
        # hide_parameters: an error's text goes to the log, callers' words must not
        engine = create_engine(
            self._url.set(query={}),
            connect_args=connecting,
            hide_parameters=True,
            use_native_hstore=False,  # or it is looked for at every connection
            **pool,
        )
        event.listen(engine, "do_connect", lambda d, record, place, named: BoundedConnection.connect(*place, **named))
        return engine

    def _explain(self, error: psycopg.Error) -> str:
        said = error.diag.message_primary or str(error).strip().splitlines()[0]
        state = error.sqlstate or ""
        advice = _ADVICE.get(state) or _ADVICE.get(state[:2]) or "check that the database server runs and is reached"
        return f"history {self}: {said}{f' ({state})' if state else ''}: {advice}"

    _url: URL = field(init=False, repr=False, compare=False)
    _months: Months = field(init=False, repr=False, compare=False)


def _bounded_between_uses(engine: Engine, in_use_s: float) -> None:
    """Whether a connection still stands is answered at once; what is asked of it then may take `in_use_s`."""

    @event.listens_for(engine, "checkout")
    def _in_use(connection: BoundedConnection, record: Any, proxy: Any) -> None:
        connection.answer_s = in_use_s

    @event.listens_for(engine, "checkin")
    def _idle(connection: BoundedConnection | None, record: Any) -> None:
        if connection is not None:
            connection.answer_s = ANSWER_S


class _WithoutNul(StrDumper):
    """PostgreSQL's text has no NUL: what is looked for with one is not there."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\x00", "\ufffd"))


def _lock_number(name: str) -> int:
    digest = hashlib.sha256(f"centralino {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


_CONTENTION = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation, errors.LockNotAvailable)
_BROKEN = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError, errors.InsufficientPrivilege)

_ADVICE = {
    "25006": "it is read-only, a standby perhaps: let [history] url name the primary",
    "28": "check the user, the password ([history] password_file) and the server's pg_hba.conf",
    "3D000": "make it: createdb NAME",
    "42501": "let this user own the database, or grant it these rights",
    "53100": "free space on the database server's disk; recording goes on as soon as there is room",
    "53300": "raise the server's max_connections, or stop what else holds connections",
    "55P03": "another transaction keeps it locked: end that one",
    "57": "the database server is being stopped or started: recording goes on as soon as it answers",
    "58": "the database server's disk refused it: check its space and health",
    "XX": "the database is damaged: stop, copy it away, and restore a backup",
}
