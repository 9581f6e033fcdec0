"""Flowbooks as they once were, by their revision: a line may go on with an earlier one while a new one is written."""

from __future__ import annotations

import os
from pathlib import Path

from dialogs.flowbook import Flowbook

MOST_KEPT = 200
"""Of each flowbook; the oldest are removed."""


class Revisions:
    """A folder of files `<id>/<revision>.yaml`, made by the first that is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, book: Flowbook, text: str) -> None:
        """Once a flowbook is in use. Raises OSError."""
        folder = self._folder / book.id
        path = folder / f"{book.revision}.yaml"
        if path.exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
        for old in sorted(folder.glob("*.yaml"), key=lambda file: file.stat().st_mtime)[:-MOST_KEPT]:
            old.unlink(missing_ok=True)

    def find(self, book_id: str, revision: str) -> str | None:
        """The text of the one revision that begins like this; None when there is none, or more than one."""
        found = sorted((self._folder / book_id).glob(f"{revision}*.yaml"))
        return found[0].read_text(encoding="utf-8") if len(found) == 1 else None

    def known(self, book_id: str) -> list[str]:
        """The newest first."""
        files = sorted((self._folder / book_id).glob("*.yaml"), key=lambda file: file.stat().st_mtime, reverse=True)
        return [file.stem for file in files]
