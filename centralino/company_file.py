"""`company.toml`: what may be written in it, and what is wrong with it, with file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from centralino.line_sound import LineSound
from centralino.settings import SettingsError
from centralino.toml_places import Place, line_of
from dialogs.calendars import Calendar
from dialogs.steps.turns import Turns
from telephony.turn_limits import endpointing_with
from voice.listening.endpointing import Endpointing

Number = Annotated[str, Field(pattern=r"^(\+[0-9]{5,15})?$")]
"""E.164, '' for none."""


Word = Annotated[str, Field(min_length=1, max_length=60)]


@dataclass(frozen=True)
class CompanyFault:
    """One thing that is wrong, told as `company.toml:12: lines.0.language: …`. place: in the file, ('lines', 0,
    'language'); () for the whole of it. of: what it is about, in words."""

    path: Path
    line: int
    place: Place
    of: str
    message: str

    def __str__(self) -> str:
        of = f"{self.of}: " if self.of else ""
        return f"{self.path}:{self.line}: {of}{self.message}"


class CompanyErrors(SettingsError):
    """company.toml cannot be used; every fault has its own line."""

    def __init__(self, faults: Sequence[CompanyFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


class HoursSection(BaseModel):
    """`[lines.hours]`. calendar: one of `[calendars]`. When it is closed a call begins with the flow `closed` of its
    flowbook, or is given to the number `forward` before the bot answers."""

    model_config = ConfigDict(extra="forbid")

    calendar: str
    closed: str = ""
    forward: Number = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.closed) == bool(self.forward):
            raise ValueError("give `closed` (a flow of the flowbook) or `forward` (a number), one of them")
        return self


class LineSection(BaseModel):
    """`[[lines]]`. flowbook: '' for the company's. revision: of the flowbook, its number or the first six digits or
    more of its hash: an earlier one is taken from those that this server has kept. human_number: who takes the calls of
    this line that the server cannot, '' for the settings' one. words: names, brands, places that callers say and that
    stand in no flowbook and no article; what sounds almost like one is taken for it. recording: 'after_notice': where
    the flowbook says so, once the caller heard the notice. recordings_kept_days: after which they are deleted; none:
    when somebody deletes them."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_-]+$")
    title: str = ""
    number: Number = ""
    language: str = Field(pattern=r"^[a-z]{2}$")
    flowbook: str = ""
    revision: str = Field(default="", pattern=r"^([0-9]{1,5}|[0-9a-f]{6,12})?$", coerce_numbers_to_str=True)
    recognizer: Literal["auto", "vosk", "whisper"] = "auto"
    voice_engine: str = "pyttsx3"
    voice: str = ""
    human_number: Number = ""
    words: tuple[Word, ...] = Field(default=(), max_length=500)
    hours: HoursSection | None = None
    turns: Turns = Field(default_factory=Turns)
    sound: LineSound = Field(default_factory=LineSound)
    recording: Literal["off", "after_notice"] = "off"
    recordings_kept_days: int | None = Field(default=None, ge=1, le=36_500)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.endpointing()
        return self

    def endpointing(self) -> Endpointing:
        """Raises ValueError when its values contradict each other."""
        return endpointing_with(Endpointing(), self.turns.settings)


class CompanySection(BaseModel):
    """The whole file. music: a wav file for callers who wait, '' for the built-in pattern."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    flowbook: str = "flowbook.yaml"
    articles: str = "articles"
    music: str = ""
    calendars: dict[str, Calendar] = Field(default_factory=dict)
    lines: list[LineSection] = Field(min_length=1)


class CompanyFile:
    """The file as it was read. described: what it says. Its `fault` makes an error of what others find wrong in it."""

    def __init__(self, path: Path, text: str | None = None) -> None:
        """text: what is to be read in place of what the file says. Raises CompanyErrors."""
        self.path = path
        try:
            self._text = path.read_text(encoding="utf-8") if text is None else text
        except FileNotFoundError:
            raise SettingsError(f"{path} is missing: `company` must name a folder with a company.toml") from None
        except UnicodeDecodeError as error:
            raise CompanyErrors([CompanyFault(path, 1, (), "", f"the file is not UTF-8: {error.reason}")]) from None
        try:
            self.described = CompanySection.model_validate(tomllib.loads(self._text))
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"line (\d+)", str(error))
            raise CompanyErrors([CompanyFault(path, int(at[1]) if at else 1, (), "", str(error))]) from None
        except ValidationError as error:
            raise CompanyErrors([self._told(fault["loc"], fault["msg"]) for fault in error.errors()]) from None
        if wrong := self._contradictions():
            raise CompanyErrors(wrong)

    def fault(self, message: str, *place: str | int, of: str = "") -> CompanyFault:
        return CompanyFault(self.path, line_of(self._text, place), place, of, message)

    def of_line(self, number: int, key: str, message: str) -> CompanyFault:
        """A fault of the line with this number (from 0) in the file."""
        return self.fault(message, "lines", number, key, of=f"line {self.described.lines[number].id!r}")

    def _told(self, loc: tuple[int | str, ...], message: str) -> CompanyFault:
        return self.fault(message.removeprefix("Value error, "), *loc, of=".".join(map(str, loc)))

    def _contradictions(self) -> list[CompanyFault]:
        """What the schema alone cannot see: names twice, calendars that are not there, recognizers that differ."""
        faults = []
        names: set[str] = set()
        recognizers: dict[str, str] = {}
        for number, line in enumerate(self.described.lines):
            for key, name in (("id", line.id), ("number", line.number)):
                if name in names:
                    faults.append(self.of_line(number, key, f"another line is called {name!r}, too"))
                names.update({name} - {""})
            if line.hours and line.hours.calendar not in self.described.calendars:
                there = ", ".join(self.described.calendars) or "none"
                why = f"there is no calendar {line.hours.calendar!r}; [calendars.…] has: {there}"
                faults.append(self.of_line(number, "hours", why))
            if recognizers.setdefault(line.language, line.recognizer) != line.recognizer:
                why = f"the lines that speak {line.language!r} must have the same `recognizer`"
                faults.append(self.of_line(number, "recognizer", why))
        return faults
