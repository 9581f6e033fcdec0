"""Telnyx by TeXML: the webhook that announces a call, what comes after its sound, and the media stream between them.

The stream's websocket carries no signature: its address ends with the single-use token that the signed webhook was
answered with.
"""

from __future__ import annotations

import time
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from telephony.doors import webhooked
from telephony.doors.forms import form_of
from telephony.doors.house import House
from telephony.doors.twilio import call
from telephony.protocols import telnyx_webhook, twilio_webhook, twiml
from telephony.protocols.codecs import MULAW, linear
from telephony.protocols.telnyx import TelnyxMediaStreaming
from telephony.protocols.telnyx_webhook import signed_by_telnyx


class TelnyxCalling(BaseModel):
    """For call control. application_id: of the TeXML application; number: shown to who is called."""

    model_config = ConfigDict(extra="forbid")

    api_key: SecretStr
    account_sid: str = Field(min_length=1, max_length=64)
    application_id: str = Field(min_length=1, max_length=64)
    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")
    api: str = Field(default="https://api.telnyx.com", pattern=r"^https?://")


class TelnyxSettings(BaseModel):
    """public_key: the account's, from Mission Control. codec: what the stream is asked for, both ways.

    PCMU is 8 kHz, L16 16 kHz; l16_byte_order: as RTP has it, unless your calls turn out to be noise.
    """

    model_config = ConfigDict(extra="forbid")

    public_key: str
    codec: Literal["PCMU", "L16"] = "PCMU"
    l16_byte_order: Literal["big", "little"] = "big"
    calling: TelnyxCalling | None = None

    @field_validator("public_key")
    @classmethod
    def _usable(cls, key: str) -> str:
        telnyx_webhook.public_key(key)
        return key


def stream_of(settings: TelnyxSettings) -> dict[str, str]:
    """The attributes of `<Stream>`."""
    return {
        "track": "inbound_track",
        "codec": settings.codec,
        "bidirectionalMode": "rtp",
        "bidirectionalCodec": settings.codec,
        "bidirectionalSamplingRate": "16000" if settings.codec == "L16" else "8000",
        "enableReconnect": "false",
    }


def routes(house: House, settings: TelnyxSettings) -> APIRouter:
    key = telnyx_webhook.public_key(settings.public_key)
    big_endian = settings.l16_byte_order == "big"
    sends = linear(16000, big_endian) if settings.codec == "L16" else MULAW

    async def signed_form(request: Request) -> dict[str, str] | None:
        form = await form_of(request)
        at, given = request.headers.get("telnyx-timestamp", ""), request.headers.get("telnyx-signature-ed25519", "")
        return dict(form.fields) if form and signed_by_telnyx(key, form.body, at, given, time.time()) else None

    def connect(token: str) -> str:
        return twiml.connect(
            house.public_ws(f"/telnyx/media/{token}"),
            house.public("/telnyx/after"),
            asks_action=False,
            statusCallback=house.public("/telnyx/status"),
            **stream_of(settings),
        )

    carrier = webhooked.Carrier(
        name="telnyx",
        signed_form=signed_form,
        token=lambda socket: webhooked.token_in_path(house, socket),
        call=call,
        status=twilio_webhook.status,
        connect=connect,
        markup=twiml,
        protocol=lambda: TelnyxMediaStreaming(sends, big_endian),
        hint="doors.telnyx.public_key must be the account's, and this machine's clock right",
    )
    return webhooked.routes(house, carrier)
