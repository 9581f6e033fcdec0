"""jambonz' REST interface: `/v1/Accounts/{sid}/Calls` (jambonz' documentation "Call control").

Of a call that it rings, and of one that is to be transferred, it asks a webhook what to do; the verbs wait there under
a name that works once.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any, ClassVar

from telephony.control.contract import SIP_URI, CallControl, Deed, Order
from telephony.control.legs import Leg
from telephony.control.rest import Rest, part, text
from telephony.doors.house import House
from telephony.doors.jambonz import JambonzCalling
from telephony.expected import Expected
from telephony.protocols.jambonz_webhook import Verb, hang_up

MOST_WAITING = 1000


class JambonzControl(CallControl):
    name: ClassVar[str] = "jambonz"
    can = frozenset({Deed.HANG_UP, Deed.TRANSFER, Deed.DIAL})

    def __init__(self, house: House, calling: JambonzCalling) -> None:
        self._house, self._calling = house, calling
        headers = {"Authorization": f"Bearer {calling.api_key.get_secret_value()}"}
        url = f"{calling.api.rstrip('/')}/v1/Accounts/{part(calling.account_sid)}"
        self._rest = Rest(self.name, url, headers=headers)
        self._transfers: OrderedDict[str, list[Verb]] = OrderedDict()

    async def close(self) -> None:
        await self._rest.close()

    def verbs(self, name: str) -> list[Verb] | None:
        """What is to be done, under this name; works once."""
        return self._transfers.pop(name, None)

    def reaches(self, to: str) -> None:
        if not SIP_URI.fullmatch(to):
            super().reaches(to)

    async def hang_up(self, ref: str) -> None:
        await self._rest.end(Deed.HANG_UP, "POST", f"/Calls/{part(ref)}", json={"call_status": "completed"})

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        self.reaches(order.to)
        dial: Verb = {
            "verb": "dial", "answerOnBridge": True, "timeout": order.ring_s, "target": [_target(order.to)],
            "headers": {"X-Call-Id": call_id}, "actionHook": self._house.public("/jambonz/dialled"),
        }  # fmt: skip
        if shown := order.shown or self._calling.number:
            dial["callerId"] = shown
        name = secrets.token_urlsafe(16)
        self._transfers[name] = [dial, *hang_up()]
        while len(self._transfers) > MOST_WAITING:
            self._transfers.popitem(last=False)
        hook = {"url": self._house.public(f"/jambonz/verbs/{name}"), "method": "POST"}
        await self._rest.ask(Deed.TRANSFER, "POST", f"/Calls/{part(ref)}", json={"call_hook": hook})

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        self.reaches(order.to)
        body: dict[str, Any] = {
            "application_sid": self._calling.application_sid,
            "from": order.shown or self._calling.number,
            "to": _target(order.to),
            "timeout": order.ring_s,
            "headers": {"X-Call-Id": expected.call_id},
            "call_hook": {"url": self._house.public(f"/jambonz/leg/{expected.token}"), "method": "POST"},
            "call_status_hook": {"url": self._house.public("/jambonz/status"), "method": "POST"},
        }
        said = await self._rest.ask(Deed.DIAL, "POST", "/Calls", json=body)
        leg.ref = text(self.name, Deed.DIAL, said, "sid")


def _target(to: str) -> dict[str, str]:
    return {"type": "sip", "sipUri": to} if to.startswith("sip") else {"type": "phone", "number": to}
