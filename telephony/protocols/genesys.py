"""Genesys AudioHook as the Audio Connector uses it: mu-law at 8 kHz in binary frames both ways, JSON for the rest.

Wire format: Genesys' "AudioHook protocol" pages and its two reference servers. Both sides number their text messages
without gaps and say which of the other's came last. Genesys counts binary messages (error 429 when there are too many),
so sound goes out in pieces of `CHUNK_MS`.

There are no marks. The end of a prompt is told by an event instead (`bot_turn_response`, which is optional and only
reported): a `playback_completed` of a far end that had seen it by then says that the prompt was played.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from typing import Any

from telephony.media import (
    Clear,
    Command,
    Complained,
    HandOver,
    HangUp,
    Held,
    HungUp,
    Mark,
    MarkPlayed,
    MediaEvent,
    Pacing,
    ProtocolError,
    Reply,
    SoundIn,
    SoundOut,
    Started,
    Tell,
)
from telephony.protocols import frames
from telephony.protocols.chunks import Chunks
from telephony.protocols.genesys_media import Media, chosen
from voice import g711

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The conversation of a connection that Genesys makes to see whether it works."""
CHUNK_MS = 300
LONGEST_CHUNK_MS = 1200
"""After Genesys said that there are too many messages."""
PROPER_ENDS = frozenset({"bot_ended", "operator_ended", "transferred"})
TOO_MANY = 429
_PCM_BYTES_PER_MS = 16


class GenesysAudioHook:
    """session_id, organization_id: of the signed upgrade. line: of its address, '' when the call itself has to say."""

    name = "genesys"
    rate_hz = 8000
    pacing = Pacing(lead_ms=1500)

    def __init__(self, session_id: str, organization_id: str, line: str = "") -> None:
        self._session_id, self._organization_id, self._line = session_id, organization_id, line
        self._state = "new"
        """new, opening, opened, left (we have disconnected, or nobody is there), closed."""
        self._media = Media(("external",))
        self._seq = self._client_seq = self._seen_seq = 0
        self._chunks = Chunks(CHUNK_MS * _PCM_BYTES_PER_MS)
        self._marks: deque[tuple[int, str]] = deque()
        self._call_id = ""

    @property
    def left(self) -> bool:
        """The session is over, or is to be: what is still said is only leave-taking."""
        return self._state in ("left", "closed")

    # ------------------------------------------------------------------------------------------------ what Genesys says

    def decode(self, message: str | bytes) -> Sequence[MediaEvent]:
        if isinstance(message, bytes):
            return self._sound(message)
        frame = frames.json_frame(message)
        kind = self._kind_in_order(frame)
        parameters = frames.part(frame, "parameters")
        if kind == "open":
            return self._open(parameters)
        if self._state == "new":
            raise ProtocolError("wrong_order", f"{frames.shown(kind)} came before 'open'", close=1008)
        if kind == "close" and self._state != "closed":
            in_a_call, self._state = self._state == "opened", "closed"
            return (Reply((self._message("closed"),)), *([_over(parameters)] if in_a_call else []))
        if kind == "ping" and self._state != "closed":
            return (Reply((self._message("pong"),)),)
        return self._in_the_call(kind, parameters) if self._state == "opened" else ()

    def _kind_in_order(self, frame: dict[str, Any]) -> str:
        kind = frames.text(frame, "type", 32)
        if frame.get("version") != "2" or frame.get("id") != self._session_id:
            raise ProtocolError("malformed_frame", f"version or id of {frames.shown(kind)} is not this session's")
        seq, serverseq = frames.number(frame, "seq"), frames.number(frame, "serverseq")
        if seq != self._client_seq + 1 or serverseq > self._seq:
            due = f"seq {self._client_seq + 1}, serverseq up to {self._seq} are expected"
            raise ProtocolError("wrong_order", f"{due}, got {seq} and {serverseq}", close=1008)
        self._client_seq, self._seen_seq = seq, serverseq
        return kind

    def _open(self, parameters: dict[str, Any]) -> Sequence[MediaEvent]:
        if self._state != "new":
            raise ProtocolError("second_start", "'open' came twice on one connection", close=1008)
        if frames.text(parameters, "organizationId", 64) != self._organization_id:
            raise ProtocolError("malformed_frame", "organizationId is not the one that was signed")
        self._media = chosen(parameters.get("media"))
        conversation = frames.text(parameters, "conversationId", 64)
        participant = frames.part(parameters, "participant")
        caller, dialled = frames.text(participant, "ani"), frames.text(participant, "dnis")
        given = frames.part(parameters, "inputVariables") if parameters.get("inputVariables") is not None else {}
        line = self._line or frames.optional_text(given, "line") or _number_of(dialled)
        if conversation == NOBODY:
            self._state = "left"
            return (Reply((self._opened(),)),)
        self._state = "opening"
        return (Started(ref=conversation, line=line, caller=_number_of(caller)),)

    def _sound(self, message: bytes) -> Sequence[MediaEvent]:
        if self._state in ("new", "opening"):
            raise ProtocolError("wrong_order", "sound came before the session was opened", close=1008)
        if self._state != "opened" or not message:
            return ()
        return (SoundIn(g711.mulaw_to_pcm(self._media.caller_sound(message))),)

    def _in_the_call(self, kind: str, parameters: dict[str, Any]) -> Sequence[MediaEvent]:
        if kind == "dtmf":
            return frames.pressed(parameters)
        if kind == "error":
            return (self._complained(parameters),)
        if kind in ("paused", "resumed"):
            return (Held(kind == "paused"),)
        if kind == "update":
            return (Reply((self._message("updated"),)),)
        played: list[MediaEvent] = []
        while kind == "playback_completed" and self._marks and self._marks[0][0] <= self._seen_seq:
            played.append(MarkPlayed(self._marks.popleft()[1]))
        return played  # playback_started, discarded and what may be added one day: nothing to be done

    def _complained(self, parameters: dict[str, Any]) -> Complained:
        code = frames.number(parameters, "code")
        if code == TOO_MANY:
            self._chunks.size_bytes = min(2 * self._chunks.size_bytes, LONGEST_CHUNK_MS * _PCM_BYTES_PER_MS)
        return Complained(f"error_{code}"[:32], frames.optional_text(parameters, "message", 2048))

    # ------------------------------------------------------------------------------------------------- what we say

    def encode(self, command: Command) -> Sequence[str | bytes]:
        if isinstance(command, Tell) and self._state == "opening" and command.message.get("type") == "ready":
            self._state, self._call_id = "opened", str(command.message["call_id"])
            return (self._opened(),)
        if self._state != "opened":
            return ()
        if isinstance(command, SoundOut):
            return tuple(map(g711.pcm_to_mulaw, self._chunks.add(command.pcm)))
        if isinstance(command, Mark):
            rest = self._chunks.rest()
            turn = self._event("bot_turn_response", {"disposition": "match"})
            self._marks.append((self._seq, command.name))
            return (*([g711.pcm_to_mulaw(rest)] if rest else []), turn)
        if isinstance(command, Clear):
            self._chunks.rest()
            self._marks.clear()
            return (self._event("barge_in", {}),)
        if isinstance(command, HandOver):
            return (self.disconnect("transferred", completed=True, transfer_to=command.to),)
        if isinstance(command, HangUp):
            return (self.disconnect(command.reason, command.reason in PROPER_ENDS),)
        return ()

    def disconnect(self, why: str, completed: bool = False, **more: str) -> str:
        """Leave the session: the flow goes on with what our output variables say."""
        self._state = "left"
        variables = {"centralino_call_id": self._call_id, "centralino_end": why, **more}
        reason = "completed" if completed else "error"
        return self._message("disconnect", reason=reason, info=why[:200], outputVariables=variables)

    def _opened(self) -> str:
        return self._message("opened", media=[self._media.described()], startPaused=False)

    def _event(self, kind: str, data: dict[str, Any]) -> str:
        return self._message("event", entities=[{"type": kind, "data": data}])

    def _message(self, kind: str, **parameters: Any) -> str:
        self._seq += 1
        numbers = {"seq": self._seq, "clientseq": self._client_seq}
        return json.dumps({"version": "2", "type": kind, **numbers, "id": self._session_id, "parameters": parameters})


def _over(parameters: dict[str, Any]) -> HungUp:
    """Why Genesys closes a session in which a call goes on."""
    return HungUp("far_end_error") if parameters.get("reason") == "error" else HungUp()


def _number_of(address: str) -> str:
    """A phone number as lines have them: 'tel:+39 02-1234' is '+39021234'."""
    number = address.removeprefix("tel:").removeprefix("sip:").partition("@")[0]
    return "".join(character for character in number if character not in " -().")
