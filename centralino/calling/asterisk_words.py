"""The words of Asterisk's chan_websocket, in JSON or in plain text, as Asterisk itself writes and reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LONGEST_COMMAND = 128
"""Bytes; longer text messages are ignored."""
COMMANDS = frozenset({
    "ANSWER", "HANGUP", "START_MEDIA_BUFFERING", "STOP_MEDIA_BUFFERING", "MARK_MEDIA", "FLUSH_MEDIA", "PAUSE_MEDIA",
    "CONTINUE_MEDIA", "GET_STATUS", "REPORT_QUEUE_DRAINED", "SET_MEDIA_DIRECTION",
})  # fmt: skip


class BadCommand(ValueError):
    """What Asterisk ignores or complains of."""


class Words:
    """plain: `f(plain-text)`. channel: its id, in every event in JSON."""

    def __init__(self, plain: bool, channel: str) -> None:
        self.plain, self._channel = plain, channel

    def start(self, codec: str, frame_bytes: int, variables: Mapping[str, str]) -> str:
        """The first event."""
        return self.event(
            "MEDIA_START", connection_id="centralino", channel="WebSocket/centralino/0x7f0000000000",
            channel_id=self._channel, format=codec, optimal_frame_size=frame_bytes, ptime=20,
            channel_variables=dict(variables),
        )  # fmt: skip

    def event(self, event: str, **content: Any) -> str:
        """content: in the order in which Asterisk writes it."""
        if not self.plain:
            frame = {"event": event, **({} if "channel_id" in content else {"channel_id": self._channel}), **content}
            return json.dumps(frame, separators=(",", ":"))
        if event == "DTMF_END":
            content["channel_id"] = self._channel
        return event + "".join(f" {name}:{value}" for name, value in content.items() if not isinstance(value, dict))

    def notice(self, event: str, correlation_id: str) -> str:
        """That a mark or the end of a buffered stretch was reached."""
        if not self.plain:
            return self.event(event, correlation_id=correlation_id)
        return f"{event} {correlation_id}".rstrip()

    def command(self, message: str) -> tuple[str, str]:
        """The word and its correlation id, '' without one. Raises BadCommand."""
        if len(message.encode()) > LONGEST_COMMAND:
            raise BadCommand(f"a text message over {LONGEST_COMMAND} bytes is ignored: {message[:60]!r}")
        if self.plain:
            word, _, number = message.strip().partition(" ")
        else:
            try:
                frame = json.loads(message)
                word, number = str(frame["command"]), str(frame.get("correlation_id", ""))
            except (ValueError, TypeError, KeyError):
                raise BadCommand(f"Unable to parse JSON command: {message[:60]!r}") from None
        if word not in COMMANDS:
            raise BadCommand(f"unknown command {word!r}")
        return word, number
