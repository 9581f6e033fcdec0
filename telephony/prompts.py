"""What is played to a caller, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.events import Say
from voice.speaking.speech import Speech


@dataclass(frozen=True)
class Prompt:
    """What is to be played; the end of its speech may still be on its way.

    decided_ms: when the dialog decided to say it. answers_ms: when the caller's last voiced sample came, for a prompt
    that answers one (None otherwise).
    """

    say: Say
    speech: Speech
    decided_ms: int
    answers_ms: int | None = None


@dataclass(frozen=True)
class PromptStarted:
    prompt: Prompt
    at_ms: int


@dataclass(frozen=True)
class PromptEnded:
    """duration_ms: of all that was there of it; played_ms: how much of that the caller can have heard; complete: the
    whole prompt.

    started_ms, ended_ms: first and last sound on the line; pauses, and what was played again after them, lie between.
    dead_air_ms: silence because a sentence came late; before the first one, from the decision on or from the end of the
    prompt before.
    """

    prompt: Prompt
    started_ms: int
    ended_ms: int
    duration_ms: int
    played_ms: int
    complete: bool
    dead_air_ms: int = 0


@dataclass(frozen=True)
class PlaybackIdle:
    """Everything enqueued so far was played or dropped."""

    at_ms: int


PlaybackEvent = PromptStarted | PromptEnded | PlaybackIdle


@dataclass(frozen=True)
class Stretch:
    """A prompt is played without a pause from the position `from_ms` on, since the clock showed `started_ms`."""

    from_ms: int
    started_ms: int

    def position_ms(self, clock_ms: int) -> int:
        return self.from_ms + clock_ms - self.started_ms if clock_ms > self.started_ms else self.from_ms

    def clock_ms(self, position_ms: int) -> int:
        return self.started_ms + position_ms - self.from_ms

    def later(self, by_ms: int) -> Stretch:
        return Stretch(self.from_ms, self.started_ms + by_ms)
