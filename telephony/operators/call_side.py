"""What the desk and a call tell each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Placed:
    """The caller's place changed, or is to be announced again. wait_ms: what is left of their wait, None when too
    little is known."""

    place: int
    wait_ms: int | None = None


@dataclass(frozen=True)
class Moved:
    """A supervisor has put the call into another queue."""

    queue: str


@dataclass(frozen=True)
class Accepted:
    operator_id: str
    operator_name: str


@dataclass(frozen=True)
class NotTaken:
    """An operator at whose seat the call rang declined or did not answer; it waits on."""


@dataclass(frozen=True)
class NobodyThere:
    """The caller need not wait any longer. reason: 'nobody_available' | 'waited_too_long' | 'full'."""

    reason: str


@dataclass(frozen=True)
class OperatorGone:
    """reason: 'hung_up' | 'lost' | 'let_go' (the bot has the call, and they wait for it no longer)."""

    reason: str


@dataclass(frozen=True)
class Invited:
    """The operator asks somebody to join. to: as the settings call them."""

    to: str
    operator: str


@dataclass(frozen=True)
class Dismissed:
    """The operator lets a guest go."""

    to: str


@dataclass(frozen=True)
class Parked:
    """held: the operator puts the caller on hold, with music; False: they are back."""

    held: bool
    operator: str


@dataclass(frozen=True)
class Dialled:
    """The operator presses keys towards the caller's side."""

    keys: str
    operator: str


@dataclass(frozen=True)
class SayArticle:
    """The operator has the bot say an article to the caller. version: that they read, '' for any; language: '' for the
    caller's."""

    article: str
    version: str
    language: str
    operator: str


@dataclass(frozen=True)
class StopSaying:
    """The bot is to fall silent."""


@dataclass(frozen=True)
class ToBot:
    """The operator gives the call back to the bot. flow: at which it is to go on, '': where it asks what else there
    is."""

    flow: str
    operator: str


Wish = Invited | Dismissed | Parked | Dialled | SayArticle | StopSaying
"""What the operator who talks wants done in the call."""

DeskEvent = Placed | Moved | NotTaken | Accepted | NobodyThere | OperatorGone | ToBot | Wish


class CallSide(Protocol):
    """What the desk needs of a call. `from_desk` and `from_operator` queue and never block."""

    call_id: str

    def now_ms(self) -> int:
        """Milliseconds since the call was answered."""
        ...

    def transcript(self) -> Sequence[Mapping[str, Any]]:
        """The turns so far: speaker, text, at_ms; what the bot is just saying has is_final False."""
        ...

    @property
    def recording_state(self) -> str:
        """'off' | 'on' | 'paused' | 'failed'."""
        ...

    @property
    def bot_flows(self) -> Sequence[Mapping[str, Any]] | None:
        """At which flows an operator may give the call back to the bot: flow, titles by language, returns. None: there
        is no bot."""
        ...

    def retold(self) -> Sequence[Mapping[str, Any]]:
        """What the operator's console was told of the talk and still holds, for one that comes back: that the caller is
        on hold, who is a guest or rung to be one, which article the bot says."""
        ...

    async def operator_wants(self, wanted: str, who: str) -> str:
        """'pause' what is recorded and written down of the call, or 'resume' it. Raises HistoryUnavailable."""
        ...

    def from_desk(self, event: DeskEvent) -> None: ...

    def from_operator(self, pcm: bytes) -> None:
        """The operator's microphone, PCM16 at 16 kHz."""
        ...
