"""Words so far from an engine that decodes whole utterances: only while that makes nobody wait.

Whisper cannot be broken off within a step (the encoder's, or some tokens'). So a glance begins only when no step is
longer than the silence that comes before the next request of this caller, when nobody else on the worker is in a turn,
and when glances take a quarter of its time at most: a machine that is busy has longer steps, and does without. Between
two steps it is given up as soon as something else waits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Glances:
    """longest_step_ms: below the 200 ms of silence (`Endpointing.look_ms`) after which a turn is looked at. share: of a
    worker's time. apart_ms: between two, at least."""

    longest_step_ms: float = 180.0
    share: float = 0.25
    apart_ms: float = 500.0


_NEWEST = 0.4
"""Weight of the newest step: a machine that becomes busy is noticed within two decodes."""


class Glancing:
    """One worker's. Times are of one clock, in ms."""

    def __init__(self, rule: Glances | None = None) -> None:
        self._rule = rule or Glances()
        self._step_ms: float | None = None
        self._again_ms = 0.0

    def stepped(self, step_ms: float) -> None:
        """A decode had a step that took so long."""
        self._step_ms = step_ms if self._step_ms is None else self._step_ms + _NEWEST * (step_ms - self._step_ms)

    def allowed(self, now_ms: float, others: int) -> bool:
        """Whether one may begin now. others: callers of this worker who are in a turn, besides the one it is for."""
        known = self._step_ms is not None and self._step_ms <= self._rule.longest_step_ms
        return known and not others and now_ms >= self._again_ms

    def glanced(self, began_ms: float, ended_ms: float) -> None:
        pause_ms = (ended_ms - began_ms) * (1 / self._rule.share - 1)
        self._again_ms = ended_ms + max(self._rule.apart_ms, pause_ms)
