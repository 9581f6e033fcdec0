"""Carriers whose calls are rung and changed by a POST with markup: Twilio, and Telnyx after it.

New markup for a call takes the place of the stream it is in. Digits have to be sounds: `<Play digits>` would end it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as xml

from telephony.control.contract import SIP_URI, CallControl, Deed, Order
from telephony.control.legs import Leg
from telephony.control.rest import GONE, Rest, part, text
from telephony.expected import Expected
from telephony.protocols import twiml


class MarkupControl(CallControl):
    """A carrier's differences are in its subclass. number: shown where an order has none; after: where it asks what
    comes next when a transfer was not answered; status: where it tells how a leg ended; stream: the markup that brings
    a leg's sound here, given its token and our call id."""

    can = frozenset({Deed.HANG_UP, Deed.TRANSFER, Deed.DIAL})
    markup_field = "Twiml"
    sid_field = "sid"
    gone = GONE
    ending = ".json"

    def __init__(self, rest: Rest, number: str, after: str, status: str, stream: Callable[[str, str], str]) -> None:
        self._rest, self._number, self._after, self._status, self._stream = rest, number, after, status, stream

    def own_fields(self, expected: Expected) -> dict[str, Any]:
        """What else is said when a call is created."""
        return {}

    async def close(self) -> None:
        await self._rest.close()

    def reaches(self, to: str) -> None:
        if not SIP_URI.fullmatch(to):
            super().reaches(to)

    async def hang_up(self, ref: str) -> None:
        await self._rest.end(Deed.HANG_UP, "POST", self._call(ref), self.gone, form={"Status": "completed"})

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        """When nobody answers, the carrier asks `after`, which sends the caller to the human number."""
        self.reaches(order.to)
        form = {self.markup_field: dial(order, self._number, call_id, self._after)}
        await self._rest.ask(Deed.TRANSFER, "POST", self._call(ref), form=form)

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        self.reaches(order.to)
        form = {
            "To": with_call_id(order.to, expected.call_id),
            "From": order.shown or self._number,
            "Timeout": str(order.ring_s),
            self.markup_field: self._stream(expected.token, expected.call_id),
            "StatusCallback": self._status,
            "StatusCallbackEvent": "completed",
            **self.own_fields(expected),
        }
        said = await self._rest.ask(Deed.DIAL, "POST", f"/Calls{self.ending}", form=form)
        leg.ref = text(self.name, Deed.DIAL, said, self.sid_field)

    def _call(self, ref: str) -> str:
        return f"/Calls/{part(ref)}{self.ending}"


def dial(order: Order, number: str, call_id: str, after: str) -> str:
    """The markup that connects a caller to somebody else."""
    response = xml.Element("Response")
    dialling = xml.SubElement(response, "Dial", answerOnBridge="true", timeout=str(order.ring_s), action=after)
    if shown := order.shown or number:
        dialling.set("callerId", shown)
    kind = "Sip" if order.to.startswith("sip") else "Number"
    xml.SubElement(dialling, kind).text = with_call_id(order.to, call_id)
    return twiml.document(response)


def with_call_id(to: str, call_id: str) -> str:
    """A SIP address that puts our call id into the INVITE's X-Call-Id; a number is left as it is."""
    return f"{to}{'&' if '?' in to else '?'}X-Call-Id={call_id}" if to.startswith("sip") else to
