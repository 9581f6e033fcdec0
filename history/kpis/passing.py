"""Which steps of its flowbook a call came to, where it ended, and where the caller was not understood. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from history.events import StoredEvent

KINDS = ("passed", "ended", "dropped", "no_match", "no_input")
MOST_STEPS = 1000
LONGEST_STEP = 200
"""What a log that was taken in from elsewhere may say at most."""


class Passing:
    """One call. revision: of its flowbook, '' when the log does not say. The sums: `calls`, and "KIND STEP" for each of
    `KINDS`, where STEP is the step's path in the file.

    passed: 1, however often it came by. ended: the call was over while the dialog stood there; dropped: because the
    caller hung up before the bot said goodbye, with no human on the line. no_match, no_input: each time.
    """

    def __init__(self) -> None:
        self.revision = ""
        self._sums: dict[str, int] = {}
        self._at = ""
        self._human = False
        self._goodbye = False
        self._over = False

    @property
    def sums(self) -> Mapping[str, int]:
        return {"calls": 1, **self._sums} if self._sums else {}

    def take(self, event: StoredEvent) -> None:
        """The next event of the log."""
        payload = event.payload
        match event.type:
            case "call.started" if not self.revision:
                book = payload.get("flowbook")
                self.revision = str(book.get("revision", ""))[:64] if isinstance(book, dict) else ""
            case "dialog.walked":
                self._walked(payload)
            case "dialog.action":
                self._did(payload)
            case "operator.joined" | "transfer.answered":
                self._human = True
            case "handback.ended" if payload.get("why") == "returned":
                self._human = True
            case "call.ended" if not self._over:
                self._over = True
                self._count("ended")
                if payload.get("reason") == "caller_hung_up" and not (self._human or self._goodbye):
                    self._count("dropped")

    def _walked(self, payload: Mapping[str, Any]) -> None:
        self._human = False  # the bot talks again
        steps = payload.get("steps")
        for step in steps if isinstance(steps, list) else ():
            name = f"passed {step}"[:LONGEST_STEP]
            if len(self._sums) < MOST_STEPS:
                self._sums[name] = 1
        self._at = str(payload.get("at", ""))

    def _did(self, payload: Mapping[str, Any]) -> None:
        if payload.get("kind") == "End":
            self._goodbye = True
        elif payload.get("kind") == "Note" and payload.get("topic") in ("no_match", "no_input"):
            self._count(str(payload["topic"]))

    def _count(self, kind: str) -> None:
        if self._at:
            name = f"{kind} {self._at}"[:LONGEST_STEP]
            self._sums[name] = self._sums.get(name, 0) + 1
