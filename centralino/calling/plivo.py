"""The far end of Plivo's audio streaming: it rings, streams, buffers and complains as Plivo's reference says.

Wire format: Plivo's "Audio Streaming Protocol Reference".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection

from centralino.calling import plivo_xml
from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, WebsocketDoor
from centralino.calling.form_webhook import FormWebhook, Proof
from voice import g711


def signature(auth_token: str, url: str, fields: Mapping[str, str], nonce: str) -> str:
    """`X-Plivo-Signature-V3` of a POST to a URL without a query; made here once more, apart from the server's own."""
    form = "".join(name + fields[name] for name in sorted(fields))
    message = f"{url}?{form}.{nonce}" if fields else f"{url}.{nonce}"
    return base64.b64encode(hmac.digest(auth_token.encode(), message.encode(), hashlib.sha256)).decode()


def signing(auth_token: str) -> Proof:
    def proof(url: str, fields: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        nonce = secrets.token_hex(10)
        signed = signature(auth_token, url, fields, nonce)
        return {"X-Plivo-Signature-V3": signed, "X-Plivo-Signature-V3-Nonce": nonce}

    return proof


class PlivoDoor(WebsocketDoor):
    """A call in Plivo. call_id: its CallUUID. afterwards: what is done after the stream. secrets: `auth_token`."""

    def __init__(
        self, socket: ClientConnection, to: Dialling, webhook: FormWebhook, call_id: str, plan: plivo_xml.Plan
    ) -> None:
        self._encoding, _, rate = plan.content_type.partition(";rate=")
        super().__init__(socket, int(rate), to.observer)
        self.call_id = call_id
        self._webhook, self._plan = webhook, plan
        self._stream_id = str(uuid.uuid4())
        self._sequence = 0
        self._chunk = 0

    @classmethod
    async def dial(cls, to: Dialling) -> PlivoDoor:
        """Ring a server. Raises CallRefused and ValueError."""
        call_id = str(uuid.uuid4())
        fields = {
            "CallUUID": call_id, "From": to.caller.removeprefix("+"), "To": to.line.removeprefix("+"),
            "Direction": "inbound", "CallStatus": "ringing", "BillRate": "0.0055",
        }  # fmt: skip
        webhook = FormWebhook(to, fields, signing(to.secret("auth_token")))
        voice_url = webhook.url("/plivo/voice")
        to.observer(Happening(0, "ringing", voice_url))
        plan = _read(voice_url, await webhook.ask(voice_url, Event="StartApp"))
        if not plan.stream_url:
            does = ", ".join(map(str, plan.elements)) or "nothing"
            raise CallRefused(f"line {to.line!r}: the server answered with {does}")
        socket = await webhook.stream(plan.stream_url, {})
        door = cls(socket, to, webhook, call_id, plan)
        await door._begin()
        return door

    async def _begin(self) -> None:
        start = {
            "callId": self.call_id, "streamId": self._stream_id, "accountId": "MA" + secrets.token_hex(9).upper(),
            "tracks": ["inbound"], "mediaFormat": {"encoding": self._encoding, "sampleRate": self.rate_hz},
        }  # fmt: skip
        await self._say("start", start=start)
        self.start()
        self.tell("answered", self.call_id)
        await self._status("StartStream")

    async def _say(self, event: str, **content: Any) -> None:
        self._sequence += 1
        await self.send(
            json.dumps({"event": event, "sequenceNumber": self._sequence, **content, "extra_headers": "{}"})
        )

    async def send_frame(self, pcm: bytes) -> None:
        self._chunk += 1
        sound = g711.pcm_to_mulaw(pcm) if self._encoding == "audio/x-mulaw" else pcm
        media = {
            "track": "inbound", "timestamp": str(round(time.time() * 1000)), "chunk": self._chunk,
            "payload": base64.b64encode(sound).decode(),
        }  # fmt: skip
        await self._say("media", streamId=self._stream_id, media=media)

    async def send_key(self, key: str) -> None:
        pressed = {"track": "inbound", "digit": key, "timestamp": str(round(time.time() * 1000))}
        await self._say("dtmf", streamId=self._stream_id, dtmf=pressed)

    async def echo_mark(self, name: str) -> None:
        await self._say("playedStream", streamId=self._stream_id, name=name)

    async def hang_up(self) -> None:
        """The caller is gone: Plivo closes the websocket."""
        self.end("us", "hung up")
        await self.close()

    async def _status(self, event: str) -> None:
        if self._plan.status_url:
            await self._webhook.tell(self._plan.status_url, Event=event, StreamID=self._stream_id)

    async def after_call(self) -> None:
        """When the stream is over, the elements behind it are done, unless the caller is gone."""
        await self._status("StopStream")
        if self.ended is not None and self.ended.by == "us":
            return
        elements = self._plan.elements
        if elements and elements[0].name == "Redirect":
            url = elements[0].text
            elements = _read(url, await self._webhook.ask(url, Event="Redirect", CallStatus="in-progress")).elements
        self.afterwards = tuple(map(str, elements))

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            return self.protocol_error("a binary frame; Plivo takes JSON text frames")
        try:
            frame = json.loads(message)
        except ValueError:
            return self.protocol_error(f"not JSON: {message[:80]!r}")
        match frame:
            case {"event": "playAudio", "media": {"contentType": kind, "sampleRate": rate, "payload": str(payload)}}:
                return self._hear_media(kind, rate, payload)
            case {"event": "checkpoint", "streamId": self._stream_id, "name": str(name)}:
                return self.hear_mark(name)
            case {"event": "clearAudio", "streamId": self._stream_id}:
                return await self._clear()
            case {"event": "sendDTMF", "dtmf": str(keys)}:
                return self.tell("pressed", keys)
        return self.protocol_error(f"none of playAudio, checkpoint, clearAudio and sendDTMF: {message[:160]}")

    async def _clear(self) -> None:
        """The checkpoints behind what was dropped are never reached."""
        pending = self.playout.clear(self.clock.now_ms())
        self.tell("clear", marks=pending)
        await self._say("clearedAudio", streamId=self._stream_id)

    def _hear_media(self, kind: object, rate: object, payload: str) -> None:
        if (kind, rate) != (self._encoding, self.rate_hz):
            return self.protocol_error(f"playAudio with {kind!r} at {rate!r}; the stream has {self._plan.content_type}")
        try:
            sound = base64.b64decode(payload, validate=True)
        except binascii.Error as error:
            return self.protocol_error(f"playAudio payload is not base64: {error}")
        if self._encoding == "audio/x-mulaw":
            return self.hear(g711.mulaw_to_pcm(sound))
        if len(sound) % 2:
            return self.protocol_error(f"playAudio payload of {len(sound)} bytes: half a sample")
        return self.hear(sound)


def _read(url: str, document: str) -> plivo_xml.Plan:
    try:
        return plivo_xml.parse(document)
    except plivo_xml.BadXml as error:
        raise CallRefused(f"{url}: {error}") from error
