"""How a caller reaches a server: what every door of a caller is to the conversation, and the words about a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from centralino.calling.pacing import CallClock
from centralino.calling.playout import Playout


@dataclass(frozen=True)
class Happening:
    """Something to tell whoever watches a call. at_ms: since the answer.

    kind: one of `printing.SHOWN`.
    """

    at_ms: float
    kind: str
    text: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Observer = Callable[[Happening], None]


def nobody_watches(happening: Happening) -> None:
    """The observer of a call that nobody watches."""


class CallRefused(RuntimeError):
    """The server did not take the call. Says who refused, why, and what to do."""


@dataclass(frozen=True)
class Ended:
    """The call is over. by: 'us' | 'them' (properly) | 'lost' (any other way)."""

    by: str
    reason: str
    at_ms: float


@dataclass(frozen=True)
class Told:
    """What the server said was spoken. speaker: 'caller' | 'bot' | 'operator'."""

    at_ms: float
    speaker: str
    text: str


class Door(Protocol):
    """A call that is connected. Sound is PCM16 mono at `rate_hz`, in both directions."""

    rate_hz: int
    clock: CallClock
    playout: Playout

    @property
    def ended(self) -> Ended | None:
        """How the call ended; None while it goes on."""
        ...

    async def send_frame(self, pcm: bytes) -> None:
        """20 ms of the caller's sound, now."""
        ...

    async def send_key(self, key: str) -> None:
        """One of 0-9 * #."""
        ...

    async def hang_up(self) -> None: ...
