"""The file of outgoing calls: opening it, and transactions in it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from history import HistoryUnavailable
from history.sqlite_file import unavailable_if_broken
from telephony.outbound.tables import SCHEMA_VERSION, metadata


class OutboundDatabase:
    """One SQLite file. Made with `await OutboundDatabase.open(path)`, ended with `await close()`.

    One connection, and the rollback journal (no WAL): the command line may write beside a running server on every
    version of SQLite. All methods raise HistoryUnavailable when the file cannot be used.
    """

    def __init__(self, path: Path, engine: AsyncEngine) -> None:
        """Use `open`."""
        self.path, self._engine = path, engine

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens or creates it, readable by its owner only."""
        with unavailable_if_broken(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}",
            pool_size=1,
            max_overflow=0,
            connect_args={"timeout": 10, "isolation_level": None},
            hide_parameters=True,  # numbers and names must not get into logs
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        database = cls(path, engine)
        try:
            async with database.transaction() as connection:
                version = int((await connection.execute(text("PRAGMA user_version"))).scalar_one())
                if version > SCHEMA_VERSION:
                    raise HistoryUnavailable(
                        f"{path} was written by a newer version of this program (schema {version}): use that version"
                    )
                await connection.run_sync(metadata.create_all)
                await connection.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))
        except BaseException:
            await engine.dispose()
            raise
        return database

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """All of it or nothing."""
        with unavailable_if_broken(self.path):
            async with self._engine.begin() as connection:
                yield connection

    async def close(self) -> None:
        await self._engine.dispose()


def _prepare(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "journal_mode=DELETE", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
