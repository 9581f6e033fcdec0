"""Plivo: the webhook that announces a call, what comes after its sound, and the audio stream between them.

The stream's websocket carries no signature: its address ends with the single-use token that the signed webhook was
answered with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, SecretStr

from telephony.doors import webhooked
from telephony.doors.forms import form_of
from telephony.doors.house import House
from telephony.doors.numbers import e164
from telephony.protocols import plivo_webhook, plivo_xml
from telephony.protocols.plivo import PlivoAudioStreaming
from telephony.protocols.plivo_webhook import signed_by_plivo

SIGNATURES = ("X-Plivo-Signature-V3", "X-Plivo-Signature-MA-V3")


class PlivoSettings(BaseModel):
    """auth_token: of the account that signs, on the console's start page. content_type: of the sound, both ways."""

    model_config = ConfigDict(extra="forbid")

    auth_token: SecretStr
    content_type: Literal["audio/x-l16;rate=16000", "audio/x-l16;rate=8000", "audio/x-mulaw;rate=8000"] = (
        "audio/x-l16;rate=16000"
    )


def routes(house: House, settings: PlivoSettings) -> APIRouter:
    auth_token = settings.auth_token.get_secret_value()

    async def signed_form(request: Request) -> dict[str, str] | None:
        form = await form_of(request)
        fields = form.fields if form else ()
        url = house.public(request.url.path, request.url.query)
        nonce = request.headers.get("X-Plivo-Signature-V3-Nonce", "")
        given = [request.headers.get(name, "") for name in SIGNATURES]
        return dict(fields) if form and signed_by_plivo(auth_token, url, fields, nonce, given) else None

    def connect(token: str) -> str:
        return plivo_xml.connect(
            house.public_ws(f"/plivo/media/{token}"),
            house.public("/plivo/after"),
            house.public("/plivo/status"),
            settings.content_type,
        )

    carrier = webhooked.Carrier(
        name="plivo",
        signed_form=signed_form,
        token=lambda socket: webhooked.token_in_path(house, socket),
        call=_call,
        status=plivo_webhook.status,
        connect=connect,
        markup=plivo_xml,
        protocol=PlivoAudioStreaming,
        hint=f"public_url ({house.public_url}) and doors.plivo.auth_token must be as Plivo has them",
    )
    return webhooked.routes(house, carrier)


def _call(fields: Mapping[str, str]) -> webhooked.Announced:
    called, caller = e164(fields.get("To", "")), e164(fields.get("From", ""))
    return webhooked.Announced(fields.get("CallUUID", ""), called, caller)
