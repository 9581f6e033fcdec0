"""The far end of Twilio Media Streams: it rings, streams, buffers and complains as Twilio does.

Wire format: Twilio's documentation "Media Streams - WebSocket Messages".
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urljoin

from websockets.asyncio.client import ClientConnection

from centralino.calling import twiml
from centralino.calling.door import CallRefused, Happening
from centralino.calling.far_end import Dialling, WebsocketDoor
from centralino.calling.form_webhook import FormWebhook, Proof
from centralino.calling.twilio_webhook import signature, signing
from voice import g711


class TwilioDoor(WebsocketDoor):
    """A call that Twilio has connected to a server.

    call_id: Twilio's CallSid. afterwards: the verbs that came after the stream.
    """

    path = "/twilio"
    dialect = twiml.TWILIO
    takes: tuple[str, ...] = ("media", "mark", "clear")
    version = "1.0.0"

    def __init__(
        self, socket: ClientConnection, to: Dialling, webhook: FormWebhook, ids: Mapping[str, str],
        plan: twiml.Instructions,
    ) -> None:  # fmt: skip
        super().__init__(socket, self.rate_of(plan), to.observer)
        self.call_id = ids["CallSid"]
        self._webhook, self._ids, self._plan = webhook, ids, plan
        self._stream_sid = "MZ" + secrets.token_hex(16)
        self._sequence = 0
        self._chunk = 0

    # ------------------------------------------------------------------------------ what another carrier does otherwise

    @classmethod
    def proof(cls, to: Dialling) -> Proof:
        return signing("X-Twilio-Signature", to.secret("auth_token"))

    @classmethod
    def upgrade(cls, to: Dialling, plan: twiml.Instructions) -> Mapping[str, str]:
        """The headers that prove the websocket."""
        return {"X-Twilio-Signature": signature(to.secret("auth_token"), plan.stream_url, {})}

    @classmethod
    def rate_of(cls, plan: twiml.Instructions) -> int:
        return 8000

    def media_format(self) -> dict[str, Any]:
        return {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}

    def coded(self, pcm: bytes) -> bytes:
        return g711.pcm_to_mulaw(pcm)

    def decoded(self, sound: bytes) -> bytes:
        return g711.mulaw_to_pcm(sound)

    # --------------------------------------------------------------------------------------------------------- the call

    @classmethod
    async def dial(cls, to: Dialling) -> Self:
        """Ring a server. to.line: the number dialled. Raises CallRefused and ValueError."""
        ids = {"CallSid": "CA" + secrets.token_hex(16), "AccountSid": "AC" + secrets.token_hex(16)}
        fields = {
            **ids, "ApiVersion": "2010-04-01", "Direction": "inbound", "From": to.caller, "Caller": to.caller,
            "To": to.line, "Called": to.line,
        }  # fmt: skip
        webhook = FormWebhook(to, fields, cls.proof(to))
        voice_url = webhook.url(cls.path + "/voice")
        to.observer(Happening(0, "ringing", voice_url))
        plan = cls.plan_of(voice_url, await webhook.ask(voice_url, CallStatus="ringing"))
        if not plan.stream_url:
            does = ", ".join(map(str, plan.verbs)) or "nothing"
            raise CallRefused(f"line {to.line!r}: the server answered with {does}")
        socket = await webhook.stream(plan.stream_url, cls.upgrade(to, plan))
        door = cls(socket, to, webhook, ids, plan)
        await door.begin()
        return door

    @classmethod
    def plan_of(cls, url: str, document: str) -> twiml.Instructions:
        try:
            return twiml.parse(document, cls.dialect)
        except twiml.BadTwiml as error:
            raise CallRefused(f"{url}: {error}") from error

    async def begin(self) -> None:
        await self.send(json.dumps({"event": "connected", "protocol": "Call", "version": self.version}))
        start = {
            "accountSid": self._ids["AccountSid"], "streamSid": self._stream_sid, "callSid": self.call_id,
            "tracks": ["inbound"], "mediaFormat": self.media_format(), "customParameters": self._plan.parameters,
        }  # fmt: skip
        await self.say("start", start=start)
        self.start()
        self.tell("answered", self.call_id)
        await self._status("stream-started")

    async def say(self, event: str, **content: Any) -> None:
        self._sequence += 1
        numbered = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream_sid}
        await self.send(json.dumps({**numbered, **content}))

    async def send_frame(self, pcm: bytes) -> None:
        self._chunk += 1
        media = {
            "track": "inbound", "chunk": str(self._chunk), "timestamp": str(round(self.clock.now_ms())),
            "payload": base64.b64encode(self.coded(pcm)).decode(),
        }  # fmt: skip
        await self.say("media", media=media)

    async def send_key(self, key: str) -> None:
        await self.say("dtmf", dtmf={"track": "inbound_track", "digit": key})

    async def echo_mark(self, name: str) -> None:
        await self.say("mark", mark={"name": name})

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self.say("stop", stop={"accountSid": self._ids["AccountSid"], "callSid": self.call_id})
        await self.close()

    async def _status(self, event: str) -> None:
        if url := self._plan.stream.get("statusCallback"):
            await self._webhook.tell(url, StreamSid=self._stream_sid, StreamEvent=event)

    async def after_call(self) -> None:
        """Do as Twilio does when a stream is over: ask the `action` what comes next, else go on in the first TwiML.

        A call that the caller ended is announced to the `action` too, but nothing can come next.
        """
        await self._status("stream-stopped")
        verbs = self._plan.verbs
        by_caller = self.ended is not None and self.ended.by == "us"
        if self._plan.next_url:
            url = urljoin(self._webhook.url(self.path + "/voice"), self._plan.next_url)
            said = await self._webhook.ask(url, CallStatus="completed" if by_caller else "in-progress")
            answer = self.plan_of(url, said)
            if answer.stream_url:
                raise CallRefused(f"{url} connects a second stream; this caller takes one stream a call")
            verbs = answer.verbs
        self.afterwards = () if by_caller else tuple(map(str, verbs))

    # -------------------------------------------------------------------------------------------- what the server sends

    async def receive(self, message: str | bytes) -> None:
        carrier = self.dialect.carrier
        if isinstance(message, bytes):
            return self.protocol_error(f"a binary frame; {carrier} takes JSON text frames (error 31924)")
        try:
            frame = json.loads(message)
        except ValueError:
            return self.protocol_error(f"not JSON (error 31924): {message[:80]!r}")
        event = frame.get("event") if isinstance(frame, dict) else None
        if event not in self.takes:
            takes = ", ".join(self.takes)
            return self.protocol_error(f"event {event!r}; {carrier} takes {takes} (error 31924)")
        if frame.get("streamSid") != self._stream_sid:
            return self.protocol_error(f"{event} for stream {frame.get('streamSid')!r}, which is not this one")
        if event == "clear":
            return await self.hear_clear()
        content, part = frame.get(event), {"media": "payload", "mark": "name", "dtmf": "digit"}[event]
        value = content.get(part) if isinstance(content, dict) else None
        if not isinstance(value, str) or not value:
            return self.protocol_error(f"{event} without its {part}")
        if event == "dtmf":
            return self.tell("pressed", value)
        return self.hear_mark(value) if event == "mark" else self._hear_media(value)

    def _hear_media(self, payload: str) -> None:
        try:
            sound = base64.b64decode(payload, validate=True)
        except binascii.Error as error:
            return self.protocol_error(f"media payload is not base64: {error}")
        if sound.startswith(b"RIFF"):
            return self.protocol_error("media payload begins with a wav header; only its samples are taken")
        try:
            return self.hear(self.decoded(sound))
        except ValueError as error:
            return self.protocol_error(f"media payload: {error}")
