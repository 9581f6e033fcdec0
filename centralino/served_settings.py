"""The settings of the running server, for the console: written into company.toml and taken up at once, as an edit by
hand is, and into centralino.toml, which is read at the next start."""

from __future__ import annotations

import asyncio
import os
import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from centralino.company_editing import (
    EDITED_KEYS,
    Edit,
    calendar_json,
    line_json,
    with_calendar,
    with_line,
    with_new_line,
    without_calendar,
    without_line,
)
from centralino.company_file import CompanyErrors, CompanyFile, CompanySection, LineSection
from centralino.edited_file import EditedFile
from centralino.reloading import Reloading, RestartNeeded
from centralino.retention_editing import retention_errors, retention_json, with_retention
from centralino.retention_settings import RetentionSettings
from centralino.settings import SettingsError, config_file, load_settings
from centralino.toml_editing import NotEditable
from centralino.toml_places import Place
from console.settings_shelf import AfterRestart, Fault, Kept, NoSuchSetting, Note, SettingsRefused, Wanted
from dialogs.problems import FlowbookErrors
from knowledge.articles import ArticlesUnreadable
from knowledge.revision import RevisionsUnavailable
from telephony.lines import Lines, UnknownLine
from voice.listening.workers import RecognizersUnavailable
from voice.speaking.engines import known_synthesizers

RECOGNIZERS: tuple[str, ...] = get_args(LineSection.model_fields["recognizer"].annotation)


class ServedSettings:
    """`console.settings_shelf.SettingsShelf` of the company that `reloading` serves. retention: with which the server
    began."""

    unusable: tuple[type[Exception], ...] = (
        SettingsError, NotEditable, FlowbookErrors, ArticlesUnreadable, RecognizersUnavailable, RevisionsUnavailable,
        OSError,
    )  # fmt: skip

    def __init__(self, reloading: Reloading, retention: RetentionSettings) -> None:
        self._reloading, self._retention = reloading, retention
        self._path = reloading.folder / "company.toml"

    async def look(self) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            file = EditedFile.read(self._path)
            described = CompanyFile(self._path, file.text).described
            now = datetime.now(UTC)
            lines = self._reloading.company.lines
            return {
                "file": self._path.name,
                "revision": file.revision,
                "lines": [_line(line, described, lines) for line in described.lines],
                "calendars": [_calendar(name, described, now) for name in described.calendars],
                "recognizers": RECOGNIZERS,
                "voice_engines": known_synthesizers(),
            }

        outcome = self._reloading.outcome
        return {**await asyncio.to_thread(read), "served": outcome.ok, "why": outcome.errors}

    async def set_line(self, line_id: str, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept:
        def edit(text: str, described: CompanySection) -> Edit:
            return with_line(text, described, _number(described, line_id), values)

        def place(described: CompanySection) -> Place:
            return ("lines", _number(described, line_id))

        return await self._edit(edit, place, wanted, _noting(note, "settings.line_set", "line", line_id))

    async def add_line(self, line_id: str, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept:
        def edit(text: str, described: CompanySection) -> Edit:
            return with_new_line(text, line_id, values)

        def place(described: CompanySection) -> Place:
            return ("lines", len(described.lines))

        return await self._edit(edit, place, wanted, _noting(note, "settings.line_added", "line", line_id))

    async def remove_line(self, line_id: str, wanted: Wanted, note: Note) -> Kept:
        def edit(text: str, described: CompanySection) -> Edit:
            return without_line(text, described, _number(described, line_id))

        return await self._edit(edit, lambda _: (), wanted, _noting(note, "settings.line_removed", "line", line_id))

    async def set_calendar(self, name: str, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept:
        def edit(text: str, described: CompanySection) -> Edit:
            return with_calendar(text, described, name, values)

        noting = _noting(note, "settings.calendar_set", "calendar", name)
        return await self._edit(edit, lambda _: ("calendars", name), wanted, noting)

    async def remove_calendar(self, name: str, wanted: Wanted, note: Note) -> Kept:
        def edit(text: str, described: CompanySection) -> Edit:
            if name not in described.calendars:
                raise NoSuchSetting(f"there is no calendar {name!r}")
            return without_calendar(text, described, name)

        noting = _noting(note, "settings.calendar_removed", "calendar", name)
        return await self._edit(edit, lambda _: (), wanted, noting)

    async def _edit(
        self,
        edit: Callable[[str, CompanySection], Edit],
        place: Callable[[CompanySection], Place],
        wanted: Wanted,
        note: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> Kept:
        """place: in the file, of what is edited."""
        file = await asyncio.to_thread(EditedFile.read, self._path)
        file.expect(wanted.revision)
        described = CompanyFile(self._path, file.text).described
        edited = edit(file.text, described)
        if edited.text == file.text:
            outcome = self._reloading.outcome
            return Kept(file.revision, outcome.ok, outcome.errors)
        revisions: list[str] = []

        async def write() -> None:
            revisions.append(await file.replace(edited.text, lambda: note(edited.changes)))

        with _refused_at(place(described)):
            outcome = await self._reloading.rewrite(
                edited.text, write, "settings were changed", restart=wanted.restart
            )  # fmt: skip
        return Kept(revisions[0], outcome.ok, outcome.errors)

    async def retention(self) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            file = EditedFile.read(_settings_path())
            at_next_start = load_settings().retention
            return {
                "file": str(file.path),
                "revision": file.revision,
                "next": retention_json(at_next_start),
                "now": retention_json(self._retention),
                "from_environment": sorted(name for name in os.environ if name.upper().startswith(_ENVIRONMENT)),
            }

        return await asyncio.to_thread(read)

    async def set_retention(self, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept:
        if faults := retention_errors(values):
            raise SettingsRefused(faults)
        file = await asyncio.to_thread(EditedFile.read, _settings_path())
        file.expect(wanted.revision)
        try:
            text, changes = with_retention(file.text, values)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{file.path}: {error}") from None
        revision = file.revision
        if text != file.text:
            noting = _noting(note, "settings.retention_set", "settings", "retention")
            revision = await file.replace(text, lambda: noting(changes))
        at_next_start = (await asyncio.to_thread(load_settings)).retention
        return Kept(revision, at_next_start == self._retention)


_ENVIRONMENT = "CENTRALINO_RETENTION"


def _settings_path() -> Path:
    """The file that was read at the start; where there was none, the one that the next start would read."""
    return (config_file() or Path("centralino.toml")).absolute()


def _noting(note: Note, action: str, kind: str, name: str) -> Callable[[Mapping[str, Any]], Awaitable[None]]:
    return lambda changes: note(action, kind, name, changes)


def _number(described: CompanySection, line_id: str) -> int:
    for number, line in enumerate(described.lines):
        if line.id == line_id:
            return number
    raise NoSuchSetting(f"there is no line {line_id!r}")


@contextmanager
def _refused_at(place: Place) -> Iterator[None]:
    """What is wrong at this place of the file is told by its fields."""
    try:
        yield
    except RestartNeeded as error:
        raise AfterRestart(str(error)) from error
    except CompanyErrors as error:
        faults = []
        for one in error.faults:
            mine = bool(place) and one.place[: len(place)] == place
            field = ".".join(map(str, one.place[len(place) :])) if mine else ""
            faults.append(Fault(field, one.message if field or not one.of else f"{one.of}: {one.message}"))
        raise SettingsRefused(faults) from error


def _line(line: LineSection, described: CompanySection, served: Lines) -> dict[str, Any]:
    """flows, languages: of the flowbook that it is served with; none while it is not served."""
    book = None
    with suppress(UnknownLine):
        book = served.get(line.id).book
    more = line.model_dump(exclude_defaults=True).keys() - {*EDITED_KEYS, "id", "flowbook"}
    return {
        **line_json(line),
        "id": line.id,
        "flowbook": line.flowbook or described.flowbook,
        "languages": book.codes if book else (),
        "flows": list(book.flows) if book else (),
        "more": sorted(more),
    }


def _calendar(name: str, described: CompanySection, now: datetime) -> dict[str, Any]:
    calendar = described.calendars[name]
    return {
        **calendar_json(calendar),
        "name": name,
        "lines": [line.id for line in described.lines if line.hours and line.hours.calendar == name],
        "open": calendar.is_open(now),
        "opens": calendar.next_opening(now),
    }
