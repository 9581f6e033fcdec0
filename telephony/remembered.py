"""What a phone system's id of a call leads to here: which call it was, when it was answered, how it ended.

Webhooks come before, during and after the sound, and name the call by the phone system's own id.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

MOST_CALLS = 10_000
MOST_NOTES = 50
"""Of one call; a phone system that keeps complaining must not fill the history."""

PROPER_ENDS = frozenset({"bot_ended", "operator_ended", "caller_hung_up", "transferred"})
"""Reasons after which a caller needs nothing more from the phone system."""


@dataclass(frozen=True)
class CarrierStatus:
    """What a phone system says of a call beside its sound.

    of: what it speaks of; status: in its own words ('completed', 'stream-error'); detail: why, '' when it does not
    say; over: the phone system has ended the call; answered_by: 'person', 'machine' or 'fax', where it has found out.
    """

    of: Literal["call", "stream"]
    status: str
    detail: str = ""
    over: bool = False
    answered_by: Literal["", "person", "machine", "fax"] = ""


@dataclass
class RememberedCall:
    """answered_s: monotonic, None before its sound began; end_reason: '' while it goes on; line, human_number: its
    line's id and number; notes: made so far."""

    call_id: str
    door: str
    answered_s: float | None = None
    end_reason: str = ""
    human_number: str = ""
    line: str = ""
    notes: int = 0


class RememberedCalls:
    """The last 10,000 calls by the phone systems' ids; those without an id are not remembered."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, RememberedCall] = OrderedDict()

    def began(self, ref: str, call_id: str, door: str, human_number: str = "", line: str = "") -> None:
        if ref:
            self._calls[ref] = RememberedCall(call_id, door, human_number=human_number, line=line)
            while len(self._calls) > MOST_CALLS:
                self._calls.popitem(last=False)

    def answered(self, ref: str, at_s: float) -> None:
        if ref in self._calls:
            self._calls[ref].answered_s = at_s

    def ended(self, ref: str, reason: str) -> None:
        if ref in self._calls:
            self._calls[ref].end_reason = reason

    def ended_properly(self, ref: str) -> bool:
        """Whether it came to its own end; False when it is unknown here."""
        return ref in self._calls and self._calls[ref].end_reason in PROPER_ENDS

    def human_number_of(self, ref: str) -> str:
        """'' when it is unknown here, or its line has none of its own."""
        return self._calls[ref].human_number if ref in self._calls else ""

    def line_of(self, ref: str) -> str:
        """'' when it is unknown here."""
        return self._calls[ref].line if ref in self._calls else ""

    def of(self, door: str, ref: str) -> RememberedCall | None:
        """The call, if it came through this door."""
        call = self._calls.get(ref)
        return call if call and call.door == door else None
