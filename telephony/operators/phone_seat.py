"""An operator's phone as a seat of the desk: it rings, tells what the call is about, 1 takes it, 2 declines.

To the desk it is a console like any other; queues, offers and leases know of no phones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from telephony.control.transfers import PhoneOperator
from telephony.operators.phone_offer import PhoneOffer
from telephony.operators.presence import Presence

if TYPE_CHECKING:
    from telephony.operators.desk import Desk
    from telephony.operators.phones import Phones


class PhoneSeat:
    """One operator's, from when they sit down until somebody else takes the seat."""

    def __init__(self, operator_id: str, operator: PhoneOperator, phones: Phones) -> None:
        self.id, self._operator, self._phones = operator_id, operator, phones
        self.closed = self._kept_away = False
        self._at_phone: PhoneOffer | None = None
        self._works: set[asyncio.Task[None]] = set()

    # --------------------------------------------------------------------------------------- what the desk tells a seat

    def tell(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "offer":
                self._at_phone = PhoneOffer(self, self._operator, self._phones, message)
                self.start(self._at_phone.run())
            case "offer_gone":
                if self._at_phone and not self._at_phone.taken:
                    self._at_phone.gone(str(message.get("why")))
            case "connected":
                if self._at_phone:
                    self._at_phone.connected()
            case "ended":
                if self._at_phone:
                    self._at_phone.ended()
                self._at_phone = None
            case "forced":
                self._kept_away = message.get("state") == Presence.AWAY
            case "state":
                self._state(str(message.get("state")))

    def sound(self, pcm: bytes) -> None:
        if self._at_phone:
            self._at_phone.voice(pcm)

    def close(self, reason: str) -> None:
        """Somebody sat down at the console: the phone is let go."""
        self.closed = True
        if self._at_phone:
            self._at_phone.ended()

    # --------------------------------------------------------------------------------------------------------- inside

    @property
    def desk(self) -> Desk:
        return self._phones.desk

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    async def stop(self) -> None:
        for task in self._works:
            task.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)

    def _state(self, state: str) -> None:
        """There is nobody who clicks: the phone is available again by itself, after a call by the desk's own time; not
        when a supervisor put it away."""
        if state == Presence.AWAY and not self._kept_away:
            self.start(self._available_after(self._operator.rest_s))

    async def _available_after(self, seconds: int) -> None:
        await asyncio.sleep(seconds)
        if not self.closed:
            self.desk.choose(self.id, Presence.AVAILABLE)
