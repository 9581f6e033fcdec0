"""One contract for both engines: `place` is a SQLite file, then a PostgreSQL database; `path` is a file alone."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from history import Database, Journal, Postgres, SqliteFile, Timeline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, path: Path) -> Database:
    return SqliteFile(path) if request.param == "sqlite" else request.getfixturevalue("postgres")


Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def rows(place: Database) -> Rows:
    """What another program finds in the history, with SQL that both engines understand."""

    def select(query: str) -> list[tuple[Any, ...]]:
        if isinstance(place, Postgres):
            with psycopg.connect(place.url) as connection:
                return connection.execute(query).fetchall()
        assert isinstance(place, SqliteFile)
        with closing(sqlite3.connect(f"file:{place.path}?mode=ro", uri=True)) as file:
            return file.execute(query).fetchall()

    return select


@pytest.fixture
async def journal(place: Database) -> AsyncIterator[Journal]:
    opened = await Journal.open(place, node="n1")
    yield opened
    await opened.close()


@pytest.fixture
async def timeline(journal: Journal) -> AsyncIterator[Timeline]:
    opened = Timeline(journal.database)
    yield opened
    await opened.close()
