"""One call's log as the KPIs read it. Pure; any order of known and unknown events gives a log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from history.events import StoredEvent
from history.kpis.passing import Passing

How = Literal["answered", "abandoned", "called_back", "unserved"]


@dataclass(frozen=True)
class Stay:
    """In a queue. how: an operator came; the caller hung up; they are called back instead; or nobody was there."""

    queue: str
    wait_ms: int
    how: How


@dataclass(frozen=True)
class Handled:
    """An operator's part of a call. hold_ms: of the talk; wrap_up_ms: the work behind it."""

    queue: str
    talk_ms: int
    hold_ms: int = 0
    wrap_up_ms: int = 0


@dataclass
class CallLog:
    """direction: 'inbound' | 'outbound'. bot: the dialog answered. asked_for_human: a hand-over, a transfer or a
    call-back was asked for, by whom ever. said, silent, typed: the caller's turns with the bot. looked_up: turns that
    were questions; matched: of these, understood. understood: it was known at least once what they wanted, in words or
    by keys. flows, articles, queues: each once, in order. revision, passages: see `Passing`."""

    direction: str = "inbound"
    line: str = ""
    bot: bool = False
    ended: bool = False
    outcome: str = ""
    end_reason: str = ""
    end_ms: int = 0
    bot_ms: int | None = None
    asked_for_human: bool = False
    put_through: bool = False
    said: int = 0
    silent: int = 0
    typed: int = 0
    no_match: int = 0
    no_input: int = 0
    repeats: int = 0
    looked_up: int = 0
    matched: int = 0
    understood: bool = False
    bot_turns: int = 0
    confidences: list[float] = field(default_factory=list)
    latencies_ms: list[int] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)
    offers: int = 0
    offers_timed_out: int = 0
    surveys: list[tuple[str, int, int]] = field(default_factory=list)
    surveys_unanswered: int = 0
    flows: list[str] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    revision: str = ""
    passages: Mapping[str, int] = field(default_factory=dict)

    @property
    def queues(self) -> list[str]:
        return list(dict.fromkeys(stay.queue for stay in self.stays))


def read(events: Iterable[StoredEvent]) -> CallLog:
    """events: of one interaction, in order of seq."""
    reading = _Reading()
    for event in events:
        reading.take(event)
    return reading.finish()


class _Reading:
    def __init__(self) -> None:
        self.log = CallLog()
        self._passing = Passing()
        self._waits: tuple[str, int] | None = None
        self._promised = False
        self._talks: tuple[str, int] | None = None
        self._held_ms: int | None = None
        self._hold_ms = 0
        self._question = False
        self._queue = ""
        self._intents: list[str] = []

    def take(self, event: StoredEvent) -> None:
        self._passing.take(event)
        log, payload, at_ms = self.log, event.payload, event.at_ms
        match event.type:
            case "call.started" if not log.line:
                log.line, log.direction = str(payload.get("line", "")), str(payload.get("direction", "inbound"))
            case "dialog.event":
                self._told(str(payload.get("kind", "")), payload, at_ms)
            case "dialog.action":
                self._did(str(payload.get("kind", "")), payload)
            case "transcript" if payload.get("speaker") == "bot":
                log.bot_turns += 1
                if payload.get("latency_ms") is not None:
                    log.latencies_ms.append(int(payload["latency_ms"]))
                if payload.get("article"):
                    _once(log.articles, payload["article"])
            case "flow.entered":
                _once(log.flows, payload.get("flow"))
            case "handoff.queued":
                self._leave("unserved", at_ms)
                self._queue = str(payload.get("queue", ""))
                self._waits, self._promised = (self._queue, at_ms), False
                self._to_people(at_ms)
            case "handoff.moved":
                self._queue = str(payload.get("queue", ""))
                if self._waits is not None:
                    self._waits = self._queue, self._waits[1]
            case "transfer.started":
                self._to_people(at_ms)
            case "transfer.answered":
                log.put_through = True
            case "operator.joined":
                self._leave("answered", at_ms)
                self._stop_talking(at_ms)
                self._talks = (self._queue, at_ms)
            case "operator.left":
                self._stop_talking(at_ms)
            case "handback.started":  # for who waits for it, the bot's part is a hold
                self._hold(bool(payload.get("returns")), at_ms)
            case "handback.ended":
                self._hold(False, at_ms)
            case "operator.held":
                self._hold(bool(payload.get("held")), at_ms)
            case "operator.wrapped_up" if log.handled:
                last = log.handled[-1]
                done_ms = max(0, int(payload.get("duration_ms", 0)))
                log.handled[-1] = Handled(last.queue, last.talk_ms, last.hold_ms, last.wrap_up_ms + done_ms)
            case "callback.requested":
                log.asked_for_human, self._promised = True, True
                if payload.get("reason") == "asked_in_queue":
                    self._leave("called_back", at_ms)
            case "offer.made":
                log.offers += 1
            case "offer.timed_out":
                log.offers_timed_out += 1
            case "survey.answered" if payload.get("score") is not None:
                log.surveys.append((str(payload.get("kind")), int(payload["score"]), int(payload.get("scale", 5))))
            case "call.ended" if not log.ended:
                log.ended, log.end_ms = True, at_ms
                log.end_reason, log.outcome = str(payload.get("reason", "")), str(payload.get("outcome", ""))
                self._stop_talking(at_ms)
                gone = log.end_reason == "caller_hung_up"
                self._leave("called_back" if self._promised else "abandoned" if gone else "unserved", at_ms)

    def finish(self) -> CallLog:
        if not self.log.flows:  # of calls from before flows were noted
            self.log.flows = list(dict.fromkeys(self._intents))
        self.log.revision, self.log.passages = self._passing.revision, self._passing.sums
        return self.log

    def _told(self, kind: str, payload: Mapping[str, Any], at_ms: int) -> None:
        log, self._question = self.log, False
        match kind:
            case "CallStarted":
                log.bot = True
            case "CallerSaid" if self._waits is None:
                log.said += 1
                if payload.get("confidence") is not None:
                    log.confidences.append(float(payload["confidence"]))
            case "CallerSilent":
                log.silent += 1
            case "CallerTyped" if self._waits is None:
                log.typed += 1
            case "LookedUp":
                self._question = bool(str(payload.get("text", "")).strip())
                log.looked_up += self._question
            case "HandoffFailed":
                self._leave("called_back" if self._promised else "unserved", at_ms)

    def _did(self, kind: str, payload: Mapping[str, Any]) -> None:
        log = self.log
        if kind == "Handoff":
            log.asked_for_human = True
        elif kind == "Say":
            if payload.get("article"):
                _once(log.articles, payload["article"])
                self._understood()
            elif payload.get("key") == "did_you_mean":
                self._understood()
        elif kind == "Note":
            values = payload.get("values") or {}
            match payload.get("topic"):
                case "no_match" if not values.get("key"):
                    log.no_match += 1
                case "no_input":
                    log.no_input += 1
                case "intent" | "digression" | "sensitive_article":
                    self._understood()
                    if payload.get("topic") == "intent":
                        self._intents.append(str(values.get("name", "")))
                case "command" if values.get("name") == "repeat":
                    log.repeats += 1
                case "command" if values.get("name") == "operator":
                    log.asked_for_human = log.understood = True
                case "survey_unanswered":
                    log.surveys_unanswered += 1

    def _understood(self) -> None:
        self.log.matched += self._question
        self.log.understood = True
        self._question = False

    def _to_people(self, at_ms: int) -> None:
        self.log.asked_for_human = True
        if self.log.bot_ms is None:
            self.log.bot_ms = at_ms

    def _leave(self, how: How, at_ms: int) -> None:
        if self._waits is not None:
            queue, since_ms = self._waits
            self.log.stays.append(Stay(queue, max(0, at_ms - since_ms), how))
            self._waits = None

    def _stop_talking(self, at_ms: int) -> None:
        self._hold(False, at_ms)
        if self._talks is not None:
            queue, since_ms = self._talks
            self.log.handled.append(Handled(queue, max(0, at_ms - since_ms), self._hold_ms))
            self._talks, self._hold_ms = None, 0

    def _hold(self, held: bool, at_ms: int) -> None:
        if held and self._talks is not None and self._held_ms is None:
            self._held_ms = at_ms
        elif not held and self._held_ms is not None:
            self._hold_ms += max(0, at_ms - self._held_ms)
            self._held_ms = None


def _once(found: list[str], name: object) -> None:
    if name and str(name) not in found:
        found.append(str(name))
