"""Lines: the numbers callers dial, and everything a call on one of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from dialogs.calendars import Calendar
from dialogs.flowbook import Flowbook
from dialogs.understanding import Understanding
from telephony.music import Music
from telephony.recording.policy import NEVER, RecordingPolicy
from voice.listening.conditioning import Conditioning
from voice.listening.endpointing import Endpointing
from voice.listening.hints import Hints
from voice.speaking.barge_in import BargeIn
from voice.speaking.synthesizer import Voice


@dataclass(frozen=True)
class Hours:
    """When it is closed a call begins with `closed_flow`, or goes to the number `forward` ('' for none)."""

    calendar: Calendar
    closed_flow: str = ""
    forward: str = ""


@dataclass(frozen=True)
class Line:
    """id: its short name; number: as callers dial it (E.164, '' when it is reached by id only).

    endpointing, barge_in: when its callers' turns end, and what their voices do to prompts. hints: the words
    that correct what is misheard, if any do. human_number: who takes its calls that this server cannot, '' for the
    house's. hours: when it is open; None: always. conditioning: what is done against noise and levels before words.
    recording: whether its calls are recorded. music: for who waits. revision_number: of its flowbook, 0 while it has
    none.
    """

    id: str
    number: str
    language: str
    voice: Voice
    book: Flowbook
    understanding: Understanding = field(compare=False, repr=False)
    title: str = ""
    endpointing: Endpointing = field(default_factory=Endpointing)
    barge_in: BargeIn = field(default_factory=BargeIn)
    hints: Hints | None = field(default=None, compare=False, repr=False)
    human_number: str = ""
    hours: Hours | None = field(default=None, compare=False)
    music: Music | None = field(default=None, compare=False, repr=False)
    conditioning: Conditioning = field(default_factory=Conditioning)
    recording: RecordingPolicy = NEVER
    revision_number: int = 0

    def first_flow(self, at: datetime) -> str:
        """The flow with which a call at that (aware) time begins; '' for the flowbook's own."""
        return self.hours.closed_flow if self.hours and not self.hours.calendar.is_open(at) else ""

    def forwards_to(self, at: datetime) -> str:
        """The number that takes its calls at that (aware) time without the bot; '' when the bot answers."""
        return self.hours.forward if self.hours and not self.hours.calendar.is_open(at) else ""


class UnknownLine(LookupError):
    """No line has this id or number."""


class Lines:
    def __init__(self, lines: Iterable[Line]) -> None:
        self._by_name: dict[str, Line] = {}
        for line in lines:
            for name in filter(None, (line.id, line.number)):
                if name in self._by_name:
                    raise ValueError(f"two lines are called {name!r}; give each line its own id and number")
                self._by_name[name] = line

    def __iter__(self) -> Iterator[Line]:
        return iter({line.id: line for line in self._by_name.values()}.values())

    def get(self, name: str) -> Line:
        """The line with this id or number; raises UnknownLine that names the known ones."""
        line = self._by_name.get(name.strip())
        if line is None:
            known = ", ".join(sorted(line.id for line in self))
            raise UnknownLine(f"no line {name[:64]!r}; the lines are: {known}")
        return line
