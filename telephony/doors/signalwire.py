"""SignalWire by cXML: Twilio's webhooks with a signing key of SignalWire's, and a bearer token on the upgrade."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, SecretStr
from starlette.websockets import WebSocket

from telephony.doors import webhooked
from telephony.doors.forms import form_of
from telephony.doors.house import House
from telephony.doors.twilio import call
from telephony.protocols import twilio_webhook, twiml
from telephony.protocols.signalwire import SignalWireStreams
from telephony.protocols.twilio_webhook import signed_by_twilio

SIGNATURES = ("X-SignalWire-Signature", "X-Twilio-Signature")


class SignalWireSettings(BaseModel):
    """signing_key: the project's, from its API credentials. codec: what the stream is asked for."""

    model_config = ConfigDict(extra="forbid")

    signing_key: SecretStr
    codec: Literal["L16@16000h", "PCMU@8000h"] = "L16@16000h"


def routes(house: House, settings: SignalWireSettings) -> APIRouter:
    key = settings.signing_key.get_secret_value()

    async def signed_form(request: Request) -> dict[str, str] | None:
        form = await form_of(request)
        if form is None:
            return None
        fields, url = dict(form.fields), house.public(request.url.path, request.url.query)
        given = next(filter(None, (request.headers.get(name) for name in SIGNATURES)), "")
        return fields if signed_by_twilio(key, url, fields, given) else None

    def token(socket: WebSocket) -> str | None:
        scheme, _, given = socket.headers.get("Authorization", "").partition(" ")
        return given if scheme.lower() == "bearer" and house.reception.expects(given) else None

    def connect(token: str) -> str:
        return twiml.connect(
            house.public_ws("/signalwire/media"),
            house.public("/signalwire/after"),
            asks_action=False,
            authBearerToken=token,
            codec=settings.codec,
            statusCallback=house.public("/signalwire/status"),
        )

    carrier = webhooked.Carrier(
        name="signalwire",
        signed_form=signed_form,
        token=token,
        call=call,
        status=twilio_webhook.status,
        connect=connect,
        markup=twiml,
        protocol=SignalWireStreams,
        hint=f"public_url ({house.public_url}) and doors.signalwire.signing_key must be as SignalWire has them",
    )
    return webhooked.routes(house, carrier)
