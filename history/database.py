"""Where a history is kept: what a SQLite file and a PostgreSQL database have in common.

`history/sqlite_file.py` and `history/postgres.py` are the two; nothing else in this room knows which one it is.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Table, text

from history.privacy import tables as _privacy  # noqa: F401 (the schema is whole)
from history.schema import REVISION
from history.summaries import tables as _summaries  # noqa: F401

_migrating = threading.Lock()  # Alembic keeps its context in module globals


class HistoryUnavailable(Exception):
    """The history cannot be read or written now. The message says where, why, and what to do.

    in_doubt: it was to be written, and may be there all the same.
    """

    in_doubt = False


class Database(ABC):
    """One place for a history. str(): how messages name it, without secrets.

    readers: connections worth having for reading. shared: whether other processes may write it at the same time.
    """

    readers: int
    shared: bool

    @abstractmethod
    def claim(self, node: str) -> Callable[[], None]:
        """Before it is written by this process: make what must be there, keep out who must not write beside it.
        Returns what lets go. Raises HistoryUnavailable."""

    @abstractmethod
    def open_writer(self, node: str) -> Engine:
        """The engine of one writing connection, whose transactions are on the disk when they are committed."""

    @abstractmethod
    def hold(self, engine: Engine) -> None:
        """Whether the writing connection still stands, while nothing is written; raises what the database raises. Where
        others write, it is what keeps the node's name."""

    @abstractmethod
    def open_reader(self) -> Engine:
        """An engine of `readers` connections that cannot write; each transaction sees one state of the history.
        Raises HistoryUnavailable when there is none, or one of another version."""

    @abstractmethod
    def unavailable_if_broken(self) -> AbstractContextManager[None]:
        """Turns what the database and the system raise into HistoryUnavailable; faults of ours stay what they are."""

    @abstractmethod
    def is_passing(self, error: BaseException, fresh: bool) -> bool:
        """Whether a transaction that was not committed failed only because another one wrote the same, or because a
        connection that had worked (not fresh) was cut: it may be tried again."""

    @abstractmethod
    def lock_for_migration(self, connection: Connection) -> None:
        """Keeps others from migrating until the transaction ends."""

    @abstractmethod
    def lock_contacts(self, connection: Connection) -> None:
        """Keeps others from writing contacts until the transaction ends: they are read, joined and written back."""

    @abstractmethod
    def make_room(self, engine: Engine, interaction_ids: Iterable[str]) -> None:
        """Before a transaction that writes events of these."""

    @abstractmethod
    def insert(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """New rows, all with the same columns, by the quickest way there is."""

    @abstractmethod
    def lengthen(self, connection: Connection, last_seqs: Mapping[str, int]) -> None:
        """Of these interactions, which are there, nothing but the last seq changes."""

    @abstractmethod
    def write_nothing(self, connection: Connection) -> None:
        """Something that makes the commit go to the disk, and changes nothing."""

    @abstractmethod
    def gone_nodes(self, connection: Connection, nodes: Iterable[str], node: str) -> set[str]:
        """Those of `nodes` that cannot be writing now; node: this one, about to write."""


def migrations() -> Config:
    """The migrations inside this package; no alembic.ini is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def migrate(engine: Engine, database: Database) -> None:
    """Bring the schema to `REVISION`. Raises HistoryUnavailable for a history written by a newer version."""
    config = migrations()
    with _migrating, engine.begin() as connection:
        database.lock_for_migration(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            known = ScriptDirectory.from_config(config).get_current_head()
            raise HistoryUnavailable(
                f"{database} was written by another version of this program (it knows schema {known}): {error}. "
                "Use that version, or restore a backup made before it"
            ) from error


def expect_this_version(engine: Engine, database: Database) -> None:
    """Raises HistoryUnavailable, and closes `engine`, when the schema is not the one that this program reads."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found != REVISION:
        engine.dispose()
        raise HistoryUnavailable(
            f"{database} has schema {found}, this program reads {REVISION}: start the server of this version once "
            "to migrate it, or use the newer program that wrote it"
        )
