"""A settings file that is edited from the console: read with its revision, replaced in one step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from centralino.placing import move_to, written_beside
from centralino.settings import SettingsError
from console.settings_shelf import ChangedMeanwhile, NotWritten
from knowledge.revision import sha256_of


@dataclass(frozen=True)
class EditedFile:
    """text: with line ends as Python has them. revision: of its bytes, '' while there is no file."""

    path: Path
    text: str
    revision: str
    line_end: str = "\n"

    @classmethod
    def read(cls, path: Path) -> EditedFile:
        """Raises SettingsError when it cannot be read."""
        try:
            body = path.read_bytes()
            text = body.decode()
        except FileNotFoundError:
            return cls(path, "", "")
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise SettingsError(f"{path}: the file is not UTF-8: {error.reason}") from None
        line_end = "\r\n" if "\r\n" in text else "\n"
        return cls(path, text.replace("\r\n", "\n"), _revision(body), line_end)

    def expect(self, revision: str) -> None:
        """Raises ChangedMeanwhile when this is not the revision that somebody read."""
        if revision != self.revision:
            raise ChangedMeanwhile(f"{self.path.name} was changed meanwhile; look at it again")

    async def replace(self, text: str, first: Callable[[], Awaitable[None]]) -> str:
        """The file has this text from now on, whole or not at all. first: awaited before, when it can be written.

        Returns its revision. Raises ChangedMeanwhile when somebody wrote it since it was read, and NotWritten.
        """
        path = self.path.resolve()
        body = text.replace("\n", self.line_end).encode()
        try:
            with ExitStack() as stack:
                part = await asyncio.to_thread(stack.enter_context, written_beside(path, body))
                (await asyncio.to_thread(self.read, self.path)).expect(self.revision)
                await first()
                await asyncio.to_thread(move_to, part, path)
        except OSError as error:
            why = f"the user that runs the server must be able to write {path.name} and its folder"
            raise NotWritten(f"{path}: {error.strerror}; {why}; nothing was changed") from error
        return _revision(body)


def _revision(body: bytes) -> str:
    return sha256_of(body)[:16]
