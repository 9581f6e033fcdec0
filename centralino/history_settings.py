"""`[history]` in centralino.toml: where the shared history is kept, when it is not a file in the data folder."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from history import Database, Postgres, SqliteFile


def node_of_command() -> str:
    """The name under which a command writes: of those that run beside each other, each its own."""
    return f"command-{socket.gethostname()}-{os.getpid()}"[:64]


class HistorySettings(BaseModel):
    """url: postgresql://USER@HOST:PORT/NAME; '' is a SQLite file in the data folder. node: this server's name in the
    history; of servers that share a database each has its own. password (CENTRALINO_HISTORY__PASSWORD) or
    password_file: of the database's user; with neither, libpq looks for one (PGPASSWORD, ~/.pgpass).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = ""
    node: str = Field(default="node-1", min_length=1, max_length=64, pattern=r"^[\w.-]+$")
    password: SecretStr = SecretStr("")
    password_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _postgresql(cls, url: str) -> str:
        if url:
            Postgres(url)
        return url

    def database(self, file: Path) -> Database:
        """file: the one in the data folder. Raises OSError when the password file cannot be read."""
        if not self.url:
            return SqliteFile(file)
        return Postgres(self.url, self.password_now())

    def password_now(self) -> str:
        """Raises OSError when the password file cannot be read."""
        if self.password_file is not None:
            return self.password_file.expanduser().read_text(encoding="utf-8").strip()
        return self.password.get_secret_value()
