"""A history in one SQLite file: one writer, any number of read-only readers, and what its errors mean.

SQLite before 3.51.3 can corrupt a WAL when two connections write or checkpoint at once, so exactly one connection
does both: `sole_writer` keeps a second journal out, readers open the file read-only, and nothing is memory-mapped.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from history.database import Database, HistoryUnavailable, expect_this_version
from history.sole_writer import SoleWriter

BUSY_MS = 2000
_WAL_KEPT_BYTES = 64 * 1024 * 1024


class SqliteFile(Database):
    """The history in the file at `path`; one process writes it."""

    readers = 2
    shared = False

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def claim(self, node: str) -> Callable[[], None]:
        with self.unavailable_if_broken():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = SoleWriter(self.path, node=node)
            try:
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # callers' words: for this user only
            except BaseException:
                lock.release()
                raise
        return lock.release

    def open_writer(self, node: str) -> Engine:
        uri = f"file:{quote(str(self.path))}?mode=rw"  # never creates: a file that vanished is an error
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

    def hold(self, engine: Engine) -> None:
        """A file's lock is held by the process."""

    def open_reader(self) -> Engine:
        with self.unavailable_if_broken():
            if not self.path.exists():
                raise HistoryUnavailable(
                    f"no history at {self.path}: it is made when the server starts; check the data folder"
                )
            engine = _engine(
                f"file:{quote(str(self.path))}?mode=ro",
                ["PRAGMA query_only=ON", "PRAGMA mmap_size=0"],
                "BEGIN",
                poolclass=QueuePool,
                pool_size=self.readers,
                max_overflow=0,
            )
            expect_this_version(engine, self)
        return engine

    def unavailable_if_broken(self) -> AbstractContextManager[None]:
        return unavailable_if_broken(self.path)

    def is_passing(self, error: BaseException, fresh: bool) -> bool:
        return False

    def lock_for_migration(self, connection: Connection) -> None:
        """Nobody else writes."""

    def lock_contacts(self, connection: Connection) -> None:
        """Nobody else writes."""

    def make_room(self, engine: Engine, interaction_ids: Iterable[str]) -> None:
        """A file has no partitions."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        connection.execute(insert(table), rows)

    def lengthen(self, connection: Connection, last_seqs: Mapping[str, int]) -> None:
        statement = "UPDATE interaction SET last_seq = ? WHERE id = ?"
        connection.exec_driver_sql(statement, [(last_seq, one) for one, last_seq in last_seqs.items()])

    def write_nothing(self, connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA user_version = 0")  # a page is written all the same, with what it has

    def gone_nodes(self, connection: Connection, nodes: Iterable[str], node: str) -> set[str]:
        return set(nodes)


def database_at(where: Path | Database) -> Database:
    """A path alone means a SQLite file."""
    return SqliteFile(where) if isinstance(where, Path) else where


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
