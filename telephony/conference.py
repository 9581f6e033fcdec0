"""Everybody who talks in one call hears everybody else: one voice as it comes, several mixed every 20 ms.

Somebody may hear all of them and be heard by nobody, by some or by all: a supervisor, whom the others' sound does not
show. Sound is PCM16 at 16 kHz. Time comes in: `tick` is called every `FRAME_MS` by who runs it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import numpy as np

FRAME_MS = 20
FRAME_BYTES = 640
MOST_WAITING = 10 * FRAME_BYTES
"""Of one voice for one who hears it: 200 ms; what comes beyond that pushes the oldest out."""
MOST_PEOPLE = 4


@dataclass
class _Person:
    """deaf: who only speaks. heard_by: their names, None for everybody. waiting: for the next mix, by whose voice it
    is."""

    hears: Callable[[bytes], None]
    overhears: bool = False
    deaf: bool = False
    heard_by: frozenset[str] | None = None
    waiting: dict[str, bytearray] = field(default_factory=dict)
    muted: bool = False


class Conference:
    """people: by name, each with who carries sound to them."""

    def __init__(self) -> None:
        self._people: dict[str, _Person] = {}
        self._mixed: dict[str, _Person] = {}
        """Those who hear several voices."""
        self._ticking: asyncio.Task[None] | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Without who overhears them."""
        return tuple(name for name, person in self._people.items() if not person.overhears)

    def join(self, name: str, hears: Callable[[bytes], None]) -> None:
        """Raises ValueError when it is full."""
        if len(self.people) >= MOST_PEOPLE:
            raise ValueError(f"more than {MOST_PEOPLE} people cannot talk in one call")
        self._people[name] = _Person(hears)
        self._regroup()

    def announce(self, name: str) -> None:
        """A voice that everybody hears, and that hears nobody; it is not counted among the people."""
        self._people[name] = _Person(lambda pcm: None, overhears=True, deaf=True)
        self._regroup()

    def overhear(self, name: str, hears: Callable[[bytes], None]) -> None:
        """They hear everybody, and nobody hears them until `reach` says so."""
        self._people[name] = _Person(hears, overhears=True, heard_by=frozenset())
        self._regroup()

    def reach(self, name: str, heard_by: Collection[str] | None) -> None:
        """By whom this person is heard from now on, None for everybody."""
        self._people[name].heard_by = None if heard_by is None else frozenset(heard_by)
        self._regroup()

    def leave(self, name: str) -> None:
        self._people.pop(name, None)
        self._regroup()

    def mute(self, name: str, muted: bool) -> None:
        """Nobody hears them, and they hear nobody: on hold."""
        if name in self._people:
            self._people[name].muted = muted
            for person in self._people.values():
                person.waiting.pop(name, None)

    def close(self) -> None:
        self._people.clear()
        self._regroup()

    def said(self, name: str, pcm: bytes) -> None:
        """Their voice, any length."""
        speaker = self._people.get(name)
        if speaker is None or speaker.muted:
            return
        for other, person in self._people.items():
            if person.muted or not self._reaches(name, other):
                continue
            if other not in self._mixed:
                person.hears(pcm)
                continue
            waiting = person.waiting.setdefault(name, bytearray())
            waiting += pcm
            if len(waiting) > MOST_WAITING:
                del waiting[: len(waiting) - MOST_WAITING]

    def tick(self) -> None:
        """Carry 20 ms of several voices to each who hears several; who is silent is silence."""
        for person in list(self._mixed.values()):
            frames = [bytes(waiting[:FRAME_BYTES]) for waiting in person.waiting.values() if waiting]
            for waiting in person.waiting.values():
                del waiting[:FRAME_BYTES]
            if frames and not person.muted:
                person.hears(mixed(frames))

    def _reaches(self, speaker: str, hearer: str) -> bool:
        heard_by = self._people[speaker].heard_by
        return speaker != hearer and not self._people[hearer].deaf and (heard_by is None or hearer in heard_by)

    def _regroup(self) -> None:
        """Who hears one voice has it as it comes, with no delay; who hears several has them mixed."""
        several = {
            name: person
            for name, person in self._people.items()
            if sum(self._reaches(other, name) for other in self._people) > 1
        }
        for name, person in self._people.items():
            if name not in several or name not in self._mixed:
                person.waiting.clear()
            person.waiting = {other: kept for other, kept in person.waiting.items() if other in self._people}
        self._mixed = several
        if several and self._ticking is None:
            self._ticking = asyncio.create_task(self._run())
        elif not several and self._ticking:
            self._ticking.cancel()
            self._ticking = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                due_s = max(due_s + FRAME_MS / 1000, loop.time() - 0.2)
                await asyncio.sleep(max(0.0, due_s - loop.time()))
                self.tick()


def mixed(frames: list[bytes]) -> bytes:
    """Their sum, as long as the longest, cut at what 16 bits can say."""
    longest = max(len(frame) for frame in frames)
    total = np.zeros(longest // 2, dtype=np.int32)
    for frame in frames:
        samples = np.frombuffer(frame, dtype="<i2")
        total[: samples.size] += samples
    return np.clip(total, -32768, 32767).astype("<i2").tobytes()
