"""Twilio: the webhook that announces a call, what comes after its sound, and the media stream between them."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.websockets import WebSocket

from telephony.doors import webhooked
from telephony.doors.forms import form_of
from telephony.doors.house import House
from telephony.protocols import twilio_webhook, twiml
from telephony.protocols.twilio import TwilioMediaStreams
from telephony.protocols.twilio_webhook import signed_by_twilio

API = "https://api.twilio.com"


class TwilioSettings(BaseModel):
    """For call control. account_sid: of the account whose token is `twilio_auth_token`; number: of the account, shown
    to who is called; api: where its REST interface answers. machine_detection: Twilio's own, which it charges for, is
    asked beside ours who answered a call of the bot."""

    model_config = ConfigDict(extra="forbid")

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")
    api: str = Field(default=API, pattern=r"^https?://")
    machine_detection: bool = False


SIGNATURE = "X-Twilio-Signature"


def routes(house: House, auth_token: str) -> APIRouter:
    """auth_token: the account's; Twilio signs with it."""

    async def signed_form(request: Request) -> dict[str, str] | None:
        form = await form_of(request)
        if form is None:
            return None
        fields, url = dict(form.fields), house.public(request.url.path, request.url.query)
        return fields if signed_by_twilio(auth_token, url, fields, request.headers.get(SIGNATURE, "")) else None

    def token(socket: WebSocket) -> str | None:
        given = socket.headers.get(SIGNATURE, "")
        return "" if signed_by_twilio(auth_token, house.public_ws(socket.url.path), {}, given) else None

    def connect(token: str) -> str:
        after, status = house.public("/twilio/after"), house.public("/twilio/status")
        return twiml.connect(house.public_ws("/twilio/media"), after, token=token, statusCallback=status)

    carrier = webhooked.Carrier(
        name="twilio",
        signed_form=signed_form,
        token=token,
        call=call,
        status=twilio_webhook.status,
        connect=connect,
        markup=twiml,
        protocol=TwilioMediaStreams,
        hint=f"public_url ({house.public_url}) and twilio_auth_token must be as Twilio has them",
    )
    return webhooked.routes(house, carrier)


def call(fields: Mapping[str, str]) -> webhooked.Announced:
    """Of a webhook in the words that Twilio, Telnyx and SignalWire share."""
    return webhooked.Announced(fields.get("CallSid", ""), fields.get("To", ""), fields.get("From", ""))
