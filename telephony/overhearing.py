"""A supervisor hears an operator's call, speaks to the operator alone, or to everybody in it.

Nothing of it is asked or written down here but that somebody joined the talk: whoever begins it has done the rest (see
`operators/monitor_socket.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from telephony.handover import Handover
from telephony.record import CallRecord
from telephony.talk import OPERATOR


class Mode(StrEnum):
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


HEARD_BY: Mapping[Mode, frozenset[str] | None] = {
    Mode.LISTEN: frozenset(),
    Mode.WHISPER: frozenset({OPERATOR}),
    Mode.BARGE: None,
}
"""None: everybody."""


class CannotOverhear(ValueError):
    """code: 'no_operator' | 'overheard_already' | 'own_call' | 'cannot_be_told'; the message says what can be done."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Supervisor(Protocol):
    """Who listens; its methods queue and never block."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    def tell(self, message: Mapping[str, Any]) -> None: ...
    def sound(self, pcm: bytes) -> None: ...
    def close(self, reason: str) -> None: ...


class Overhearing:
    """One call's. confidential: whether nobody else may hear what is said at this moment."""

    def __init__(self, handover: Handover, record: CallRecord, confidential: Callable[[], bool]) -> None:
        self._handover, self._record, self._confidential = handover, record, confidential
        self._supervisor: Supervisor | None = None
        self._mode = Mode.LISTEN
        self._told_confidential = False

    def check(self) -> None:
        """Raises CannotOverhear where nobody could listen now."""
        if self._handover.talk is None or OPERATOR not in self._handover.talk.people:
            raise CannotOverhear("no_operator", "no operator talks in this call (any more); see /api/wall for who does")
        if self._supervisor:
            who = self._supervisor.name
            raise CannotOverhear("overheard_already", f"{who} listens to this call already; one person may")

    def begin(self, supervisor: Supervisor) -> None:
        """They hear everybody from now on, and read what was said; nobody hears them. Raises CannotOverhear."""
        self.check()
        assert self._handover.talk
        self._supervisor, self._mode = supervisor, Mode.LISTEN
        for turn in self._record.turns:
            supervisor.tell({"type": "transcript", **turn, "is_final": True})
        self._tell_confidential(self._confidential())
        self._handover.talk.overhear(self._hears, self._talk_over)

    async def become(self, supervisor: Supervisor, mode: Mode) -> bool:
        """By whom they are heard from now on. False: the call is over for them. Raises HistoryUnavailable."""
        if self._supervisor is not supervisor:
            return False
        if mode is Mode.BARGE and self._mode is not Mode.BARGE:
            await self._note("supervisor.joined")
        talk = self._handover.talk
        if self._supervisor is not supervisor or talk is None:
            return False
        before, self._mode = self._mode, mode
        talk.supervisor_reaches(HEARD_BY[mode])
        if before is Mode.BARGE and mode is not Mode.BARGE:
            await self._note("supervisor.left")
        return True

    def speak(self, supervisor: Supervisor, pcm: bytes) -> None:
        """The supervisor's microphone, PCM16 at 16 kHz."""
        if self._supervisor is supervisor and self._handover.talk:
            self._handover.talk.supervisor_sound(pcm)

    async def end(self, supervisor: Supervisor) -> None:
        """They listen no longer. Raises HistoryUnavailable."""
        if self._supervisor is supervisor:
            if self._handover.talk:
                self._handover.talk.supervisor_leaves()
            await self._gone()

    # --------------------------------------------------------------------------------------------------- by the call

    def show(self, message: Mapping[str, Any]) -> None:
        """Words that were just said."""
        if self._supervisor:
            self._supervisor.tell(message)

    def look(self) -> None:
        """Told often: whether what is said has become confidential, or is so no more."""
        if self._supervisor and (confidential := self._confidential()) is not self._told_confidential:
            self._tell_confidential(confidential)

    # --------------------------------------------------------------------------------------------------------- inside

    def _hears(self, pcm: bytes) -> None:
        if self._supervisor and not self._confidential():
            self._supervisor.sound(pcm)

    def _tell_confidential(self, confidential: bool) -> None:
        self._told_confidential = confidential
        if self._supervisor:
            self._supervisor.tell({"type": "confidential", "confidential": confidential})

    async def _talk_over(self) -> None:
        """The operator has left, or the call ends."""
        if self._supervisor:
            self._supervisor.close("ended")
        await self._gone()

    async def _gone(self) -> None:
        if self._mode is Mode.BARGE and self._supervisor:
            self._mode = Mode.LISTEN
            await self._note("supervisor.left")
        self._supervisor, self._mode = None, Mode.LISTEN

    async def _note(self, kind: str) -> None:
        """Whoever the caller hears is in the history."""
        assert self._supervisor
        who = {"supervisor": self._supervisor.id, "name": self._supervisor.name}
        await self._record.add(kind, who, actor=self._supervisor.id)
