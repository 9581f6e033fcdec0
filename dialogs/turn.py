"""One turn of the engine: the state being changed and the actions being collected. Lives for one `step()` only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from dialogs.events import (
    Action,
    Callback,
    Candidate,
    End,
    Handoff,
    Listen,
    Lookup,
    Note,
    Record,
    Request,
    Say,
    TurnSettings,
)
from dialogs.facts import at_path, facts
from dialogs.formatting import formatted
from dialogs.frame import CALL_BACK, Frame
from dialogs.moves import CORRECT, WAIT, Move, goto
from dialogs.rendering import MASK, Field, as_text, fields, render
from dialogs.slots import Slot
from dialogs.state import SlotValue, State

_REPEATED_AT_MOST = 6
"""Texts that `repeat` says again; more would bore."""


class Turn:
    """What steps use to act. Every method changes only this object; the engine takes `state` and `actions` from it."""

    key_timeout_ms = 3000
    """Between two keys; the default of `Listen.key_timeout_ms`."""

    def __init__(self, book: Frame, state: State, at_ms: int = 0) -> None:
        self.book = book
        self.state = state
        self.at_ms = at_ms
        self.actions: list[Action] = []
        self._group: list[Say] = []

    def change(self, **values: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **values)

    @property
    def today(self) -> date | None:
        """The day of the call, None when it is not known."""
        return date.fromisoformat(self.state.day) if self.state.day else None

    @property
    def now(self) -> datetime | None:
        """This moment, None when it is not known when the call was answered."""
        if not self.state.clock:
            return None
        return datetime.fromisoformat(self.state.clock) + timedelta(milliseconds=self.at_ms)

    def is_closed(self, calendar: str) -> bool:
        """Whether the calendar is known to be closed at this moment."""
        return self.now is not None and not self.book.calendars[calendar].is_open(self.now)

    # ------------------------------------------------------------------------------------------------------ speaking
    def say(
        self,
        key: str,
        extra: Mapping[str, str] | None = None,
        *,
        heard: Mapping[str, SlotValue] | None = None,
        interruptible: bool = True,
        repeatable: bool = True,
    ) -> None:
        """Say the text `key` in the caller's language, with its slots filled in.

        extra: what else it may look up. heard: values of slots that are not theirs yet.
        """
        template, code = self.text_of(key)
        text = self.written(template, code, extra, heard)
        secret = self.book.sensitive.intersection(field.name for field in fields(template))
        shown = self.written(template, code, {**(extra or {}), **dict.fromkeys(secret, MASK)}) if secret else ""
        action = Say(text, code, key=key, interruptible=interruptible, shown=shown)
        self.actions.append(action)
        if repeatable:
            self._group.append(action)

    def text_of(self, key: str) -> tuple[str, str]:
        """The text and its language: the caller's, else the flowbook's default, which is noted."""
        said = self.book.texts[key]
        for code in (self.state.language, *self.book.codes):
            if said.get(code, "").strip():
                if code != self.state.language:
                    self.note("text_missing", text=key, language=self.state.language, used=code)
                return said[code], code
        raise LookupError(f"text {key!r} is in none of the flowbook's languages")

    def written(
        self,
        template: str,
        code: str,
        extra: Mapping[str, str] | None = None,
        heard: Mapping[str, SlotValue] | None = None,
    ) -> str:
        """A text with its fields filled in, see `say`."""
        known = {**facts(self.book, self.state), **(heard or {}), **(extra or {})}

        def value_of(field: Field) -> str:
            value = at_path(known, field.name)
            if field.formatter:
                said = formatted(value, field.formatter, code)
                if said is not None:
                    return said
                self.note("not_formatted", field=field.name, formatter=field.formatter)
            slot = None if extra and field.name in extra else self.book.slots.get(field.name)
            return slot.spoken(value, code) if isinstance(slot, Slot) and value is not None else as_text(value)

        return render(template, value_of)

    def say_article(self, candidate: Candidate) -> None:
        """Answer with an article; the caller's words are thereby answered."""
        action = Say(
            candidate.spoken,
            self.state.language,
            article=candidate.article,
            article_version=candidate.version,
            score=candidate.score,
        )
        self.actions.append(action)
        self._group.append(action)
        self.change(answered=True, words="")

    def note(self, topic: str, **values: str) -> None:
        """Record a fact; empty values are left out."""
        self.actions.append(Note(topic, {name: value for name, value in values.items() if value}))

    # ------------------------------------------------------------------------------------------------------- hearing
    def listen(
        self, expects: str, timeout_ms: int, phrases: Iterable[str] = (), turns: TurnSettings | None = None
    ) -> Move:
        """Wait for the caller. A grammar gets the words of the commands too, so that they are always understood."""
        grammar = tuple(phrases)
        if grammar:
            grammar = tuple(dict.fromkeys((*grammar, *self.book.command_phrases(self.state.language))))
        listen = Listen(
            timeout_ms,
            expects=expects,
            phrases=grammar,
            key_timeout_ms=self.key_timeout_ms,
            turns=turns,
        )
        self.actions.append(listen)
        said = tuple(self._group)[-_REPEATED_AT_MOST:] or self.state.said
        self.change(phase="listening", listen=listen, said=said)
        return WAIT

    def look_up(self, text: str, intents: tuple[str, ...], articles: bool) -> Move:
        """Search for `text`."""
        self.actions.append(Lookup(text, self.state.language, intents, articles))
        self.change(phase="looking", words=text)
        return WAIT

    def request(self, request: Request) -> Move:
        """Ask another system and wait for its answer."""
        self.actions.append(request)
        self.change(phase="calling", requests=request.id, listen=None)
        return WAIT

    def new_question(self) -> None:
        """Forget what belonged to the question before."""
        self.change(
            mode="", asking="", so_far="", heard=None, candidates=(), also_heard={}, no_input=0, no_match=0
        )  # fmt: skip

    def fill(self, name: str, value: SlotValue) -> None:
        """Give a slot its value; the words it came from are thereby used up."""
        self.change(slots={**self.state.slots, name: value}, words="")
        self.note("slot", slot=name, value=as_text(value))

    # -------------------------------------------------------------------------------------------------- leaving
    def _slots(self, names: Iterable[str] | None) -> dict[str, str]:
        chosen = self.state.slots if names is None else [name for name in names if name in self.state.slots]
        secret = self.book.sensitive
        return {name: MASK if name in secret else as_text(self.state.slots[name]) for name in chosen}

    def hand_off(
        self,
        queue: str,
        reason: str,
        slots: Iterable[str] | None = None,
        priority: int | None = None,
        skills: Iterable[str] = (),
        briefing: str = "",
        to: str = "",
    ) -> Move:
        """Put the caller through, or into a queue; the bot then only announces places. A closed queue leads to its
        `when_closed`, unless a part of the system failed: then a human is tried whatever the hour."""
        settings = self.book.queues[queue]
        if reason != "failure" and not to and settings.calendar and self.is_closed(settings.calendar):
            self.note("queue_closed", queue=queue, reason=reason)
            return self.nobody_there(queue, "closed", settings.when_closed, "queue_closed", slots)
        self.actions.append(
            Handoff(
                queue,
                reason,
                priority=settings.priority if priority is None else priority,
                max_wait_ms=settings.max_wait,
                announce_every_ms=settings.announce_every,
                max_length=settings.max_length,
                join_empty=settings.join_empty,
                leave_when_empty=settings.leaves_when_empty,
                slots=self._slots(slots),
                skills=tuple(dict.fromkeys((*settings.skills, *skills))),
                briefing=briefing,
                to=to,
            )
        )
        self.change(phase="queued", queue=queue, queued_ms=None, listen=None)
        return WAIT

    def nobody_there(
        self, queue: str, reason: str, flow: str, preferred: str = "", slots: Iterable[str] | None = None
    ) -> Move:
        """The way out of a queue that nobody serves: its flow, or a call-back. preferred: a text for it, if it is
        there."""
        if flow and flow != CALL_BACK and self.state.failures < self.book.repair.call_budget:
            self.change(phase="listening", queue="")
            return goto(flow)
        known = self.state.caller or "nobody_available_no_number" not in self.book.texts
        usual = "nobody_available" if known else "nobody_available_no_number"
        self.say(preferred if known and preferred in self.book.texts else usual, interruptible=False)
        self.call_back(queue, reason, self.state.caller, slots)
        return self.end("callback")

    def to_human(self, reason: str, queue: str = "") -> Move:
        """Say that a human takes over, and hand off to `queue` or the usual one."""
        human = self.book.always.operator
        target = queue if queue in self.book.queues else human.handoff
        before = len(self.actions)
        move = self.hand_off(target, reason)
        if self.state.phase == "queued":  # said first, but not when the queue turned out to be closed
            handoff = self.actions[before:]
            del self.actions[before:]
            self.say(human.say, interruptible=False)
            self.actions += handoff
        return move

    def call_back(self, queue: str, reason: str, number: str, slots: Iterable[str] | None = None) -> None:
        """Promise a call-back."""
        self.actions.append(Callback(queue, reason, number, self._slots(slots)))

    def end(self, outcome: str) -> Move:
        """Hang up after what was said."""
        self.actions.append(End(outcome))
        self.change(phase="ending", outcome=outcome, listen=None)
        return WAIT

    def record(self, mode: str, notice: str = "", keep: bool = True) -> None:
        """Have the call recorded, paused or not any more."""
        self.actions.append(Record(mode, notice, keep))

    # ------------------------------------------------------------------------------------------------------ commands
    def command(self, name: str) -> Move:
        """Do what `always` says for one of `COMMANDS`."""
        self.note("command", name=name)
        always = self.book.always
        if name == "opt_out" and always.opt_out is not None:
            return self._opt_out(always.opt_out.say)
        if name == "operator":
            return self.to_human("asked")
        if name == "cancel" and always.cancel is not None:
            self.change(stack=())
            return goto(always.cancel.goto)
        if name == "correct":
            return CORRECT
        self.actions.extend(self.state.said)
        listen = self.state.listen
        assert listen is not None  # a command comes while listening or looking
        self.actions.append(listen)
        self.change(phase="listening")
        return WAIT

    def _opt_out(self, say: str) -> Move:
        """This person is not to be called any more: noted for those who call, confirmed, and the call ends."""
        self.note("opt_out", how="spoken" if self.state.words else "keyed", number=self.state.caller)
        self.say(say, interruptible=False)
        return self.end("opted_out")
