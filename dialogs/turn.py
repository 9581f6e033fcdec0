"""One turn of the engine: the state being changed and the actions being collected. Lives for one `step()` only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from dialogs.events import (
    Action,
    Candidate,
    End,
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
from dialogs.frame import Frame
from dialogs.moves import WAIT, Move
from dialogs.problems import Path
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
        self.walked: list[Path] = []
        self.unsure: tuple[tuple[str, float], ...] = ()
        """What the recognizer doubted of the words that this turn is about."""
        self._group: list[Say] = []

    def change(self, **values: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **values)

    def passed(self, *path: str | int) -> None:
        """Remember, for tests and simulators, that the dialog came by this place of the flowbook."""
        self.walked.append(path)

    def took(self, *way: str | int) -> None:
        """The same of one of the current step's `ways`."""
        self.passed("flows", *self.state.at, *way)

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
        yields: bool = False,
    ) -> None:
        """Say the text `key` in the caller's language, with its slots filled in.

        extra: what else it may look up. heard: values of slots that are not theirs yet. interruptible, yields: as in
        `Say`.
        """
        template, code = self.text_of(key)
        text = self.written(template, code, extra, heard)
        secret = self.book.sensitive.intersection(field.name for field in fields(template))
        shown = self.written(template, code, {**(extra or {}), **dict.fromkeys(secret, MASK)}) if secret else ""
        action = Say(text, code, key=key, interruptible=interruptible, shown=shown, yields=yields)
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
        self.change(answered=True, words="", knows_more=candidate.queue)

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
        self.actions.append(Lookup(text, self.state.language, intents, articles, self.unsure))
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

    def end(self, outcome: str) -> Move:
        """Hang up after what was said."""
        self.actions.append(End(outcome))
        self.change(phase="ending", outcome=outcome, listen=None)
        return WAIT

    def record(self, mode: str, notice: str = "", keep: bool = True, agreed: bool = False) -> None:
        """Have the call recorded, paused or not any more."""
        self.actions.append(Record(mode, notice, keep, agreed))
