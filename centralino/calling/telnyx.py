"""The far end of Telnyx media streaming by TeXML: bidirectional RTP mode, chunks now and then out of order.

Wire format: Telnyx's "Media Streaming over WebSockets".
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection

from centralino.calling import twiml
from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, WebsocketDoor
from centralino.calling.form_webhook import FormWebhook, Proof
from voice import g711

SHORTEST_MS, LONGEST_MS = 20, 30_000
OUT_OF_ORDER = 10
"""Each tenth chunk comes after the one that follows it."""
FAULTS = {100003: "malformed_frame", 100004: "invalid_media"}


def signing(private_key: str) -> Proof:
    """private_key: 32 bytes in base64, whose public key the server has."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))

    def proof(url: str, fields: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        at = str(int(time.time()))
        signature = base64.b64encode(key.sign(at.encode() + b"|" + body)).decode()
        return {"telnyx-timestamp": at, "telnyx-signature-ed25519": signature}

    return proof


class TelnyxDoor(WebsocketDoor):
    """A call in Telnyx. call_id: its call_control_id. secrets: `private_key`."""

    def __init__(
        self, socket: ClientConnection, to: Dialling, webhook: FormWebhook, call_id: str, plan: twiml.Instructions
    ) -> None:
        self._linear = plan.stream.get("bidirectionalCodec", "PCMU") == "L16"
        super().__init__(socket, 16000 if self._linear else 8000, to.observer)
        self.call_id = call_id
        self._to, self._webhook, self._plan = to, webhook, plan
        self._stream_id = str(uuid.uuid4()).upper()
        self._sequence = 0
        self._chunk = 0
        self._delayed = ""

    @classmethod
    async def dial(cls, to: Dialling) -> TelnyxDoor:
        """Ring a server. Raises CallRefused and ValueError."""
        call_id = f"v3:{uuid.uuid4().hex}"
        fields = {
            "AccountSid": str(uuid.uuid4()), "CallSid": call_id, "CallSidLegacy": call_id, "From": to.caller,
            "To": to.line, "Direction": "inbound",
        }  # fmt: skip
        webhook = FormWebhook(to, fields, signing(to.secret("private_key")))
        voice_url = webhook.url("/telnyx/voice")
        to.observer(Happening(0, "ringing", voice_url))
        plan = _read(voice_url, await webhook.ask(voice_url, CallStatus="ringing"))
        if not plan.stream_url:
            does = ", ".join(map(str, plan.verbs)) or "nothing"
            raise CallRefused(f"line {to.line!r}: the server answered with {does}")
        socket = await webhook.stream(plan.stream_url, {})
        door = cls(socket, to, webhook, call_id, plan)
        await door._begin()
        return door

    async def _begin(self) -> None:
        await self.send(json.dumps({"event": "connected", "version": "1.0.0"}))
        sound = {"encoding": "L16" if self._linear else "PCMU", "sample_rate": self.rate_hz, "channels": 1}
        start: dict[str, Any] = {
            "user_id": str(uuid.uuid4()).upper(), "call_control_id": self.call_id, "call_session_id": str(uuid.uuid4()),
            "from": self._to.caller, "to": self._to.line, "tags": [], "client_state": None, "media_format": sound,
            "custom_parameters": self._plan.parameters,
        }  # fmt: skip
        await self.send(self._frame("start", start=start))
        self.start()
        self.tell("answered", self.call_id)
        await self._status("stream-started")

    def _frame(self, event: str, **content: Any) -> str:
        self._sequence += 1
        numbered = {"event": event, "sequence_number": str(self._sequence), "stream_id": self._stream_id}
        return json.dumps({**numbered, **content})

    async def send_frame(self, pcm: bytes) -> None:
        self._chunk += 1
        sound = np.frombuffer(pcm, "<i2").astype(">i2").tobytes() if self._linear else g711.pcm_to_mulaw(pcm)
        media = {
            "track": "inbound", "chunk": str(self._chunk), "timestamp": str(round(self.clock.now_ms())),
            "payload": base64.b64encode(sound).decode(),
        }  # fmt: skip
        frame = self._frame("media", media=media)
        if self._chunk % OUT_OF_ORDER == 0 and not self._delayed:
            self._delayed = frame
            return
        await self.send(frame)
        await self._send_delayed()

    async def _send_delayed(self) -> None:
        delayed, self._delayed = self._delayed, ""
        if delayed:
            await self.send(delayed)

    async def send_key(self, key: str) -> None:
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
        await self.send(self._frame("dtmf", occurred_at=at, dtmf={"digit": key}))

    async def echo_mark(self, name: str) -> None:
        await self.send(self._frame("mark", mark={"name": name}))

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self._send_delayed()
        stop = {"user_id": str(uuid.uuid4()).upper(), "call_control_id": self.call_id}
        await self.send(self._frame("stop", stop=stop))
        await self.close()

    async def _status(self, event: str) -> None:
        if url := self._plan.stream.get("statusCallback"):
            await self._webhook.tell(url, StreamSid=self._stream_id, StreamEvent=event)

    async def after_call(self) -> None:
        """When the stream is over, the verbs behind `<Connect>` are done, unless the caller is gone."""
        await self._status("stream-stopped")
        if self.ended is not None and self.ended.by == "us":
            return
        verbs = self._plan.verbs
        if url := self._plan.next_url:
            verbs = _read(url, await self._webhook.ask(url, CallStatus="in-progress")).verbs
        self.afterwards = tuple(map(str, verbs))

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            return await self._refuse(100003, "a binary frame")
        try:
            frame = json.loads(message)
        except ValueError:
            return await self._refuse(100003, f"not JSON: {message[:80]!r}")
        match frame:
            case {"event": "media", "media": {"payload": str(payload)}}:
                return await self._hear_media(payload)
            case {"event": "mark", "mark": {"name": str(name)}}:
                return self.hear_mark(name)
            case {"event": "clear"}:
                return await self.hear_clear()
        return await self._refuse(100003, f"none of media, mark and clear: {message[:120]}")

    async def _hear_media(self, payload: str) -> None:
        try:
            sound = base64.b64decode(payload, validate=True)
        except binascii.Error as error:
            return await self._refuse(100004, f"not base64: {error}")
        if self._linear and len(sound) % 2:
            return await self._refuse(100004, f"{len(sound)} bytes are half a sample")
        pcm = np.frombuffer(sound, ">i2").astype("<i2").tobytes() if self._linear else g711.mulaw_to_pcm(sound)
        lasts_ms = len(pcm) * 500 / self.rate_hz
        if not SHORTEST_MS <= lasts_ms <= LONGEST_MS:
            return await self._refuse(100004, f"a chunk of {lasts_ms:g} ms; 20 ms to 30 s are taken")
        return self.hear(pcm)

    async def _refuse(self, code: int, what: str) -> None:
        self.protocol_error(what)
        fault = {"code": code, "title": FAULTS[code], "detail": what[:80]}
        await self.send(json.dumps({"event": "error", "payload": fault, "stream_id": self._stream_id}))


def _read(url: str, document: str) -> twiml.Instructions:
    try:
        return twiml.parse(document, twiml.TELNYX)
    except twiml.BadTwiml as error:
        raise CallRefused(f"{url}: {error}") from error
