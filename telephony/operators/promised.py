"""A caller who gave up the line but not their place: a call-back that waits in the queue like a call.

It is offered to an operator when its turn comes; who accepts it sees the number, calls, and hangs up on it when that is
done, which the history then has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from history import Entry, HistoryUnavailable
from telephony.late_writing import Appends
from telephony.operators.call_side import Accepted, DeskEvent, OperatorGone

log = structlog.get_logger()

TRY_AGAIN_S = 5.0


class Promised:
    """The call side of a call-back. call_id, seq: of the request in the history; asked_ms: on the desk's clock.

    done: told when it was called back, so that the desk frees the operator; again: when the operator was lost instead.
    """

    def __init__(
        self,
        call_id: str,
        seq: int,
        number: str,
        transcript: Sequence[Mapping[str, Any]],
        journal: Appends,
        now_ms: Callable[[], int],
        tell: Callable[[Mapping[str, Any]], None],
        done: Callable[[], None],
        again: Callable[[], None],
    ) -> None:
        self.call_id, self.seq, self.number = call_id, seq, number
        self._transcript, self._journal, self._now_ms = tuple(transcript), journal, now_ms
        self._tell, self._done, self._again = tell, done, again
        self._operator = ""
        self._work: set[asyncio.Task[None]] = set()

    def now_ms(self) -> int:
        """Milliseconds since the call in which it was promised was answered."""
        return self._now_ms()

    def transcript(self) -> Sequence[Mapping[str, Any]]:
        return self._transcript

    @property
    def recording_state(self) -> str:
        """Nothing of it is heard here."""
        return "off"

    @property
    def bot_flows(self) -> None:
        """No bot has it."""
        return None

    def retold(self) -> Sequence[Mapping[str, Any]]:
        """Nobody talks in it here."""
        return ()

    async def operator_wants(self, wanted: str, who: str) -> str:
        return "off"

    def from_operator(self, pcm: bytes) -> None:
        """Nobody hears it."""

    def from_desk(self, event: DeskEvent) -> None:
        match event:
            case Accepted():
                self._operator = event.operator_id
                self._tell({"type": "connected", "call_back": self.number})
            case OperatorGone(reason="hung_up"):
                task = asyncio.create_task(self._called_back())
                self._work.add(task)
                task.add_done_callback(self._work.discard)
            case OperatorGone():
                self._again()

    async def _called_back(self) -> None:
        """Noted before the operator is free; while nothing can be written, the operator is free all the same."""
        self._done()
        entry = Entry("callback.done", {"callback_seq": self.seq}, self.now_ms(), actor=self._operator)
        while True:
            try:
                await self._journal.append(self.call_id, [entry])
            except HistoryUnavailable as error:
                log.error("desk.callback_not_noted", call_id=self.call_id, error=str(error))
                await asyncio.sleep(TRY_AGAIN_S)
            else:
                return
