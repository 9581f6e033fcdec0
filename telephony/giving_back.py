"""An operator gives the call back to the bot: whether that is possible now, and what the dialog then hears.

How the operator leaves, waits and comes back is in `handover.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dialogs.events import GivenBack
from telephony.conversation import Conversation
from telephony.ear import Ear
from telephony.handover import Handover
from telephony.lines import Line
from telephony.operators.call_side import ToBot
from telephony.operators.refusing import refused
from telephony.putting_through import PuttingThrough
from telephony.recording.call_recording import CallRecording


def bot_flows(line: Line) -> Sequence[Mapping[str, Any]]:
    """What operators may choose from, as their console is told."""
    return [
        {"flow": flow, "titles": dict(known.title), "returns": known.returns}
        for flow, known in line.book.handback.items()
    ]


class GivingBack:
    """One call's. tell: what the operator's console is told."""

    def __init__(
        self,
        line: Line,
        conversation: Conversation,
        ear: Ear,
        handover: Handover,
        putting_through: PuttingThrough,
        recording: CallRecording,
        now_ms: Callable[[], int],
        tell: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._line, self._conversation, self._ear = line, conversation, ear
        self._handover, self._putting_through, self._recording = handover, putting_through, recording
        self._now_ms, self._tell = now_ms, tell

    async def give(self, wish: ToBot) -> None:
        """Raises HistoryUnavailable."""
        if reason := self._refusal(wish):
            self._tell(refused(wish.flow, reason))
            return
        known = self._line.book.handback.get(wish.flow)
        returns = known is not None and known.returns
        await self._recording.operator_wants("resume", wish.operator)  # nobody else could; the bot knows what is secret
        await self._handover.give_back(wish.flow, returns)
        await self._conversation.advance(GivenBack(self._now_ms(), wish.operator, wish.flow, returns))

    def _refusal(self, wish: ToBot) -> str:
        if not self._handover.talks_to(wish.operator) or self._conversation.state.phase != "operator":
            return "not_talking"
        if wish.flow and wish.flow not in self._line.book.handback:
            return "unknown_flow"
        if self._ear.deaf:
            return "cannot_hear"
        return "guest_there" if self._putting_through.has_guests else ""
