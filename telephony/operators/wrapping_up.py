"""The work behind calls: operators give each a code and may write a note; when its time is over, it ends by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from history import Entry
from telephony.late_writing import Appends
from telephony.operators.call_side import CallSide
from telephony.operators.presence import Presence
from telephony.operators.seats import Seat
from telephony.operators.wrap_up import Work, WrapUpSettings


class WrappingUp:
    """The desk's. now_ms: its clock."""

    def __init__(self, journal: Appends, now_ms: Callable[[], int], settings: WrapUpSettings) -> None:
        self._journal, self._now_ms, self._settings = journal, now_ms, settings
        self._done: list[tuple[CallSide, dict[str, Any]]] = []

    def begin(self, seat: Seat, call: CallSide) -> None:
        """The operator's call has just ended."""
        now_ms = self._now_ms()
        time_ms = self._settings.seconds * 1000 if seat.wrap_up_ms is None else seat.wrap_up_ms
        seat.wraps_up = Work(call, now_ms, now_ms + time_ms, note=seat.noted)
        seat.become(Presence.WRAP_UP, now_ms)
        seat.tell_state()
        self.show(seat)

    def show(self, seat: Seat, again: bool = False) -> None:
        """The console is told what may be chosen, what was, and how long there is; nothing when there is no work.
        again: to one that comes back, with the call and its words."""
        if (work := seat.wraps_up) is None:
            return
        seat.tell(
            {
                "type": "wrap_up",
                "call_id": work.call.call_id,
                "codes": [{"code": code, **titles.model_dump()} for code, titles in self._settings.codes.items()],
                "default": self._settings.default,
                "code": work.code,
                "note": work.note,
                "ends_in_ms": max(0, work.ends_ms - self._now_ms()),
                "more_ms": 0 if work.extended else self._settings.seconds * 1000,
                **({**seat.about_call(), "ended": seat.ended} if again else {}),
            }
        )
        if again:
            seat.tell_words(work.call)

    def put(self, seat: Seat, code: str, note: str) -> bool:
        """What the operator has chosen ('': nothing yet) and written so far, also while the call still talks. False,
        and they are told why: there is no such code, or no work any more."""
        wrong = ""
        if code and code not in self._settings.codes:
            wrong = f"there is no wrap-up code {code!r}; the codes are: {', '.join(self._settings.codes)}"
        elif seat.call and not code:
            seat.noted = note
        elif seat.wraps_up is None and (code or note):
            wrong = "no call is being wrapped up any more: its time was over"
        if wrong:
            seat.tell({"type": "error", "message": wrong})
        elif seat.wraps_up:
            seat.wraps_up = replace(seat.wraps_up, code=code, note=note)
        return not wrong

    def more_time(self, seat: Seat) -> None:
        if seat.wraps_up:
            seat.wraps_up = seat.wraps_up.longer(self._settings.seconds * 1000)
            self.show(seat)

    def look(self, seats: Iterable[Seat]) -> None:
        """Ends what takes too long: the operator is available again. Who lost the connection is not."""
        now_ms = self._now_ms()
        for seat in seats:
            if seat.wraps_up and seat.socket and now_ms >= seat.wraps_up.ends_ms:
                seat.tell({"type": "wrapped_up", "code": self.over(seat)})
                seat.become(Presence.AVAILABLE, now_ms)
                seat.tell_state()

    def over(self, seat: Seat) -> str:
        """The operator stops, if that is what they were doing; recorded by `record`. Returns the code, '' for none."""
        if (work := seat.wraps_up) is None:
            return ""
        seat.wraps_up = None
        told = work.written(seat.id, self._settings.default, self._now_ms())
        self._done.append((work.call, told))
        return str(told["code"])

    async def record(self) -> None:
        """Raises HistoryUnavailable; what was not written is tried again the next time."""
        while self._done:
            call, told = self._done[0]
            entry = Entry("operator.wrapped_up", told, call.now_ms(), actor=str(told["operator"]))
            await self._journal.append(call.call_id, [entry])
            self._done.pop(0)
