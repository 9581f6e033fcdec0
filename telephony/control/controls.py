"""Every open door's call control, and how a leg is rung through one of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

import structlog

from telephony.control.contract import LONGEST_RING_S, CallControl, CannotDo, ControlFailed, Deed, Order
from telephony.control.legs import Leg, Legs, Outcome
from telephony.expected import Begin, Expectations, Expected, Send, new_token
from telephony.lines import Line

log = structlog.get_logger()


MOST_CALLS = 10_000
RUNG_S = LONGEST_RING_S + 15.0
"""How long a leg of ours may take until its sound comes."""


async def _forgotten(expected: Expected) -> None:
    log.info("control.leg_without_sound", call_id=expected.call_id, door=expected.door)


class Controls:
    """By the names of their doors."""

    def __init__(self) -> None:
        self._controls: dict[str, CallControl] = {}
        self._calls: OrderedDict[str, tuple[str, str, Send]] = OrderedDict()
        self.legs = Legs()
        self.expected = Expectations(_forgotten)

    def __iter__(self) -> Iterator[CallControl]:
        return iter(self._controls.values())

    def add(self, control: CallControl) -> None:
        self._controls[control.name] = control

    def remove(self, control: CallControl) -> None:
        if self._controls.get(control.name) is control:
            del self._controls[control.name]

    def of(self, door: str) -> CallControl | None:
        return self._controls.get(door)

    def able(self, door: str, deed: Deed) -> CallControl:
        """The door's, if it can do this. Raises CannotDo, which says what to set."""
        control = self._controls.get(door)
        if control is None:
            raise CannotDo(door, deed, "this door has no call control; see docs/transfers.md")
        control.check(deed)
        return control

    def dialling_door(self, *preferred: str) -> str:
        """The first of these doors that can dial, else any that can; '' when none can."""
        able = [name for name, control in self._controls.items() if Deed.DIAL in control.can]
        return next((door for door in preferred if door in able), able[0] if able else "")

    def answered(self, call_id: str, door: str, ref: str, send: Send) -> None:
        """A call is talking; ref: the phone system's id of it; send: carries commands to its far end."""
        self._calls[call_id] = (door, ref, send)
        while len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)

    def door_of(self, call_id: str) -> str:
        """By which door a call came, '' when it is not known."""
        return self._calls[call_id][0] if call_id in self._calls else ""

    def ref_of(self, call_id: str) -> str:
        """The phone system's id of a call, '' when it is not known."""
        return self._calls[call_id][1] if call_id in self._calls else ""

    def sender_of(self, call_id: str) -> Send | None:
        """What carries commands to a call's far end; None for a call that is not talking."""
        return self._calls[call_id][2] if call_id in self._calls else None

    def also_called(self, door: str, ref: str, other: str) -> None:
        """A phone system has a second id for a call."""
        control = self._controls.get(door)
        if control and other:
            control.also_called(ref, other)

    def ended(self, call_id: str) -> None:
        self._calls.pop(call_id, None)

    def expect_leg(self, call_id: str, line: Line, number: str, door: str, begin: Begin) -> Expected:
        """A leg of ours that is to join the call `call_id`, which has a history already."""
        expected = Expected(call_id, line, number, door, "", "", new_token(), begin, joins=True)
        self.expected.add(expected, RUNG_S)
        return expected

    async def press(self, call: Expected, keys: str) -> bool:
        """Send keys to who called, if their phone system has a way of its own that works."""
        control = self._controls.get(call.door)
        if control is None or Deed.SEND_KEYS not in control.can:
            return False
        try:
            await control.send_keys(call.ref, keys)
        except ControlFailed as error:
            log.warning("control.keys_not_sent", door=call.door, call_id=call.call_id, error=str(error))
            return False
        return True

    async def dial(self, expected: Expected, order: Order) -> Leg:
        """Ring; the sound of who answers comes to `expected.door` and begins what `expected` is for. Raises
        ControlFailed (CannotDo among them), and ValueError for a ringing time that is out of bounds."""
        if not 1 <= order.ring_s <= LONGEST_RING_S:
            raise ValueError(f"ring_s {order.ring_s}: 1 to {LONGEST_RING_S} is expected")
        control = self.able(expected.door, Deed.DIAL)
        leg = Leg(expected.door, expected.token, order.ring_s)

        async def stop() -> None:
            try:
                await control.stop_ringing(leg)
            except ControlFailed as error:
                log.warning("control.not_stopped", door=leg.door, ref=leg.ref, error=str(error))

        self.legs.add(leg)
        try:
            await control.ring(order, expected, leg)
        except ControlFailed as error:
            self.expected.forget(expected)
            leg.tell(Outcome.FAILED, str(error))
            raise
        leg.stop = stop
        return leg
