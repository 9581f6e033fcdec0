"""The moves a caller can make. A script is a list of them; each yields what to send in the next 20 ms.

A move is a small generator over a `Scene`: it yields a frame of sound, a `Key`, or `SILENT`, once each 20 ms, until it
is done. It waits for nothing else, so a script can be tested without sockets or time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from centralino.calling.scene import Doing, Scene, ScriptFailed
from centralino.calling.sound import FRAME_MS, Clip


@dataclass(frozen=True)
class Key:
    key: str


@dataclass(frozen=True)
class HangUpNow:
    pass


SILENT = b""
Sent = bytes | Key | HangUpNow
"""What a move sends in 20 ms: a frame (`SILENT`: nothing said), a key, or the end of the call."""


class Move(Protocol):
    def sends(self, scene: Scene) -> Iterator[Sent]:
        """Raises ScriptFailed when the other end does not do what the move waits for."""
        ...


@dataclass(frozen=True)
class WaitForQuiet:
    """Until the other end has spoken since the caller's last word and is then silent for `quiet_ms`, all marks played.

    The default is longer than the pauses between the sentences of a prompt.
    """

    quiet_ms: int = 700
    timeout_ms: int = 30_000

    def sends(self, scene: Scene) -> Iterator[Sent]:
        began_ms = scene.now_ms
        while not scene.spoken_to_for_ms() or scene.quiet_for_ms() < self.quiet_ms:
            if scene.now_ms - began_ms > self.timeout_ms:
                missing = "did not fall silent" if scene.spoken_to_for_ms() else "said nothing"
                raise ScriptFailed(f"WaitForQuiet: the other end {missing} in {self.timeout_ms} ms")
            yield SILENT


@dataclass(frozen=True)
class WaitFor:
    """Until something outside the call is true, e.g. that an operator was connected. what: its name, for the error."""

    ready: Callable[[], bool]
    what: str
    timeout_ms: int = 30_000

    def sends(self, scene: Scene) -> Iterator[Sent]:
        began_ms = scene.now_ms
        while not self.ready():
            if scene.now_ms - began_ms > self.timeout_ms:
                raise ScriptFailed(f"WaitFor: not within {self.timeout_ms} ms: {self.what}")
            yield SILENT


@dataclass(frozen=True)
class Say:
    """Say a clip."""

    clip: Clip

    def sends(self, scene: Scene) -> Iterator[Sent]:
        return _speak(scene, scene.begin("said", self.clip.words), self.clip)


@dataclass(frozen=True)
class Interrupt:
    """Say a clip once the other end has been speaking for `after_ms`."""

    clip: Clip
    after_ms: int = 1000
    timeout_ms: int = 30_000

    def sends(self, scene: Scene) -> Iterator[Sent]:
        began_ms = scene.now_ms
        while scene.spoken_to_for_ms() < self.after_ms:
            if scene.now_ms - began_ms > self.timeout_ms:
                raise ScriptFailed(f"Interrupt: nobody spoke for {self.after_ms} ms in {self.timeout_ms} ms")
            yield SILENT
        yield from _speak(scene, scene.begin("interrupted", self.clip.words), self.clip)


def _speak(scene: Scene, doing: Doing, clip: Clip) -> Iterator[Sent]:
    clip = clip.at(scene.rate_hz)
    for index, frame in enumerate(clip.frames()):
        start_ms, end_ms = index * FRAME_MS, (index + 1) * FRAME_MS
        if any(start < end_ms and end > start_ms for start, end in clip.spans):
            doing.voiced(scene.now_ms)
        yield frame


@dataclass(frozen=True)
class Keys:
    """Type digits, with `gap_ms` from one to the next."""

    keys: str
    gap_ms: int = 250

    def sends(self, scene: Scene) -> Iterator[Sent]:
        doing = scene.begin("keys", self.keys)
        for index, key in enumerate(self.keys):
            if index:
                yield from Silence(self.gap_ms - FRAME_MS).sends(scene)
            doing.voiced(scene.now_ms)
            yield Key(key)


@dataclass(frozen=True)
class Silence:
    """Say nothing for a while."""

    ms: int

    def sends(self, scene: Scene) -> Iterator[Sent]:
        began_ms = scene.now_ms
        while scene.now_ms - began_ms < self.ms:
            yield SILENT


@dataclass(frozen=True)
class ExpectSpeech:
    """The other end must begin to speak within a time of the caller's last word."""

    within_ms: int

    def sends(self, scene: Scene) -> Iterator[Sent]:
        while not scene.spoken_to_for_ms():
            if scene.now_ms - scene.since_ms > self.within_ms:
                raise ScriptFailed(f"ExpectSpeech: nothing was said within {self.within_ms} ms")
            yield SILENT


@dataclass(frozen=True)
class ExpectHangUp:
    """The other end must hang up within a time. Anything later in the script is not reached."""

    within_ms: int = 30_000

    def sends(self, scene: Scene) -> Iterator[Sent]:
        yield from Silence(self.within_ms).sends(scene)
        raise ScriptFailed(f"ExpectHangUp: the other end did not hang up within {self.within_ms} ms")


@dataclass(frozen=True)
class HangUp:
    def sends(self, scene: Scene) -> Iterator[Sent]:
        yield HangUpNow()


@dataclass(frozen=True)
class Script:
    """Moves in order; the caller hangs up after the last. sends_silence: frames of silence between the clips, as
    most phone networks send (False: nothing, as networks with silence suppression). max_ms: the longest call."""

    moves: tuple[Move, ...]
    sends_silence: bool = True
    max_ms: int = 300_000

    def sends(self, scene: Scene) -> Iterator[Sent]:
        for scene.move, move in enumerate(self.moves):
            yield from move.sends(scene)
        yield HangUpNow()
