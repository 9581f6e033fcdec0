"""The far end of SignalWire's cXML streams: Twilio's, with a bearer token, linear sound and some fields left out.

Wire format: SignalWire's reference of `<Stream>`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from centralino.calling import twiml
from centralino.calling.far_end import Dialling
from centralino.calling.form_webhook import Proof
from centralino.calling.twilio import TwilioDoor
from centralino.calling.twilio_webhook import signing

KEY_MS = 200


class SignalWireDoor(TwilioDoor):
    """A call in SignalWire. secrets: `signing_key`."""

    path = "/signalwire"
    dialect = twiml.SIGNALWIRE
    takes = ("media", "mark", "clear", "dtmf")
    version = "0.2.0"

    @classmethod
    def proof(cls, to: Dialling) -> Proof:
        return signing("X-SignalWire-Signature", to.secret("signing_key"))

    @classmethod
    def upgrade(cls, to: Dialling, plan: twiml.Instructions) -> Mapping[str, str]:
        token = plan.stream.get("authBearerToken")
        return {"Authorization": f"Bearer {token}"} if token else {}

    @classmethod
    def rate_of(cls, plan: twiml.Instructions) -> int:
        return int(plan.stream.get("codec", "PCMU@8000h").partition("@")[2].removesuffix("h"))

    def media_format(self) -> dict[str, Any]:
        if self.rate_hz == 8000:
            return super().media_format()
        return {"encoding": "audio/x-L16", "sampleRate": self.rate_hz, "channels": 1}

    def coded(self, pcm: bytes) -> bytes:
        return super().coded(pcm) if self.rate_hz == 8000 else pcm

    def decoded(self, sound: bytes) -> bytes:
        if self.rate_hz == 8000:
            return super().decoded(sound)
        if len(sound) % 2:
            raise ValueError(f"{len(sound)} bytes are half a sample")
        return sound

    async def send_frame(self, pcm: bytes) -> None:
        self._chunk += 1
        media = {
            "track": "inbound", "chunk": str(self._chunk), "timestamp": str(round(self.clock.now_ms())),
            "payload": base64.b64encode(self.coded(pcm)).decode(),
        }  # fmt: skip
        self._sequence += 1
        await self.send(json.dumps({"event": "media", "sequenceNumber": str(self._sequence), "media": media}))

    async def send_key(self, key: str) -> None:
        await self.say("dtmf", dtmf={"digit": key, "duration": KEY_MS})

    async def echo_mark(self, name: str) -> None:
        await self.send(json.dumps({"event": "mark", "streamSid": self._stream_sid, "mark": {"name": name}}))

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        self._sequence += 1
        await self.send(json.dumps({"event": "stop", "sequenceNumber": str(self._sequence)}))
        await self.close()
