"""Opening the SQLite file: one writer, any number of read-only readers, and what its errors mean.

SQLite before 3.51.3 can corrupt a WAL when two connections write or checkpoint at once, so exactly one connection
does both: `sole_writer` keeps a second journal out, readers open the file read-only, and nothing is memory-mapped.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from history.schema import REVISION

BUSY_MS = 2000
_WAL_KEPT_BYTES = 64 * 1024 * 1024
_migrating = threading.Lock()  # Alembic keeps its context in module globals


class HistoryUnavailable(Exception):
    """The history cannot be read or written now. The message says where, why, and what to do."""


def migrations() -> Config:
    """The migrations inside this package; no alembic.ini is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def open_writer(path: Path) -> Engine:
    """The engine of the one writing connection. The file must exist (it may be empty); see `migrate`."""
    uri = f"file:{quote(str(path))}?mode=rw"  # never creates: a file that vanished is an error, not a new history
    return _engine(
        uri,
        [
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",  # NORMAL would lose the last commits when the power fails
            "PRAGMA fullfsync=ON",  # macOS: reach the disk, not only its cache; nothing elsewhere
            "PRAGMA mmap_size=0",
            "PRAGMA foreign_keys=ON",
            f"PRAGMA journal_size_limit={_WAL_KEPT_BYTES}",
        ],
        "BEGIN IMMEDIATE",
        poolclass=StaticPool,
    )


def open_reader(path: Path, *, connections: int) -> Engine:
    """An engine of read-only connections. Raises HistoryUnavailable: no history there, or one of another version."""
    with unavailable_if_broken(path):
        if not path.exists():
            raise HistoryUnavailable(f"no history at {path}: it is made when the server starts; check the data folder")
        engine = _engine(
            f"file:{quote(str(path))}?mode=ro",
            ["PRAGMA query_only=ON", "PRAGMA mmap_size=0"],
            "BEGIN",
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
        )
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found != REVISION:
        engine.dispose()
        raise HistoryUnavailable(
            f"{path} has schema {found}, this program reads {REVISION}: start the server of this version once "
            "to migrate it, or use the newer program that wrote it"
        )
    return engine


def migrate(engine: Engine, path: Path) -> None:
    """Bring the schema to `REVISION`. Raises HistoryUnavailable for a file written by a newer version."""
    config = migrations()
    with _migrating, engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            known = ScriptDirectory.from_config(config).get_current_head()
            raise HistoryUnavailable(
                f"{path} was written by another version of this program (it knows schema {known}): {error}. "
                "Use that version, or restore a backup made before it"
            ) from error


@contextmanager
def unavailable_if_broken(path: Path) -> Iterator[None]:
    """Turns what SQLite and the file system raise into HistoryUnavailable."""
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error.orig, sqlite3.Error):
            raise
        raise HistoryUnavailable(_explain(error.orig, path)) from error
    except sqlite3.Error as error:
        raise HistoryUnavailable(_explain(error, path)) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = _ADVICE[sqlite3.SQLITE_FULL if full else sqlite3.SQLITE_CANTOPEN]
        raise HistoryUnavailable(f"history {path}: {error}: {advice}") from error


def _engine(uri: str, pragmas: list[str], begin: str, **pool: Any) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in pragmas:
                connection.execute(pragma).fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    # hide_parameters: an error's text goes to the log, callers' words must not
    engine = create_engine("sqlite://", creator=connect, hide_parameters=True, **pool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _explain(error: sqlite3.Error, path: Path) -> str:
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    advice = _ADVICE.get(primary, "see the error, and check the disk")
    return f"history {path}: {error} ({name}): {advice}"


_ADVICE = {
    sqlite3.SQLITE_FULL: "free space on its disk; recording goes on as soon as there is room",
    sqlite3.SQLITE_IOERR: "the disk refused it: check space, quota, file size limit and the disk's health",
    sqlite3.SQLITE_READONLY: "give this user write permission on the file and its folder, or remount it writable",
    sqlite3.SQLITE_BUSY: "another program keeps it locked: close that program",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked: close that program",
    sqlite3.SQLITE_CANTOPEN: "check that it is a file in a folder this user may write",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: stop, copy it away, and restore a backup",
    sqlite3.SQLITE_NOTADB: "this is not a history: choose another file, or move it away",
}
