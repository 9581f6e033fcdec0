"""Vonage's Voice API: `/v1/calls`, with a JWT signed by the application's private key ("Voice API reference").

A leg has a uuid of its own beside the conversation's; our door knows calls by their conversations.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from typing import Any, ClassVar

import jwt

from telephony.control.contract import SIP_URI, CallControl, ControlFailed, Deed, Order
from telephony.control.legs import Leg
from telephony.control.rest import GONE, Rest, part, text
from telephony.doors.house import House
from telephony.doors.vonage import VonageCalling
from telephony.expected import Expected
from telephony.protocols import vonage_webhook

LIFE_S = 60
MOST_CALLS = 10_000


class VonageControl(CallControl):
    name: ClassVar[str] = "vonage"
    can = frozenset({Deed.HANG_UP, Deed.SEND_KEYS, Deed.TRANSFER, Deed.DIAL})

    def __init__(self, house: House, calling: VonageCalling) -> None:
        self._house, self._calling = house, calling
        self._rest = Rest(self.name, f"{calling.api.rstrip('/')}/v1")
        self._legs: OrderedDict[str, str] = OrderedDict()

    async def close(self) -> None:
        await self._rest.close()

    def also_called(self, ref: str, other: str) -> None:
        """ref: the conversation; other: the leg in it, as the answer webhook has it."""
        self._legs[ref] = other
        while len(self._legs) > MOST_CALLS:
            self._legs.popitem(last=False)

    def reaches(self, to: str) -> None:
        if not SIP_URI.fullmatch(to):
            super().reaches(to)

    async def hang_up(self, ref: str) -> None:
        path = f"/calls/{part(self._leg(Deed.HANG_UP, ref))}"
        body = {"action": "hangup"}
        await self._rest.end(Deed.HANG_UP, "PUT", path, GONE | {400}, json=body, headers=self._proof())

    async def send_keys(self, ref: str, keys: str) -> None:
        path = f"/calls/{part(self._leg(Deed.SEND_KEYS, ref))}/dtmf"
        await self._rest.ask(Deed.SEND_KEYS, "PUT", path, json={"digits": keys}, headers=self._proof())

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        self.reaches(order.to)
        connect: dict[str, Any] = {
            "action": "connect",
            "timeout": order.ring_s,
            "endpoint": [_endpoint(order, call_id)],
        }
        if number := _digits(order.shown or self._calling.number):
            connect["from"] = number
        destination = {"type": "ncco", "ncco": [connect]}
        path = f"/calls/{part(self._leg(Deed.TRANSFER, ref))}"
        body = {"action": "transfer", "destination": destination}
        await self._rest.ask(Deed.TRANSFER, "PUT", path, json=body, headers=self._proof())

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        self.reaches(order.to)
        media, event = self._house.public_ws("/vonage/media"), self._house.public("/vonage/event")
        ncco = vonage_webhook.stream_only(media, expected.token, expected.call_id)
        body = {
            "to": [_endpoint(order, expected.call_id)],
            "from": {"type": "phone", "number": _digits(order.shown or self._calling.number)},
            "ringing_timer": order.ring_s,
            "event_url": [event],
            "ncco": ncco,
        }
        said = await self._rest.ask(Deed.DIAL, "POST", "/calls", json=body, headers=self._proof())
        leg.ref = text(self.name, Deed.DIAL, said, "conversation_uuid")
        self.also_called(leg.ref, text(self.name, Deed.DIAL, said, "uuid"))

    def _leg(self, deed: Deed, conversation: str) -> str:
        if (leg := self._legs.get(conversation)) is None:
            raise ControlFailed(self.name, deed, "no leg of this conversation is known")
        return leg

    def _proof(self) -> dict[str, str]:
        now_s = int(time.time())
        claims = {
            "application_id": self._calling.application_id,
            "iat": now_s,
            "exp": now_s + LIFE_S,
            "jti": secrets.token_hex(16),
        }
        key = self._calling.private_key.get_secret_value()
        return {"Authorization": f"Bearer {jwt.encode(claims, key, algorithm='RS256')}"}


def _digits(number: str) -> str:
    """E.164 as Vonage writes it."""
    return number.removeprefix("+")


def _endpoint(order: Order, call_id: str) -> dict[str, Any]:
    if order.to.startswith("sip"):
        return {"type": "sip", "uri": order.to, "headers": {"Call-Id": call_id}}  # Vonage puts the X- before it
    return {"type": "phone", "number": _digits(order.to)}
