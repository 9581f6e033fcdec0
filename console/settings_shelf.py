"""What the console needs of whoever keeps the company's settings: to read them, and to write them into their files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Wanted:
    """revision: of the file that was read, so that nobody's change is lost. restart: what only a restart brings about
    is put into the file all the same."""

    revision: str
    restart: bool = False


@dataclass(frozen=True)
class Kept:
    """revision: of the file now. served: whether the server uses it; why: what keeps it from that."""

    revision: str
    served: bool
    why: Sequence[str] = ()


@dataclass(frozen=True)
class Fault:
    """field: of what was sent, 'hours.closed'; '' when it is about something else, which the message then names."""

    field: str
    message: str


class SettingsRefused(ValueError):
    """What was sent cannot be used. Nothing was changed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in faults))
        self.faults = tuple(faults)


class ChangedMeanwhile(Exception):
    """The file is not the one that was read."""


class NotWritten(Exception):
    """The file cannot be written; the message says which, why, and what to do. Nothing was changed."""


class AfterRestart(Exception):
    """Only a restart would bring it about. Nothing was changed."""


class NoSuchSetting(LookupError):
    """There is no line or calendar of this name."""


Note = Callable[[str, str, str, Mapping[str, Any]], Awaitable[None]]
"""Writes down what is about to be done: action, kind and name of what is changed, and from what to what."""


class SettingsShelf(Protocol):
    """Holds up no event loop. Everything that writes raises the errors above, and what the house raises for a company
    that cannot be read (`unusable`); `note` is awaited when nothing stands in the way any more."""

    unusable: tuple[type[Exception], ...]

    async def look(self) -> dict[str, Any]:
        """Lines and calendars, as in `console.api.settings_views.SettingsView`."""

    async def set_line(self, line_id: str, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept:
        """These keys of the line; others stay as they are."""

    async def add_line(self, line_id: str, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept: ...

    async def remove_line(self, line_id: str, wanted: Wanted, note: Note) -> Kept: ...

    async def set_calendar(self, name: str, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept:
        """A new one when there is none of this name."""

    async def remove_calendar(self, name: str, wanted: Wanted, note: Note) -> Kept: ...

    async def retention(self) -> dict[str, Any]:
        """As in `console.api.settings_views.RetentionView`."""

    async def set_retention(self, values: Mapping[str, Any], wanted: Wanted, note: Note) -> Kept: ...
