"""Whether one more call can be taken without ruining the calls that are running.

A machine that falls behind does so for every caller at once: all answers come late, and later with each call more. So
a call is refused early, when a phone system can still give it to a person. Pure; times come in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

LOOK_S = 0.25
"""How often the load is looked at."""


@dataclass(frozen=True)
class Limits:
    """When it is enough. most_calls: calls at once, those whose sound is still expected included.

    backlog_ms: age of the oldest request that a recognizer with more than one of them owes, loop_late_ms: lateness of
    the event loop; both count when they were never lower for `window_ms`. A single long decode (Whisper: up to 3 s, a
    Vosk decoder's first words: 1.7 s) or a moment of a busy machine refuses nobody. Sound comes in pieces of 160 ms, so
    a recognizer that takes 300 ms for each is twice too slow for those who speak; 40 ms are two frames of a phone.
    """

    most_calls: int
    backlog_ms: int = 300
    loop_late_ms: int = 40
    window_ms: int = 3000


@dataclass(frozen=True)
class Refusal:
    """reason: a word for the history; detail: a sentence with the figures."""

    reason: str
    detail: str


class Load:
    """What the last `window_ms` were like. Times are of any clock in ms."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._looks: deque[tuple[int, int, int]] = deque()
        self._began_ms: int | None = None

    def look(self, at_ms: int, backlog_ms: int, loop_late_ms: int) -> None:
        """Note what is found now."""
        if self._began_ms is None:
            self._began_ms = at_ms
        self._looks.append((at_ms, backlog_ms, loop_late_ms))
        while self._looks[0][0] < at_ms - self.limits.window_ms:
            self._looks.popleft()

    def refusal(self, at_ms: int, calls: int) -> Refusal | None:
        """Why one more call is refused while there are `calls`; None: it is taken.

        A load that nobody looked at lately, or that was not watched for a whole window yet, refuses nobody.
        """
        limits = self.limits
        if calls >= limits.most_calls:
            return Refusal("most_calls", f"{calls} calls are running, as many as most_calls allows")
        if self._began_ms is None or at_ms - self._began_ms < limits.window_ms:
            return None
        recent = [look for look in self._looks if look[0] >= at_ms - limits.window_ms]
        if not recent:
            return None
        over_s = f"for {limits.window_ms / 1000:g} s"
        backlog_ms, late_ms = min(look[1] for look in recent), min(look[2] for look in recent)
        if backlog_ms >= limits.backlog_ms:
            return Refusal(
                "recognizer_behind", f"recognition is {backlog_ms} ms behind or more {over_s}, {calls} calls"
            )
        if late_ms >= limits.loop_late_ms:
            return Refusal("server_behind", f"the event loop is {late_ms} ms late or more {over_s}")
        return None
