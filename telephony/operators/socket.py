"""An operator's websocket: what they click and say goes to the desk, what the desk tells them goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket

from telephony.media import ProtocolError
from telephony.operators.call_side import Dialled, Dismissed, Invited, Parked, SayArticle, StopSaying, Wish
from telephony.operators.desk import Desk
from telephony.operators.presence import Presence
from telephony.operators.voice_socket import VoiceSocket
from telephony.operators.webrtc_side import WebrtcSide
from telephony.operators.wrap_up import LONGEST_CODE, LONGEST_NOTE
from telephony.protocols import frames
from telephony.webrtc.voices import WebrtcVoices

MOST_KEYS = 32
"""That an operator may press at once."""
LONGEST_FLOW = 64
"""Characters of a flow's name."""
LONGEST_ARTICLE = 80
"""Characters of an article's id."""
LONGEST_WHY = 80
"""Characters of what somebody is away for."""

CHOICES = {"available": Presence.AVAILABLE, "away": Presence.AWAY}


class OperatorSocket(VoiceSocket):
    """One accepted websocket of a signed-in operator. webrtc: as of `WebrtcSide`."""

    def __init__(
        self,
        socket: WebSocket,
        desk: Desk,
        operator_id: str,
        name: str,
        queues: frozenset[str],
        webrtc: WebrtcVoices | str | None = None,
        skills: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(socket, "operator", operator_id)
        self._desk, self._name, self._queues, self._skills = desk, name, queues, skills
        self._webrtc = WebrtcSide(webrtc, operator_id, super().tell, self._heard)
        self._in_call = False

    async def serve(self) -> None:
        """Until either side closes."""
        self._webrtc.welcome()
        self._desk.sit(self._id, self._name, self._queues, self, self._skills)
        try:
            await self._carry()
        finally:
            self._desk.stand(self._id, self)
            await self._webrtc.close()
            await self._disconnect()

    def tell(self, message: Mapping[str, Any]) -> None:
        super().tell(message)
        if message["type"] in ("connected", "with_bot"):
            self._in_call = True
        elif message["type"] == "ended":
            self._in_call = False
            self._webrtc.drop()

    def sound(self, pcm: bytes) -> None:
        if self._webrtc.carries:
            self._webrtc.sound(pcm)
        else:
            super().sound(pcm)

    def _voice(self, pcm: bytes) -> None:
        if not self._webrtc.carries:
            self._heard(pcm)

    def _heard(self, pcm: bytes) -> None:
        self._desk.sound_from_operator(self._id, pcm)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frames.text(frame, "type", 32)
        if kind in CHOICES:
            self._desk.choose(self._id, CHOICES[kind], frames.optional_text(frame, "why", LONGEST_WHY))
        elif kind in ("wrapped_up", "wrap_up"):
            self._wrap_up(frame, done=kind == "wrapped_up")
        elif kind == "more_time":
            self._desk.more_time(self._id)
        elif kind in ("accept", "decline"):
            await self._desk.answer(self._id, frames.text(frame, "offer", 64), accept=kind == "accept")
        elif kind == "recording":
            await self._desk.record(self._id, frames.text(frame, "wanted", 16))
        elif kind == "mute":
            self._desk.mute(self._id, frame.get("muted") is True)
        elif kind in ("invite", "dismiss", "hold", "keys", "say", "stop_saying"):
            self._desk.ask(self._id, self._wish(kind, frame))
        elif kind == "to_bot":
            self._desk.give_to_bot(self._id, frames.optional_text(frame, "flow", LONGEST_FLOW))
        elif kind == "let_go":
            self._desk.let_go(self._id)
        elif kind == "hangup":
            self._desk.hang_up(self._id)
        elif kind in ("webrtc_offer", "webrtc_end"):
            await self._webrtc.take(frame, self._in_call)
        else:
            raise ProtocolError("malformed_frame", f"unknown type {frames.shown(kind)}")

    def _wrap_up(self, frame: dict[str, Any], done: bool) -> None:
        """done: the operator goes on, to be 'available' or 'away'; False: what they have chosen and written so far."""
        then = frames.optional_text(frame, "then", 16) or "available"
        if then not in CHOICES:
            raise ProtocolError("malformed_frame", f"then: one of {', '.join(CHOICES)} is expected")
        code = frames.optional_text(frame, "code", LONGEST_CODE)
        note = frames.optional_text(frame, "note", LONGEST_NOTE)
        self._desk.wrap_up(self._id, code, note, CHOICES[then] if done else None)

    def _wish(self, kind: str, frame: dict[str, Any]) -> Wish:
        if kind == "invite":
            return Invited(frames.text(frame, "to", 64), self._id)
        if kind == "dismiss":
            return Dismissed(frames.text(frame, "to", 64))
        if kind == "hold":
            return Parked(frame.get("held") is True, self._id)
        if kind == "say":
            article = frames.text(frame, "article", LONGEST_ARTICLE)
            version, language = (frames.optional_text(frame, name, 16) for name in ("version", "language"))
            return SayArticle(article, version, language, self._id)
        if kind == "stop_saying":
            return StopSaying()
        keys = frames.text(frame, "keys", MOST_KEYS)
        if not keys or set(keys) - set("0123456789*#"):
            raise ProtocolError("malformed_frame", "keys: of 0-9 * # are expected")
        return Dialled(keys, self._id)
