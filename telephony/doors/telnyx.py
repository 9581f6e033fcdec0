"""Telnyx by TeXML: the webhook that announces a call, what comes after its sound, and the media stream between them.

The stream's websocket carries no signature: its address ends with the single-use token that the signed webhook was
answered with.
"""

from __future__ import annotations

import time
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, field_validator

from telephony.doors import webhooked
from telephony.doors.forms import form_of
from telephony.doors.house import House
from telephony.doors.twilio import call
from telephony.protocols import telnyx_webhook, twilio_webhook, twiml
from telephony.protocols.codecs import MULAW, linear
from telephony.protocols.telnyx import TelnyxMediaStreaming
from telephony.protocols.telnyx_webhook import signed_by_telnyx


class TelnyxSettings(BaseModel):
    """public_key: the account's, from Mission Control. codec: what the stream is asked for, both ways.

    PCMU is 8 kHz, L16 16 kHz; l16_byte_order: as RTP has it, unless your calls turn out to be noise.
    """

    model_config = ConfigDict(extra="forbid")

    public_key: str
    codec: Literal["PCMU", "L16"] = "PCMU"
    l16_byte_order: Literal["big", "little"] = "big"

    @field_validator("public_key")
    @classmethod
    def _usable(cls, key: str) -> str:
        telnyx_webhook.public_key(key)
        return key


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
            track="inbound_track",
            codec=settings.codec,
            bidirectionalMode="rtp",
            bidirectionalCodec=settings.codec,
            bidirectionalSamplingRate=str(sends.rate_hz),
            enableReconnect="false",
            statusCallback=house.public("/telnyx/status"),
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
