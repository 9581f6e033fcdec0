"""What a call writes: its entries in the history, the turns so far, and who may see them.

A turn is committed before anybody sees it; partial words are shown but never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dialogs.confidence import stored
from dialogs.events import Action, Event
from dialogs.rendering import MASK
from history import Entry
from telephony.confiding import Confiding
from telephony.late_writing import LateWriting
from telephony.prompts import Prompt, PromptEnded
from voice.listening.heard import Heard
from voice.speaking.ssml import plain


def heard_turn(speaker: str, heard: Heard) -> dict[str, Any]:
    """A `transcript` payload for words that were recognised, with the recognizer's own where hints corrected them."""
    turn = {
        "speaker": speaker,
        "text": heard.text,
        "start_ms": heard.started_ms,
        "end_ms": heard.ended_ms,
        "confidence": heard.confidence,
        "engine": heard.engine,
    }
    return turn | ({"heard": heard.heard} if heard.heard else {})


def played_turn(ended: PromptEnded) -> dict[str, Any]:
    """A `transcript` payload for a prompt: only the words that were played.

    latency_ms: from the caller's last voiced sample to the first sample of this prompt that was sent. dead_air_ms:
    silence because the synthesizer was late, that before the first sound included.
    """
    say, speech = ended.prompt.say, ended.prompt.speech
    text = plain(say.shown or say.text) if ended.complete or say.shown else speech.heard(ended.played_ms)
    answers_ms = ended.prompt.answers_ms
    turn = {
        "speaker": "bot",
        "text": text,
        "start_ms": ended.started_ms,
        "end_ms": ended.ended_ms,
        "key": say.key,
        "article": say.article,
        "article_version": say.article_version,
        "score": say.score,
        "interrupted": not ended.complete and not speech.failure,
        "failed": True if speech.failure and not ended.complete else None,
        "latency_ms": None if answers_ms is None else max(0, ended.started_ms - answers_ms),
        "dead_air_ms": ended.dead_air_ms,
    }
    return {name: value for name, value in turn.items() if value not in (None, "")}


def sounding_turn(prompt: Prompt, started_ms: int) -> dict[str, Any]:
    """A prompt that is being played, for who looks on: what it says, told anew when it was played."""
    say = prompt.say
    return {"speaker": "bot", "text": plain(say.shown or say.text), "at_ms": started_ms, "is_final": False}


class CallRecord:
    """One call's writer. show: carries a transcript message to the far end and to the operator; must not block.

    confiding: what people say while it is active is masked.
    """

    def __init__(
        self,
        call_id: str,
        late: LateWriting,
        now_ms: Callable[[], int],
        show: Callable[[Mapping[str, Any]], None],
        confiding: Confiding,
    ) -> None:
        self._call_id, self._late, self._now_ms, self._show = call_id, late, now_ms, show
        self._confiding = confiding
        self._turns: list[dict[str, Any]] = []

    @property
    def turns(self) -> Sequence[Mapping[str, Any]]:
        """The whole turns so far: speaker, text, at_ms."""
        return tuple(self._turns)

    @property
    def is_late(self) -> bool:
        """Whether the history cannot be written at this moment, and lacks something of the call."""
        return self._late.is_late(self._call_id)

    async def add(self, kind: str, payload: Mapping[str, Any], actor: str = "system") -> int:
        """Commit one entry that happened now; returns its seq. A history that cannot be written is told to the call
        and does not stop it (`late_writing.py`), unless it owes too much: raises HistoryUnavailable."""
        return await self.add_all([Entry(kind, payload, self._now_ms(), actor=actor)])

    async def add_all(self, entries: Sequence[Entry]) -> int:
        """Commit entries together; then show the turns among them. Returns the last one's seq."""
        last = await self._late.append(self._call_id, entries)
        first = last - len(entries) + 1
        for seq, entry in enumerate(entries, start=first):
            if entry.type == "transcript":
                spoken = entry.payload
                turn = {"speaker": spoken["speaker"], "text": spoken["text"], "at_ms": spoken["start_ms"]}
                self._turns.append(turn)
                self._show({"type": "transcript", "seq": seq, **turn, "is_final": True})
        return last

    async def turn(self, payload: Mapping[str, Any]) -> None:
        """Commit a `transcript` entry, unless nothing was said."""
        if payload.get("text"):
            await self.add_all([self.entry(payload)])

    def entry(self, payload: Mapping[str, Any]) -> Entry:
        """A `transcript` entry as it may be written down."""
        if payload["speaker"] != "bot" and self._confiding.covers(payload["start_ms"], payload["end_ms"]):
            payload = {name: value for name, value in payload.items() if name != "heard"} | {"text": MASK}
        return Entry("transcript", payload, int(payload["start_ms"]), actor=str(payload["speaker"]))

    def partial(self, speaker: str, heard: Heard) -> None:
        """Show words that are still being recognised."""
        if self._confiding.covers(heard.started_ms, self._now_ms()):
            return
        turn = {"speaker": speaker, "text": heard.text, "at_ms": heard.started_ms}
        self._show({"type": "transcript", **turn, "is_final": False})


def step_entries(event: Event, actions: Sequence[Action], masked: bool) -> list[Entry]:
    """What happened, and what the dialog makes of it. masked: the caller said it in confidence."""
    return [
        Entry("dialog.event", stored(event, masked), event.at_ms),
        *(Entry("dialog.action", stored(action, masked), event.at_ms, actor="bot") for action in actions),
    ]
