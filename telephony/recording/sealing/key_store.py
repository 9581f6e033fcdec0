"""The keys of recordings: one SQLite file of its own, apart from the recordings and from the history.

Each key is wrapped by the master key (AES key wrap, RFC 3394). A connection lives for one operation: there is no WAL,
whose pages would outlive a key, and the recorder's thread, the console's and a command's meet nowhere but in the file.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from telephony.recording.sealing.master_key import KeysUnavailable, MasterKey
from telephony.recording.sealing.sealed_file import KEY_BYTES

BUSY_S = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS master (one INTEGER PRIMARY KEY CHECK (one = 1), wrapped BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS recording_key (id TEXT PRIMARY KEY, file TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS recording_key_file ON recording_key (file);
"""
"""master: something of no meaning that the master key wrapped, which tells a wrong one before it wraps anything."""


class KeyDestroyed(Exception):
    """There is no such key any more: what it sealed can be read by nobody."""


class KeyStore:
    """The file at `path`, for this user only; made with the first key. All methods block, and raise KeysUnavailable."""

    def __init__(self, path: Path, master: MasterKey) -> None:
        self.path, self._master = path, master

    def check(self) -> None:
        """Whether a recording could be sealed now. Makes what is missing at the very first time."""
        with self._writing() as connection:
            self._unwrapping(connection)

    def make(self, file: str) -> tuple[str, bytes]:
        """A new key for the recording `file`: its id, and the key; on the disk when this returns."""
        key_id, key = secrets.token_hex(16), os.urandom(KEY_BYTES)
        with self._writing() as connection:
            wrapped = aes_key_wrap(self._unwrapping(connection), key)
            connection.execute("INSERT INTO recording_key VALUES (?, ?, ?)", (key_id, file, wrapped))
        return key_id, key

    def key(self, key_id: str) -> bytes:
        """Raises KeyDestroyed."""
        if not self.path.exists():
            raise KeysUnavailable(
                f"the keys of the recordings, {self.path}, are missing: restore them from their backup"
            )
        with self._connected() as connection:
            row = connection.execute("SELECT wrapped FROM recording_key WHERE id = ?", (key_id,)).fetchone()
            if row is None:
                raise KeyDestroyed(f"the key {key_id} is not in {self.path}: it was destroyed, or is another server's")
            return aes_key_unwrap(self._unwrapping(connection), row[0])

    def has(self, file: str) -> bool:
        """Whether there is a key of the recording `file`."""
        if not self.path.exists():
            return False
        with self._connected() as connection:
            query = "SELECT 1 FROM recording_key WHERE file = ?"
            return connection.execute(query, (file,)).fetchone() is not None

    def files(self, after: str = "", limit: int = 200) -> list[str]:
        """Recordings that there are keys of, sorted; after: the last one of the page before."""
        if not self.path.exists():
            return []
        with self._connected() as connection:
            query = "SELECT DISTINCT file FROM recording_key WHERE file > ? ORDER BY file LIMIT ?"
            return [row[0] for row in connection.execute(query, (after, limit))]

    def destroy(self, file: str, key_id: str = "") -> list[str]:
        """Every key of the recording `file`, or only that one of them, is overwritten and gone; their ids. Works
        without the master key."""
        if not self.path.exists():
            return []
        found = "SELECT id FROM recording_key WHERE file = ?1 AND (?2 = '' OR id = ?2)"
        with self._writing() as connection:
            ids = connection.execute(found, (file, key_id)).fetchall()
            connection.executemany("UPDATE recording_key SET wrapped = zeroblob(length(wrapped)) WHERE id = ?", ids)
            connection.executemany("DELETE FROM recording_key WHERE id = ?", ids)
        return [one[0] for one in ids]

    def rewrap(self, old: MasterKey) -> int:
        """All keys, wrapped by `old` until now, are wrapped by this store's master key, which is made if need be; how
        many. All or none; once `old` is destroyed, no copy of the file from before is of use."""
        if not self.path.exists():
            raise KeysUnavailable(f"there are no keys to be wrapped anew: {self.path} is missing")
        before = old.read()
        with self._writing() as connection:
            if connection.execute("SELECT 1 FROM master").fetchone() is not None:
                self._checked(connection, old, before)
            new = self._master.read_or_make()
            rows = connection.execute("SELECT id, wrapped FROM recording_key").fetchall()
            again = [(aes_key_wrap(new, aes_key_unwrap(before, wrapped)), key_id) for key_id, wrapped in rows]
            connection.executemany("UPDATE recording_key SET wrapped = ? WHERE id = ?", again)
            mark = aes_key_wrap(new, os.urandom(KEY_BYTES))
            connection.execute("INSERT OR REPLACE INTO master VALUES (1, ?)", (mark,))
        return len(again)

    # ------------------------------------------------------------------------------------------------------- inside

    def _unwrapping(self, connection: sqlite3.Connection) -> bytes:
        """The master key, once it has shown that it is the one. The first one is noted."""
        if connection.execute("SELECT 1 FROM master").fetchone() is None:
            master = self._master.read_or_make()
            wrapped = aes_key_wrap(master, os.urandom(KEY_BYTES))
            connection.execute("INSERT INTO master VALUES (1, ?)", (wrapped,))
            return master
        master = self._master.read()
        self._checked(connection, self._master, master)
        return master

    def _checked(self, connection: sqlite3.Connection, master: MasterKey, key: bytes) -> None:
        """Raises KeysUnavailable for a master key that is not the one."""
        (mark,) = connection.execute("SELECT wrapped FROM master").fetchone()
        try:
            aes_key_unwrap(key, mark)
        except InvalidUnwrap:
            raise KeysUnavailable(
                f"{master.where} is not the master key that {self.path} was made with: give that one again; or, "
                f"when it is lost, move {self.path.name} away, and new recordings get keys of a new one (the old "
                "recordings can then be opened by nobody)"
            ) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._connected() as connection:
            connection.executescript(_TABLES)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = DELETE").fetchall()
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute("PRAGMA secure_delete = ON").fetchall()
                yield connection
            finally:
                connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except KeysUnavailable:
            raise
        except (sqlite3.Error, OSError) as error:
            raise KeysUnavailable(
                f"the keys of the recordings, {self.path}, cannot be used: {error}: check the file, its folder and the "
                "disk, or restore it from its backup"
            ) from error
