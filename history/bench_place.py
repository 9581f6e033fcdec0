"""Where the benches of the history work: a place that was not there before and is not there afterwards."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from history.database import Database
from history.postgres import Postgres
from history.sqlite_file import SqliteFile


@contextmanager
def place_for(url: str = "", password: str = "", folder: Path | None = None) -> Iterator[Database]:
    """A new database beside the PostgreSQL database that `url` names; without a url a SQLite file in a new folder
    inside `folder` (default: the working directory). Raises HistoryUnavailable, and ValueError for such a url."""
    if not url:
        with tempfile.TemporaryDirectory(prefix="history-bench-", dir=folder or Path.cwd()) as inside:
            yield SqliteFile(Path(inside) / "history.db")
        return
    name = f"bench_{secrets.token_hex(4)}"
    with (
        Postgres(url, password).unavailable_if_broken(),
        psycopg.connect(url, password=password or None, autocommit=True) as admin,
    ):
        made = sql.Identifier(name)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(made))
        try:
            yield Postgres(make_url(url).set(database=name).render_as_string(), password)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))
