"""What is written in the history of a call before and after it talks: that it began, was not taken, or is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from history import Entry, HistoryUnavailable, Journal, new_id
from telephony.admission import Refusal
from telephony.expected import Expected
from telephony.late_writing import LateWriting
from telephony.lines import Line
from telephony.remembered import CarrierStatus
from voice.models import EngineChoice

log = structlog.get_logger()

BEGIN_S = 4.0
"""How long a phone system that announces a call may wait for its answer; then a person takes the call."""
LATE_END_S = 5.0
"""How often the end of a call that could not be written is tried again."""
LONGEST_NAME = 64
"""Of a line or a caller's number as a phone system gives it; the rest is cut off."""
LONGEST_DETAIL = 300


class Ledger:
    """Every method but `end_later` raises HistoryUnavailable."""

    def __init__(self, journal: Journal, late: LateWriting) -> None:
        self._journal, self._late = journal, late

    async def begin(self, expected: Expected, choice: EngineChoice, more: Mapping[str, Any]) -> None:
        """more: further facts for `call.started`."""
        line = expected.line
        began = {
            "line": line.id,
            "door": expected.door,
            "ref": expected.ref,
            "language": line.language,
            "caller": expected.caller,
            "recognizer": {"engine": choice.engine, "model": choice.model, "why": choice.why},
            "voice": line.voice.key,
            "flowbook": {"id": line.book.id, "revision": line.book.revision, "number": line.revision_number},
        }
        try:
            async with asyncio.timeout(BEGIN_S):
                await self._journal.append(expected.call_id, [Entry("call.started", {**began, **more}, 0)])
        except TimeoutError:
            late = HistoryUnavailable(f"the history gave no answer within {BEGIN_S:g} s")
            late.in_doubt = True
            raise late from None

    async def unknown_line(self, line_name: str, caller: str, door: str) -> None:
        """A call came for a line that there is not."""
        began = {"line": line_name, "door": door, "language": "", "caller": caller}
        await self._begin_and_end(began, {"reason": "unknown_line", "outcome": "failed"})
        log.warning("reception.unknown_line", line=line_name, door=door)

    async def turn_away(self, line: Line, caller: str, door: str, ref: str, refusal: Refusal) -> None:
        """A call was not taken."""
        log.warning("reception.turned_away", line=line.id, door=door, reason=refusal.reason, detail=refusal.detail)
        ended = {"reason": refusal.reason, "outcome": "failed", "detail": refusal.detail}
        await self._begin_and_end(_of_line(line, caller, door, ref), ended)

    async def forward(self, line: Line, caller: str, door: str, ref: str) -> None:
        """A call for a closed line went elsewhere."""
        await self._begin_and_end(_of_line(line, caller, door, ref), {"reason": "line_closed", "outcome": "forwarded"})
        log.info("reception.forwarded", line=line.id, door=door)

    async def _begin_and_end(self, began: Mapping[str, Any], ended: Mapping[str, Any]) -> None:
        await self._journal.append(new_id(), [Entry("call.started", began, 0), Entry("call.ended", ended, 0)])

    async def give_up(self, call_id: str, reason: str, detail: str, outcome: str) -> None:
        """A call that was begun ends before it could talk. detail: what was wrong with its sound, '' for nothing."""
        entries = [Entry("media.error", {"code": reason, "detail": detail}, 0)] if detail else []
        ended = Entry("call.ended", {"reason": reason, "outcome": outcome}, 0)
        await self._journal.append(call_id, [*entries, ended])

    async def note(self, call_id: str, at_ms: int, status: CarrierStatus) -> None:
        """What a phone system says of a call."""
        said = {"of": status.of, "status": status.status[:LONGEST_NAME], "detail": status.detail[:LONGEST_DETAIL]}
        await self._late.append(call_id, [Entry("carrier.status", said, at_ms)])

    async def end_later(self, call_id: str) -> None:
        """A call that was not taken, and whose beginning may be in the history although nobody was told, is ended there
        as soon as something can be written."""
        ended = Entry("call.ended", {"reason": "history_unavailable", "outcome": "failed"}, 0)
        while True:
            await asyncio.sleep(LATE_END_S)
            try:
                if await self._journal.end_if_open(call_id, ended):
                    log.info("reception.ended_late", call_id=call_id)
            except HistoryUnavailable:
                continue
            return


def _of_line(line: Line, caller: str, door: str, ref: str) -> dict[str, Any]:
    return {"line": line.id, "door": door, "ref": ref, "language": line.language, "caller": caller}
