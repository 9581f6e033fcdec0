"""How commands of this machine reach the running server: a token in the data folder, readable by its user only.

Who may read it may also write the accounts' file beside it, so it opens nothing that was closed before.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

NAME = "command_token"
PREFIX = "centralino_command_"
ACTOR = "command line"
"""As whom a command is written down."""


class CommandToken:
    """The token of one server; made anew each time it starts."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def written_to(cls, folder: Path) -> CommandToken:
        """A new one, in `folder`. Raises OSError."""
        token = PREFIX + secrets.token_urlsafe(32)
        path = folder / NAME
        path.unlink(missing_ok=True)  # a file that others might read is not written into
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token)
        return cls(token)

    def is_it(self, token: str | None) -> bool:
        return token is not None and hmac.compare_digest(self._token.encode(), token.encode())


def read_from(folder: Path) -> str | None:
    """The token of the server that runs on `folder`; None when there is none to read."""
    try:
        return (folder / NAME).read_text().strip() or None
    except OSError:
        return None
