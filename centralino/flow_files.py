"""Which flowbooks a company has, and the file of each: found even while what stands in a file is broken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from centralino.company_file import CompanyFile
from centralino.settings import SettingsError
from dialogs.loading import text_of
from dialogs.problems import FlowbookErrors

_ID = re.compile(r"""^id:[ \t]*["']?([a-z][a-z0-9_]*)""", re.MULTILINE)


@dataclass(frozen=True)
class FlowFile:
    """id: of the flowbook. place: the file as company.toml names it. lines: the ids of those that it is for. text: what
    the file says now, None when it cannot be read."""

    id: str
    path: Path
    place: str
    lines: tuple[str, ...]
    text: str | None


def id_in(text: str) -> str:
    """The id that a flowbook gives itself, '' for none; it need not be valid otherwise."""
    found = _ID.search(text)
    return found[1] if found else ""


def flow_files(folder: Path) -> list[FlowFile]:
    """In the order in which company.toml uses them. Raises SettingsError."""
    described = CompanyFile(folder / "company.toml").described
    places = dict.fromkeys(line.flowbook or described.flowbook for line in described.lines)
    files = []
    for place in places:
        path = folder / place
        text: str | None = None
        with suppress(OSError, FlowbookErrors):  # told when the company is loaded
            text = text_of(path)
        lines = tuple(line.id for line in described.lines if (line.flowbook or described.flowbook) == place)
        files.append(FlowFile(id_in(text or "") or path.stem, path, place, lines, text))
    return files


def the_one(files: Sequence[FlowFile], name: str) -> FlowFile:
    """By its id, or by its file. Raises SettingsError."""
    for file in files:
        if name == file.id or name == file.place or Path(name).absolute() == file.path.absolute():
            return file
    there = ", ".join(f"{file.id} ({file.place})" for file in files)
    raise SettingsError(f"this company has no flowbook {name[:80]!r}; it has: {there}")
