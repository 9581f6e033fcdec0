"""Twilio's REST interface: calls are rung, changed and ended by POSTs to `/2010-04-01/Accounts/{sid}/Calls`.

Wire format: Twilio's documentation "Call resource" and "Update a call in progress". New markup for a call takes the
place of the stream it is in. Digits have to be sounds: `<Play digits>` would end the stream.
"""

from __future__ import annotations

from typing import ClassVar
from xml.etree import ElementTree as xml

from telephony.control.contract import SIP_URI, CallControl, Deed, Order
from telephony.control.legs import Leg
from telephony.control.rest import Rest, part, text
from telephony.doors.house import House
from telephony.doors.twilio import TwilioSettings
from telephony.expected import Expected
from telephony.protocols import twiml


class TwilioControl(CallControl):
    """auth_token: the account's."""

    name: ClassVar[str] = "twilio"
    can = frozenset({Deed.HANG_UP, Deed.TRANSFER, Deed.DIAL})

    def __init__(self, house: House, settings: TwilioSettings, auth_token: str) -> None:
        self._house, self._shown = house, settings.number
        url = f"{settings.api.rstrip('/')}/2010-04-01/Accounts/{part(settings.account_sid)}"
        self._rest = Rest(self.name, url, (settings.account_sid, auth_token))

    async def close(self) -> None:
        await self._rest.close()

    async def hang_up(self, ref: str) -> None:
        await self._rest.end(Deed.HANG_UP, "POST", f"/Calls/{part(ref)}.json", form={"Status": "completed"})

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        """When nobody answers, Twilio asks `/twilio/after`, which sends the caller to the human number."""
        response = xml.Element("Response")
        dialling = xml.SubElement(response, "Dial", answerOnBridge="true", timeout=str(order.ring_s))
        dialling.set("action", self._house.public("/twilio/after"))
        if shown := order.shown or self._shown:
            dialling.set("callerId", shown)
        if order.to.startswith("sip:"):
            xml.SubElement(dialling, "Sip").text = with_call_id(order.to, call_id)
        else:
            xml.SubElement(dialling, "Number").text = order.to
        form = {"Twiml": twiml.document(response)}
        await self._rest.ask(Deed.TRANSFER, "POST", f"/Calls/{part(ref)}.json", form=form)

    def reaches(self, to: str) -> None:
        if not SIP_URI.fullmatch(to):
            super().reaches(to)

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        call_id = expected.call_id
        form = {
            "To": with_call_id(order.to, call_id) if order.to.startswith("sip:") else order.to,
            "From": order.shown or self._shown,
            "Timeout": str(order.ring_s),
            "Twiml": twiml.stream_only(self._house.public_ws("/twilio/media"), token=expected.token, call=call_id),
            "StatusCallback": self._house.public("/twilio/status"),
            "StatusCallbackEvent": "completed",
        }
        said = await self._rest.ask(Deed.DIAL, "POST", "/Calls.json", form=form)
        leg.ref = text(self.name, Deed.DIAL, said, "sid")


def with_call_id(uri: str, call_id: str) -> str:
    """A SIP URI that puts our call id into the INVITE's X-Call-Id."""
    return f"{uri}{'&' if '?' in uri else '?'}X-Call-Id={call_id}"
