"""The SQLite file of drafts and revisions: opening it, and transactions in it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from knowledge.revision import RevisionsUnavailable
from knowledge.revision_tables import SCHEMA_VERSION, metadata

_WAIT_S = 10
"""For another process that is writing."""


class RevisionFile:
    """One connection for each transaction, the rollback journal, `synchronous=FULL`: several processes may write, and
    what is committed survives a power cut."""

    def __init__(self, path: Path) -> None:
        """The first transaction opens or creates it, readable by its owner only."""
        self.path = path
        self._engine: Engine | None = None
        self._opening = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All of it or nothing. Raises RevisionsUnavailable."""
        with self._explained(), self._opened().begin() as connection:
            yield connection

    def _opened(self) -> Engine:
        with self._opening:
            if self._engine is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
                engine = _engine(self.path)
                self._set_up(engine)
                self._engine = engine
            return self._engine

    def _set_up(self, engine: Engine) -> None:
        with engine.begin() as connection:
            version = int(connection.execute(text("PRAGMA user_version")).scalar_one())
            if version > SCHEMA_VERSION:
                raise RevisionsUnavailable(
                    f"{self.path} was written by a newer version of this program (schema {version}): use that version"
                )
            if version < SCHEMA_VERSION:
                metadata.create_all(connection)
                connection.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise RevisionsUnavailable(
                f"{self.path}: {error.orig}: check that the disk has room and that this user may write there"
            ) from error
        except OSError as error:
            why = error.strerror or str(error)
            raise RevisionsUnavailable(f"{self.path}: {why}: this user must be able to write there") from error


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        connect_args={"timeout": _WAIT_S, "isolation_level": None},
        hide_parameters=True,  # what is written there must not get into logs
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "journal_mode=DELETE", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
