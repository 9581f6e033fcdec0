"""What the operator who talks wants done in the call: somebody invited or sent away, the caller parked, keys sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from telephony.handover import Handover
from telephony.media import Command, SendKeys
from telephony.operators.call_side import Dialled, Dismissed, Invited, Parked
from telephony.putting_through import PuttingThrough
from telephony.record import CallRecord

Wish = Invited | Dismissed | Parked | Dialled


class Wishes:
    """One call's. tell: what the operator's console is told; send: carries a command to the far end."""

    def __init__(
        self,
        handover: Handover,
        putting_through: PuttingThrough,
        record: CallRecord,
        tell: Callable[[Mapping[str, Any]], None],
        send: Callable[[Command], Awaitable[None]],
    ) -> None:
        self._handover, self._putting_through, self._record = handover, putting_through, record
        self._tell, self._send = tell, send

    def retold(self) -> Sequence[Mapping[str, Any]]:
        """Whether the caller is on hold, for a console that comes back."""
        talk = self._handover.talk
        return [_held(True)] if talk and talk.held else []

    async def grant(self, wish: Wish) -> None:
        """Raises HistoryUnavailable."""
        talk = self._handover.talk
        match wish:
            case Invited():
                await self._putting_through.invite(wish.to, wish.operator)
            case Dismissed():
                await self._putting_through.dismiss(wish.to)
            case Parked() if talk:
                talk.hold(wish.held)
                self._handover.play_music(wish.held)
                await self._record.add("operator.held", {"held": wish.held, "operator": wish.operator})
                self._tell(_held(wish.held))
            case Dialled() if talk:
                # Which ones they are is not written down: they may be a code.
                await self._record.add("keys.sent", {"count": len(wish.keys), "operator": wish.operator})
                await self._send(SendKeys(wish.keys))


def _held(held: bool) -> dict[str, Any]:
    return {"type": "held", "held": held}
