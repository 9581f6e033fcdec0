"""What a caller's script knows while it runs: the time, what was heard, and what the caller has done so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from centralino.calling.playout import Playout


class ScriptFailed(RuntimeError):
    """The other end did not do what a script expects. Says which move waited for what, how long."""


@dataclass
class Doing:
    """One thing the caller did. kind: 'said' | 'interrupted' | 'keys'. Times: when the frames with it were sent.

    first_voiced_ms, last_voiced_ms: of its speech (of keys: the first and the last), None until it was sent.
    """

    kind: str
    what: str
    first_voiced_ms: float | None = None
    last_voiced_ms: float | None = None

    def voiced(self, at_ms: float) -> None:
        if self.first_voiced_ms is None:
            self.first_voiced_ms = at_ms
        self.last_voiced_ms = at_ms


@dataclass
class Scene:
    """now_ms is set anew before each 20 ms frame. doings: what the caller said and typed, in order.

    move: the index in the script of the move that is being made.
    """

    playout: Playout
    rate_hz: int
    now_ms: float = 0.0
    move: int = 0
    doings: list[Doing] = field(default_factory=list)

    @property
    def since_ms(self) -> float:
        """The end of the caller's last word or key; 0 before any."""
        return next((doing.last_voiced_ms for doing in reversed(self.doings) if doing.last_voiced_ms is not None), 0.0)

    def begin(self, kind: str, what: str) -> Doing:
        self.doings.append(Doing(kind, what))
        return self.doings[-1]

    def spoken_to_for_ms(self) -> float:
        """How long ago the other end began to speak after the caller's last word; 0 when it has not."""
        burst = self.playout.voiced_since(self.since_ms, self.now_ms)
        return self.now_ms - max(burst.start_ms, self.since_ms) if burst else 0.0

    def quiet_for_ms(self) -> float:
        """How long the other end has been silent, with every mark played; 0 while it speaks."""
        if self.playout.next_mark_ms is not None:
            return 0.0
        return max(0.0, self.now_ms - self.playout.silent_from_ms())
