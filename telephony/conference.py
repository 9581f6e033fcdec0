"""Everybody who talks in one call hears everybody else: two of them as it comes, more of them mixed every 20 ms.

Sound is PCM16 at 16 kHz. Time comes in: `tick` is called every `FRAME_MS` by who runs it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

FRAME_MS = 20
FRAME_BYTES = 640
MOST_WAITING = 10 * FRAME_BYTES
"""Of one voice: 200 ms; what comes beyond that pushes the oldest out."""
MOST_PEOPLE = 4


@dataclass
class _Person:
    hears: Callable[[bytes], None]
    waiting: bytearray = field(default_factory=bytearray)
    muted: bool = False


class Conference:
    """people: by name, each with who carries sound to them."""

    def __init__(self) -> None:
        self._people: dict[str, _Person] = {}
        self._ticking: asyncio.Task[None] | None = None

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(self._people)

    def join(self, name: str, hears: Callable[[bytes], None]) -> None:
        """Raises ValueError when it is full."""
        if len(self._people) >= MOST_PEOPLE:
            raise ValueError(f"more than {MOST_PEOPLE} people cannot talk in one call")
        self._people[name] = _Person(hears)
        if len(self._people) > 2 and self._ticking is None:
            self._ticking = asyncio.create_task(self._run())

    def leave(self, name: str) -> None:
        self._people.pop(name, None)
        if len(self._people) <= 2:
            self.close()

    def mute(self, name: str, muted: bool) -> None:
        """Nobody hears them, and they hear nobody: on hold."""
        if name in self._people:
            self._people[name].muted = muted
            self._people[name].waiting.clear()

    def close(self) -> None:
        if self._ticking:
            self._ticking.cancel()
            self._ticking = None
        for person in self._people.values():
            person.waiting.clear()

    def said(self, name: str, pcm: bytes) -> None:
        """Their voice, any length."""
        speaker = self._people.get(name)
        if speaker is None or speaker.muted:
            return
        if self._ticking is None:
            for other, person in self._people.items():
                if other != name and not person.muted:
                    person.hears(pcm)
            return
        speaker.waiting += pcm
        if len(speaker.waiting) > MOST_WAITING:
            del speaker.waiting[: len(speaker.waiting) - MOST_WAITING]

    def tick(self) -> None:
        """Carry 20 ms of everybody to everybody else; who is silent is silence."""
        frames = {name: bytes(person.waiting[:FRAME_BYTES]) for name, person in self._people.items()}
        for person in self._people.values():
            del person.waiting[:FRAME_BYTES]
        for name, person in self._people.items():
            others = [frame for other, frame in frames.items() if other != name and frame]
            if others and not person.muted:
                person.hears(mixed(others))

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
