"""Runs a caller's script over a door, a frame each 20 ms by the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from centralino.calling.door import Door
from centralino.calling.pacing import Punctuality, beats
from centralino.calling.scene import Scene, ScriptFailed
from centralino.calling.script import SILENT, ExpectHangUp, HangUpNow, Key, Script, Sent
from centralino.calling.sound import FRAME_MS, frame_bytes

Tell = Callable[..., None]
"""`tell(kind, text, **detail)`, see `Happening`."""


@dataclass
class Conversation:
    """What was done in a call. frames: the caller's sound, with the time at which each frame was due.

    outcome: 'completed' | 'script_failed' | 'ended_early' (the other end hung up before the last move) | 'lost'.
    """

    scene: Scene
    outcome: str = "completed"
    why: str = ""
    frames: list[tuple[float, bytes]] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)

    @property
    def punctuality(self) -> Punctuality:
        return Punctuality.of(self.late_ms)


async def converse(door: Door, script: Script, tell: Tell) -> Conversation:
    """Play a script to its end, the other end's hang-up, or the first move that waits in vain (then hang up)."""
    scene = Scene(door.playout, door.rate_hz)
    conversation = Conversation(scene)
    sends, watch = script.sends(scene), _Watch(scene, tell)
    async for beat in beats(door.clock, FRAME_MS):
        if door.ended:
            break
        scene.now_ms = door.clock.now_ms()
        sent = _next(sends, script, conversation)
        watch.look()
        conversation.late_ms.append(beat.late_ms)
        if isinstance(sent, HangUpNow):
            await door.hang_up()
            break
        if isinstance(sent, Key):
            await door.send_key(sent.key)
        frame = sent if isinstance(sent, bytes) and sent else bytes(frame_bytes(door.rate_hz))
        if script.sends_silence or sent != SILENT:
            await door.send_frame(frame)
            conversation.frames.append((beat.due_ms, frame))
    if door.ended and door.ended.by != "us":
        _note_early_end(door.ended.by, door.ended.reason, script, conversation)
    return conversation


def _next(sends: Iterator[Sent], script: Script, conversation: Conversation) -> Sent:
    try:
        if conversation.scene.now_ms > script.max_ms:
            raise ScriptFailed(f"the call took longer than {script.max_ms} ms")
        return next(sends)
    except ScriptFailed as failed:
        conversation.outcome, conversation.why = "script_failed", str(failed)
        return HangUpNow()


def _note_early_end(by: str, reason: str, script: Script, conversation: Conversation) -> None:
    move = conversation.scene.move
    if by == "lost":
        conversation.outcome, conversation.why = "lost", reason
    elif any(not isinstance(later, ExpectHangUp) for later in script.moves[move + 1 :]):
        name = type(script.moves[move]).__name__
        conversation.outcome = "ended_early"
        conversation.why = f"the other end hung up in move {move + 1} of {len(script.moves)} ({name}): {reason}"


class _Watch:
    """Tells what the caller does and when the other end begins to speak, once each."""

    def __init__(self, scene: Scene, tell: Tell) -> None:
        self._scene, self._tell = scene, tell
        self._doings = 0
        self._heard_until_ms = 0.0

    def look(self) -> None:
        scene = self._scene
        for doing in scene.doings[self._doings :]:
            self._tell("keys" if doing.kind == "keys" else "says", doing.what, kind_of_turn=doing.kind)
        self._doings = len(scene.doings)
        for burst in scene.playout.bursts:
            if self._heard_until_ms < burst.start_ms <= scene.now_ms:
                first = self._heard_until_ms < scene.since_ms <= burst.start_ms
                detail: dict[str, Any] = {"latency_ms": round(burst.start_ms - scene.since_ms)} if first else {}
                self._tell("bot_speaks", **detail)
                self._heard_until_ms = burst.start_ms
