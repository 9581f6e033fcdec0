"""The far end of Twilio Media Streams: it rings, streams, buffers and complains as Twilio does.

Wire format: Twilio's documentation "Media Streams - WebSocket Messages".
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI

from centralino.calling import twiml
from centralino.calling.door import CallRefused, Happening, Observer
from centralino.calling.far_end import Dialling, WebsocketDoor
from centralino.calling.twilio_webhook import TwilioWebhook
from voice import g711

RATE_HZ = 8000


class TwilioDoor(WebsocketDoor):
    """A call that Twilio has connected to a server.

    call_id: Twilio's CallSid. afterwards: the verbs that came after the stream.
    """

    def __init__(
        self, socket: ClientConnection, webhook: TwilioWebhook, ids: Mapping[str, str], plan: twiml.Instructions,
        action: str, observer: Observer,
    ) -> None:  # fmt: skip
        super().__init__(socket, RATE_HZ, observer)
        self.call_id = ids["CallSid"]
        self._webhook, self._ids, self._plan, self._action = webhook, ids, plan, action
        self._stream_sid = "MZ" + secrets.token_hex(16)
        self._sequence = 0
        self._chunk = 0

    @classmethod
    async def dial(cls, to: Dialling) -> TwilioDoor:
        """Ring a server. to.line: the number dialled; secrets: `auth_token`. Raises CallRefused and ValueError."""
        line, caller, observer = to.line, to.caller, to.observer
        public_url = (to.public_url or to.server_url).rstrip("/")
        ids = {"CallSid": "CA" + secrets.token_hex(16), "AccountSid": "AC" + secrets.token_hex(16)}
        fields = {
            **ids, "ApiVersion": "2010-04-01", "Direction": "inbound", "From": caller, "Caller": caller,
            "To": line, "Called": line,
        }  # fmt: skip
        webhook = TwilioWebhook(to.server_url.rstrip("/"), public_url, to.secret("auth_token"), fields)
        voice_url = public_url + "/twilio/voice"
        observer(Happening(0, "ringing", voice_url))
        plan = await webhook.ask(voice_url, CallStatus="ringing")
        if not plan.stream_url:
            raise CallRefused(f"line {line!r}: the server answered with {', '.join(map(str, plan.verbs)) or 'nothing'}")
        try:
            socket = await connect(
                webhook.reachable(plan.stream_url),
                additional_headers={"X-Twilio-Signature": webhook.signed(plan.stream_url)},
                user_agent_header="Twilio.TmeWs/1.0", compression=None, proxy=None,
            )  # fmt: skip
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise CallRefused(f"{plan.stream_url}: the stream was not connected ({error})") from error
        action = urljoin(voice_url, plan.action) if plan.action else ""
        door = cls(socket, webhook, ids, plan, action, observer)
        await door._begin()
        return door

    async def _begin(self) -> None:
        sound = {"encoding": "audio/x-mulaw", "sampleRate": RATE_HZ, "channels": 1}
        await self.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {
            "accountSid": self._ids["AccountSid"], "streamSid": self._stream_sid, "callSid": self.call_id,
            "tracks": ["inbound"], "mediaFormat": sound, "customParameters": self._plan.parameters,
        }  # fmt: skip
        await self._send("start", start=start)
        self.start()
        self.tell("answered", self.call_id)

    async def _send(self, event: str, **content: Any) -> None:
        self._sequence += 1
        await self.send(
            json.dumps(
                {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream_sid, **content}
            )
        )

    async def send_frame(self, pcm: bytes) -> None:
        self._chunk += 1
        media = {
            "track": "inbound", "chunk": str(self._chunk), "timestamp": str(round(self.clock.now_ms())),
            "payload": base64.b64encode(g711.pcm_to_mulaw(pcm)).decode(),
        }  # fmt: skip
        await self._send("media", media=media)

    async def send_key(self, key: str) -> None:
        await self._send("dtmf", dtmf={"track": "inbound_track", "digit": key})

    async def echo_mark(self, name: str) -> None:
        await self._send("mark", mark={"name": name})

    async def hang_up(self) -> None:
        self.end("us", "hung up")
        await self._send("stop", stop={"accountSid": self._ids["AccountSid"], "callSid": self.call_id})
        await self.close()

    async def after_call(self) -> None:
        """Do as Twilio does when a stream is over: ask the `action` what comes next, else go on in the first TwiML.

        A call that the caller ended is announced to the `action` too, but nothing can come next.
        """
        verbs = self._plan.verbs
        by_caller = self.ended is not None and self.ended.by == "us"
        if self._action:
            answer = await self._webhook.ask(self._action, CallStatus="completed" if by_caller else "in-progress")
            if answer.stream_url:
                raise CallRefused(f"{self._action} connects a second stream; this caller takes one stream a call")
            verbs = answer.verbs
        self.afterwards = () if by_caller else tuple(map(str, verbs))

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            return self.protocol_error("a binary frame; Twilio takes JSON text frames (error 31924)")
        try:
            frame = json.loads(message)
        except ValueError:
            return self.protocol_error(f"not JSON (error 31924): {message[:80]!r}")
        event = frame.get("event") if isinstance(frame, dict) else None
        if event not in ("media", "mark", "clear"):
            return self.protocol_error(f"event {event!r}; Twilio takes media, mark and clear (error 31924)")
        if frame.get("streamSid") != self._stream_sid:
            return self.protocol_error(f"{event} for stream {frame.get('streamSid')!r}, which is not this one")
        if event == "clear":
            return await self.hear_clear()
        content = frame.get(event)
        value = content.get("payload" if event == "media" else "name") if isinstance(content, dict) else None
        if not isinstance(value, str) or not value:
            return self.protocol_error(f"{event} without its {'payload' if event == 'media' else 'name'}")
        return self.hear_mark(value) if event == "mark" else self._hear_media(value)

    def _hear_media(self, payload: str) -> None:
        try:
            sound = base64.b64decode(payload, validate=True)
        except binascii.Error as error:
            return self.protocol_error(f"media payload is not base64: {error}")
        if sound.startswith(b"RIFF"):
            return self.protocol_error("media payload begins with a wav header; Twilio takes raw mu-law")
        return self.hear(g711.mulaw_to_pcm(sound))
