"""A leg and its sound as one connection that a door can serve: sound is bytes, what happens to the leg is JSON text.

`telephony/protocols/sip.py` reads and writes these messages.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from functools import partial
from typing import Any

from telephony.protocols.frames import json_frame, text
from telephony.rtp.receiving import Heard
from telephony.rtp.stream import Stream
from telephony.sip import keypad
from telephony.sip.leg import Leg
from telephony.sip.signalling import Gone, KeySent, MediaChanged, Notice
from telephony.sip.transactions import NoAnswer, Overloaded
from telephony.wire import WireClosed

MOST_WAITING = 500
"""Messages that the call has not taken yet (10 s of sound); the oldest are dropped."""
LOOK_S = 1.0
"""How often it is seen whether sound still comes."""
TAIL_S = 0.2
"""Between the last sound that was sent and the BYE: so much may still wait in a phone's jitter buffer."""
DRAIN_S = 1.0


class SipWire:
    """silence_s: without sound and reports for so long, the far end is lost; 0: never."""

    def __init__(self, leg: Leg, silence_s: float) -> None:
        self._leg, self._silence_s = leg, silence_s
        self._stream: Stream | None = None
        self._messages: deque[str | bytes] = deque(maxlen=MOST_WAITING)
        self._news = asyncio.Event()
        self._held = self._gone = False

    def begin(self, stream: Stream, token: str) -> None:
        """The sound of the call that this token belongs to can begin."""
        self._stream = stream
        leg = self._leg
        start = {"ref": leg.ref, "token": token, "caller": leg.caller, "headers": dict(leg.parameters)}
        self._messages.appendleft(json.dumps({"event": "start", **start}))
        self._hold(stream.media.held)

    def heard(self, heard: Heard) -> None:
        """From the stream."""
        if heard.key:
            self._tell("key", key=heard.key)
        elif heard.pcm:
            self._put(heard.pcm)

    def noticed(self, notice: Notice) -> None:
        """From the leg."""
        match notice:
            case KeySent():
                self._tell("key", key=notice.key)
            case MediaChanged():
                if self._stream:
                    self._stream.change(notice.media)
                self._hold(notice.media.held)
            case Gone(code="caller_hung_up"):
                self._tell("bye")
            case Gone():
                self._tell("lost", code=notice.code, detail=notice.detail)

    async def receive(self) -> str | bytes:
        while not self._messages:
            if self._gone:
                raise WireClosed(1000)
            self._look()
            self._news.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                continue
        return self._messages.popleft()

    async def send(self, message: str | bytes) -> None:
        if self._leg.over or self._stream is None:
            raise WireClosed(1000)
        if isinstance(message, bytes):
            self._stream.say(message)
            return
        order = json_frame(message)
        if order.get("order") == "clear":
            self._stream.sender.clear()
        elif order.get("order") == "keys":
            self._press(text(order, "keys"))

    async def close(self, code: int, reason: str) -> None:
        """BYE, after what was said last."""
        self._gone = True
        if self._leg.over:
            raise WireClosed(1000)
        sender = self._stream.sender if self._stream else None
        if sender and not sender.muted:
            left_s = min(DRAIN_S, sender.waiting_ms / 1000) + TAIL_S
            await asyncio.sleep(left_s)
        self._leg.hang_up(reason)

    def _press(self, keys: str) -> None:
        if self._stream and self._stream.media.key_type is not None:
            self._stream.sender.press(keys)
        else:
            self._leg.signalling.start(self._press_by_info(keys))

    async def _press_by_info(self, keys: str) -> None:
        leg = self._leg
        for key in keys:
            try:
                await leg.signalling.ask(partial(keypad.info, leg, key), leg.source)
            except (NoAnswer, Overloaded):
                return  # the leg itself is given up by its timers

    def _look(self) -> None:
        if self._stream is None or self._held or not self._silence_s:
            return
        if self._stream.silent_s() > self._silence_s and not self._gone:
            self._gone = True
            self._tell("lost", code="no_media", detail=f"neither sound nor a report for {self._silence_s:g} s")

    def _hold(self, held: bool) -> None:
        if held != self._held:
            self._held = held
            self._tell("held", held=held)

    def _tell(self, event: str, **more: Any) -> None:
        self._put(json.dumps({"event": event, **more}))

    def _put(self, message: str | bytes) -> None:
        self._messages.append(message)
        self._news.set()
