"""Places in the queue whose callers have hung up: each waits as a promise to call back, and is offered in its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from telephony.late_writing import Appends
from telephony.operators.promised import Promised
from telephony.operators.queue import WaitingCall
from telephony.operators.waiting_line import WaitingLine


class KeptPlaces:
    """The desk's. tell: a message to the operator who has this call. stop_ringing: it is not offered for now. leave: it
    waits no longer, and who had it is free. changed: the desk is to look at its queue."""

    def __init__(
        self,
        line: WaitingLine,
        journal: Appends,
        now_ms: Callable[[], int],
        tell: Callable[[str, Mapping[str, Any]], None],
        stop_ringing: Callable[[str], None],
        leave: Callable[[str, str], None],
        changed: Callable[[], None],
    ) -> None:
        self._line, self._journal, self._now_ms = line, journal, now_ms
        self._tell, self._stop_ringing, self._leave, self._changed = tell, stop_ringing, leave, changed

    def __iter__(self) -> Iterator[str]:
        """The calls that they were promised in, in the order of the queue."""
        return (call.call_id for call in self._line.in_order() if call.promised)

    def keep(self, call_id: str, seq: int, number: str) -> bool:
        """The caller hangs up and is called back when their turn comes; the promise is event `seq` of the call. False:
        the call does not wait any more."""
        found = self._line.find(call_id)
        if found is None:
            return False
        waiting, call = found
        said = [turn for turn in call.transcript() if turn.get("is_final", True)]
        promised = self._promised(waiting, seq, number, call.now_ms(), said)
        self._line.keep_place(call_id, promised, number)
        self._stop_ringing(call_id)
        self._changed()
        return True

    def restore(self, waiting: WaitingCall, seq: int, number: str, age_ms: int) -> None:
        """One of before this server started; age_ms: since its call was answered."""
        self._line.add(waiting, self._promised(waiting, seq, number, age_ms, ()))
        self._changed()

    def called_back(self, call_id: str) -> None:
        """Somebody has; the place is free. Does nothing for a call that waits itself."""
        found = self._line.find(call_id)
        if found and found[0].promised:
            self._leave(call_id, "called_back")

    def _promised(
        self, waiting: WaitingCall, seq: int, number: str, age_ms: int, transcript: Sequence[Mapping[str, Any]]
    ) -> Promised:
        call_id, since_ms = waiting.call_id, self._now_ms() - age_ms

        def again() -> None:
            self._leave(call_id, "lost")
            self._line.add(replace(waiting, promised=True), promised)
            self._changed()

        promised = Promised(
            call_id, seq, number, transcript, self._journal, lambda: self._now_ms() - since_ms,
            lambda message: self._tell(call_id, message), lambda: self._leave(call_id, "called_back"), again,
        )  # fmt: skip
        return promised
