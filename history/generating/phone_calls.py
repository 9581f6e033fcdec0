"""A made-up call: what was said, what the dialog was told of it and did, and how it ended.

Of the dialog's log there is what figures are made of: the start, what the caller said or did not say, what the search
found, and what came of it. `Listen`, `Lookup` and the like are left out; such a call cannot be replayed.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from history.events import Entry
from history.generating.bookshop import ANSWERS, QUESTIONS, TITLES, Question, telephone_of, worded

LINES = ("it", "it", "it", "en")
EARLY, TO_PEOPLE, CALLED_BACK, GIVEN_UP = 0.04, 0.24, 0.29, 0.37
"""Up to where of 1 a caller hangs up at the greeting, is passed to an operator, is promised a call-back, or hangs up
later on; all others get to the bot's goodbye."""
SILENT = 0.06
"""Of the turns: the caller says nothing."""


def a_call(chance: random.Random, person: int, at: datetime) -> tuple[str, list[Entry]]:
    """Its id and its log. at: of the answer, in UTC."""
    call, ends = _Call(chance, at), chance.random()
    call.begin(chance.choice(LINES), "" if chance.random() < 0.05 else telephone_of(person))
    if ends < EARLY:
        call.end("caller_hung_up", "abandoned")
        return call.id, call.entries
    answered = [call.turn() for _ in range(chance.choice((1, 1, 2, 3)))]
    if ends < CALLED_BACK:
        call.to_people(asked=answered[-1], joined=ends < TO_PEOPLE)
    elif ends < GIVEN_UP:
        call.end("caller_hung_up", "answered" if any(answered) else "abandoned")
    else:
        call.end("bot_ended", "answered" if any(answered) else "abandoned")
    return call.id, call.entries


class _Call:
    """ms: since the answer."""

    def __init__(self, chance: random.Random, at: datetime) -> None:
        self.entries: list[Entry] = []
        self.id = _id(at, chance)
        self._chance, self._at, self._ms, self._language = chance, at, 0, ""

    def begin(self, line: str, caller: str) -> None:
        self._language = line
        started = {"line": line, "language": line, "caller": caller}
        more = {"door": "twilio", "recognizer": {"engine": "whisper"}, "flowbook": {"id": "libreria", "revision": "1"}}
        self._add("call.started", started | more)
        self._told("CallStarted", **started)

    def turn(self) -> bool:
        """The caller's next words, if there are any, and what the bot makes of them: whether it helped."""
        chance = self._chance
        self._pass(900, 4000)
        if chance.random() < SILENT:
            self._told("CallerSilent")
            self._noted("no_input")
            self._answer("È ancora in linea?", key="no_input")
            return False
        question = chance.choice(QUESTIONS)
        text = worded(chance, question.asked)
        self._caller_says(text)
        self._looked_up(text, question)
        if question.intent:
            self._noted("intent", name=question.intent)
            self._answer("Un momento, guardo.", key="checking")
        elif question.article:
            said = ANSWERS[question.article]
            self._did("Say", text=said, language=self._language, article=question.article, article_version="1")
            self._answer(said, article=question.article)
        else:
            self._noted("no_match", text=text, band="reject")
            self._answer("Non ho capito: può dirlo in altre parole?", key="no_match")
        return bool(question.intent or question.article)

    def to_people(self, asked: bool, joined: bool) -> None:
        """The caller is passed on: at their own wish (asked), or since the bot did not understand. joined: an operator
        comes; else they are called back."""
        reason = "asked" if asked else "repair"
        if asked:
            self._pass(900, 4000)
            self._caller_says("vorrei un operatore")
            self._noted("command", name="operator")
        self._did("Handoff", queue="assistenza", reason=reason)
        self._add("handoff.queued", {"queue": "assistenza", "reason": reason, "slots": {}})
        self._pass(3000, 90_000)
        if not joined:
            self._told("HandoffFailed", queue="assistenza", reason="nobody_available")
            self._add("callback.requested", {"queue": "assistenza", "reason": "nobody_available", "slots": {}})
            return self.end("bot_ended", "callback")
        operator = f"op-{self._chance.randrange(6)}"
        self._add("operator.joined", {"operator": operator}, operator)
        self._told("OperatorJoined", operator=operator)
        self._pass(20_000, 240_000)
        self._says("operator", "Ho controllato, la richiamiamo entro domani.", operator)
        return self.end("operator_ended", "handed_off")

    def end(self, reason: str, outcome: str) -> None:
        self._ms += 500
        self._add("call.ended", {"reason": reason, "outcome": outcome})

    def _caller_says(self, text: str) -> None:
        confidence = round(self._chance.uniform(0.6, 0.98), 2)
        self._says("caller", text, "caller", confidence=confidence)
        self._told("CallerSaid", text=text, confidence=confidence)

    def _looked_up(self, text: str, question: Question) -> None:
        name, score = question.article, round(self._chance.uniform(0.7, 0.99), 2)
        found = {"article": name, "version": "1", "title": TITLES.get(name, ""), "spoken": ANSWERS.get(name, "")}
        self._told(
            "LookedUp",
            text=text,
            band="answer" if name else "reject",
            candidates=[found | {"score": score}] if name else [],
            intents=[[question.intent, score]] if question.intent else [],
        )

    def _answer(self, text: str, **more: Any) -> None:
        self._pass(400, 1200)
        self._says("bot", text, "bot", latency_ms=self._ms % 900, **more)

    def _says(self, speaker: str, text: str, actor: str, **more: Any) -> None:
        said = {"speaker": speaker, "text": text, "start_ms": max(0, self._ms - 900), "end_ms": self._ms}
        self._add("transcript", said | more, actor)

    def _told(self, kind: str, **what: Any) -> None:
        self._add("dialog.event", {"kind": kind, "at_ms": self._ms, **what})

    def _did(self, kind: str, **what: Any) -> None:
        self._add("dialog.action", {"kind": kind, **what}, "bot")

    def _noted(self, topic: str, **values: str) -> None:
        self._did("Note", topic=topic, values=values)

    def _add(self, kind: str, payload: dict[str, Any], actor: str = "system") -> None:
        self.entries.append(Entry(kind, payload, self._ms, actor, self._at + timedelta(milliseconds=self._ms)))

    def _pass(self, least_ms: int, below_ms: int) -> None:
        self._ms += self._chance.randrange(least_ms, below_ms)


def _id(at: datetime, chance: random.Random) -> str:
    at_ms = int(at.timestamp() * 1000)
    return str(
        uuid.UUID(int=(at_ms << 80) | 0x7 << 76 | chance.getrandbits(12) << 64 | 0b10 << 62 | chance.getrandbits(62))
    )
