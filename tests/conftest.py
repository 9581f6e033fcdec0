"""For the tests of every room: logs as they were, and PostgreSQL.

That is looked for at CENTRALINO_TEST_PG (host:port, or a url with the right to make databases). Each worker of the
suite has a database of its own, made once and emptied between tests.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count

import psycopg
import pytest
import structlog
from psycopg import sql

from history import Postgres

PG = os.environ.get("CENTRALINO_TEST_PG", "127.0.0.1:5432")
ADMIN = PG if "://" in PG else f"postgresql://postgres@{PG}/postgres"
MINE = f"centralino_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"


NewDatabase = Callable[[str], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def new_database() -> Iterator[NewDatabase]:
    """Makes a database on the server, and drops it: `with new_database("name") as url`."""
    try:
        admin = psycopg.connect(ADMIN, connect_timeout=3, autocommit=True)
    except psycopg.OperationalError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL at {PG} (CENTRALINO_TEST_PG): {str(error).splitlines()[0]}")

    @contextmanager
    def made(name: str) -> Iterator[str]:
        full = f"{MINE}_{name}"
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(full))
        admin.execute(drop)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(full)))
        try:
            yield f"{ADMIN.rpartition('/')[0]}/{full}"
        finally:
            admin.execute(drop)

    with admin:
        yield made


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command that a test runs in this process sets up its own logs: what it says no more, nobody could capture."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


class Shared:
    """The database that a worker's tests use one after the other; another one, when a test that failed left its
    servers running in it: they would fail all tests behind it."""

    def __init__(self, new_database: NewDatabase, made: ExitStack) -> None:
        self._new_database, self._made = new_database, made
        self._names = (f"shared{n}" for n in count(1))
        self._url = ""

    @property
    def url(self) -> str:
        if not self._url or _others(self._url):
            self._url = self._made.enter_context(self._new_database(next(self._names)))
        return self._url


def _others(url: str) -> bool:
    """Whether somebody stays connected; a session that ends takes a moment."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(40):
            [others] = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
                " AND backend_type = 'client backend'"
            ).fetchone() or [0]
            if not others:
                return False
            time.sleep(0.05)
    return True


@pytest.fixture(scope="session")
def shared(new_database: NewDatabase) -> Iterator[Shared]:
    with ExitStack() as made:
        yield Shared(new_database, made)


@pytest.fixture
def postgres_url(shared: Shared) -> str:
    return shared.url


@pytest.fixture
def postgres(postgres_url: str) -> Postgres:
    """A database without anything in it."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition AND relname != 'alembic_version'"
        ).fetchall()
        if tables:
            # Foreign keys are checked by triggers, which a replica has not; deleting beats truncating forty tables.
            connection.execute("SET session_replication_role = replica")
            connection.execute(";".join(f"DELETE FROM {name}" for (name,) in tables))
    return Postgres(postgres_url)
