"""One turn of the engine: the state being changed and the actions being collected. Lives for one `step()` only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from dialogs.events import Action, Callback, Candidate, End, Handoff, Listen, Lookup, Note, Record, Say, TurnSettings
from dialogs.frame import Frame
from dialogs.moves import WAIT, Move, goto
from dialogs.rendering import MASK, fields, render
from dialogs.slots import Slot
from dialogs.state import SlotValue, State

_REPEATED_AT_MOST = 6
"""Texts that `repeat` says again; more would bore."""


class Turn:
    """What steps use to act. Every method changes only this object; the engine takes `state` and `actions` from it."""

    key_timeout_ms = 3000
    """Between two keys; the default of `Listen.key_timeout_ms`."""

    def __init__(self, book: Frame, state: State) -> None:
        self.book = book
        self.state = state
        self.actions: list[Action] = []
        self._group: list[Say] = []

    def change(self, **values: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **values)

    @property
    def today(self) -> date | None:
        """The day of the call, None when it is not known."""
        return date.fromisoformat(self.state.day) if self.state.day else None

    # ------------------------------------------------------------------------------------------------------ speaking
    def say(
        self, key: str, extra: Mapping[str, str] | None = None, *, interruptible: bool = True, repeatable: bool = True
    ) -> None:
        """Say the text `key` in the caller's language, with its slots (and `extra`) filled in."""
        code = self.state.language
        template, values = self.book.texts[key][code], {**self._spoken(), **(extra or {})}
        secret = self.book.sensitive.intersection(field.name for field in fields(template))
        shown = render(template, {**values, **dict.fromkeys(secret, MASK)}, code) if secret else ""
        action = Say(render(template, values, code), code, key=key, interruptible=interruptible, shown=shown)
        self.actions.append(action)
        if repeatable:
            self._group.append(action)

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
        self.change(answered=True, words="", mode="", candidates=())

    def _spoken(self) -> dict[str, str]:
        spoken: dict[str, str] = {}
        for name, value in self.state.slots.items():
            slot = self.book.slots.get(name)
            spoken[name] = slot.spoken(value, self.state.language) if isinstance(slot, Slot) else str(value)
        return spoken

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

    def new_question(self) -> None:
        """Forget what belonged to the question before."""
        self.change(mode="", asking="", so_far="", heard=None, candidates=(), no_input=0, no_match=0)

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
        self, queue: str, reason: str, slots: Iterable[str] | None = None, priority: int | None = None
    ) -> Move:
        """Put the caller into a queue; the bot then only announces places."""
        settings = self.book.queues[queue]
        self.actions.append(
            Handoff(
                queue,
                reason,
                priority=settings.priority if priority is None else priority,
                max_wait_ms=settings.max_wait,
                slots=self._slots(slots),
            )
        )
        self.change(phase="queued", queue=queue, listen=None)
        return WAIT

    def to_human(self, reason: str, queue: str = "") -> Move:
        """Say that a human takes over, and hand off to `queue` or the usual one."""
        human = self.book.always.operator
        self.say(human.say, interruptible=False)
        return self.hand_off(queue if queue in self.book.queues else human.handoff, reason)

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
        """Do what `always` says for 'operator', 'repeat', 'cancel' or 'opt_out'."""
        self.note("command", name=name)
        always = self.book.always
        if name == "opt_out" and always.opt_out is not None:
            return self._opt_out(always.opt_out.say)
        if name == "operator":
            return self.to_human("asked")
        if name == "cancel" and always.cancel is not None:
            return goto(always.cancel.goto)
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


def as_text(value: SlotValue) -> str:
    """A slot's value for operators and the history."""
    return str(value).lower() if isinstance(value, bool) else str(value)
