"""What steps use to check themselves against the rest of their flowbook."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from dialogs.conditions import ConditionFailed, names_in
from dialogs.contact import CONTACT_FIELDS
from dialogs.facts import CALL_FIELDS
from dialogs.frame import COMMANDS, Frame, Repair
from dialogs.ladders import Ladders, Rung
from dialogs.problems import Path, Problem, of_rule
from dialogs.rendering import Field, fields
from dialogs.slots import Slot
from dialogs.state import SlotValue


class Checks:
    """Checks for one step or section at `path`; the `at` of every method is the place within it."""

    def __init__(self, book: Frame, path: Path, told: set[str]) -> None:
        """told: the texts that were reported missing already, shared by all checks of one lint."""
        self.book = book
        self.path = path
        self.told = told

    @property
    def languages(self) -> tuple[str, ...]:
        """The flowbook's language codes."""
        return self.book.codes

    @property
    def slots(self) -> Mapping[str, Slot | SlotValue]:
        """The slots that some step fills."""
        return self.book.slots

    def problem(self, message: str, *at: str | int) -> Problem:
        """Something else that is wrong."""
        return Problem((*self.path, *at), message)

    @of_rule("missing-text")
    def text(self, key: str, *at: str | int, of: str = "") -> Iterator[Problem]:
        """The text exists in the default language, and better in every other. of: what it is missing for, when its key
        alone would not tell."""
        said = self.book.texts.get(key)
        if key in self.told:
            return
        missing = [code for code in self.languages if not (said or {}).get(code, "").strip()]
        if said is None and not of:
            self.told.add(key)
            yield self.problem(f"there is no text {key!r}; add texts.{key}.{self.languages[0]}", *at)
        elif missing:
            self.told.add(key)
            codes = ", ".join(f"'{code}'" for code in missing)
            keys = ", ".join(f"texts.{key}.{code}" for code in missing)
            default = self.languages[0]
            instead = "" if default in missing else f" (callers hear it in '{default}')"
            message = f"{of or f'text {key!r} is missing'} in {codes}; add {keys}{instead}"
            yield self.problem(message, *at) if default in missing else self.warning(message, *at)

    @of_rule("missing-text")
    def reserved(self, *keys: str) -> Iterator[Problem]:
        """Texts that the engine itself needs for this step."""
        for key in keys:
            if key not in self.book.texts and key not in self.told:
                self.told.add(key)
                yield self.problem(f"asking for articles needs the text {key!r}; add texts.{key}.{self.languages[0]}")

    @of_rule("grammar")
    def grammar(self, grammar: Mapping[str, tuple[str, ...]], *at: str | int) -> Iterator[Problem]:
        """The grammar is for languages of this flowbook, and not empty."""
        for code, phrases in grammar.items():
            if code not in self.languages:
                yield self.problem(f"a grammar for {code!r}, which is no language of this flowbook", *at, code)
            elif not phrases:
                yield self.problem(f"the grammar for {code!r} is empty; leave it out for free speech", *at, code)

    @of_rule("condition")
    def condition(self, expression: str, *at: str | int) -> Iterator[Problem]:
        """The CEL expression compiles and reads only what there is."""
        try:
            variables, paths = names_in(expression)
        except ConditionFailed as error:
            yield self.problem(str(error), *at)
            return
        for name in sorted(variables - set(self.slots) - set(self.book.results) - {"call", "contact"}):
            known = ", ".join(sorted((*self.slots, *self.book.results))) or "none"
            yield self.problem(f"the condition uses {name!r}, which no step fills (slots: {known})", *at)
        for path in sorted(paths):
            root, _, name = path.partition(".")
            there = CALL_FIELDS if root == "call" else CONTACT_FIELDS
            if name not in there and not (root == "contact" and name.startswith("open.")):
                yield self.problem(f"the condition uses {path}; there is only {root}.{f', {root}.'.join(there)}", *at)

    @of_rule("unknown-field")
    def value(self, field: Field, allowed: Collection[str] | None, *at: str | int) -> Iterator[Problem]:
        """A text's field is something known. allowed: all that may stand here; None: slots, results, the contact."""
        names = (*self.slots, *self.book.results) if allowed is None else tuple(allowed)
        if field.name in names or (allowed is None and field.root in self.book.results):
            return
        if allowed is None and field.root in ("contact", "call"):
            there = CONTACT_FIELDS if field.root == "contact" else CALL_FIELDS
            if field.name.partition(".")[2] not in there:
                yield self.problem(f"nothing fills {{{field.name}}}; there is {field.root}.{', '.join(there)}", *at)
            return
        known = ", ".join(f"{{{name}}}" for name in names) or "none"
        yield self.problem(f"nothing fills {{{field.name}}}; here may stand: {known}", *at)

    @of_rule("ladder")
    def ladders(self, ladders: Ladders | Repair, *at: str | int) -> Iterator[Problem]:
        """Every rung says and leads to what there is, and each ladder leaves."""
        for kind in ("no_input", "no_match"):
            ladder: tuple[Rung, ...] = getattr(ladders, kind) or ()
            for index, rung in enumerate(ladder):
                here = (*at, kind, index)
                if rung.say:
                    yield from self.text(rung.say, *here, "say")
                if rung.handoff or rung.callback:
                    way = "handoff" if rung.handoff else "callback"
                    yield from self.queue(rung.handoff or rung.callback, *here, way)
                if rung.leaves and index < len(ladder) - 1:
                    why = "the ladder ends here; the rungs after it are never reached"
                    yield self.warning(why, *here)
            if ladder and not ladder[-1].leaves:
                why = "the ladder has no exit: its last rung must be handoff, callback or end"
                yield self.problem(why, *at, kind)

    def warning(self, message: str, *at: str | int) -> Problem:
        """Something odd that can be used all the same."""
        return Problem((*self.path, *at), message, is_warning=True)

    @of_rule("unknown-field")
    def template(self, text: str, *at: str | int) -> Iterator[Problem]:
        """The fields of a text that no caller hears: an address, a body."""
        try:
            for field in fields(text):
                yield from self.value(field, None, *at)
        except ValueError as error:
            yield self.problem(str(error), *at)

    @of_rule("confidence")
    def not_in_confidence(self, text: str, where: str, *at: str | int) -> Iterator[Problem]:
        """The text looks up no slot whose value is told in confidence."""
        with suppress(ValueError):  # told where the text stands
            for name in sorted({field.name for field in fields(text)} & self.book.sensitive):
                yield self.problem(f"slot {name!r} is sensitive, so it may not stand in {where}", *at)

    @of_rule("unknown-calendar")
    def calendar(self, name: str, *at: str | int) -> Iterator[Problem]:
        """The calendar exists."""
        if name not in self.book.calendars:
            known = ", ".join(self.book.calendars) or "none"
            yield self.problem(f"there is no calendar {name!r}; calendars: {known}", *at)

    @of_rule("unknown-flow")
    def flow(self, name: str, *at: str | int) -> Iterator[Problem]:
        """The flow exists."""
        if name not in self.book.flow_names:
            yield self.problem(f"there is no flow {name!r}; flows: {', '.join(self.book.flow_names)}", *at)

    @of_rule("unknown-flow")
    def target(self, name: str, *at: str | int) -> Iterator[Problem]:
        """A flow, or a command that this flowbook has."""
        if name not in COMMANDS:
            yield from self.flow(name, *at)
        elif getattr(self.book.always, name) is None:
            yield self.problem(f"{name!r} is a command that is not set up; add always.{name}", *at)

    @of_rule("unknown-queue")
    def queue(self, name: str, *at: str | int) -> Iterator[Problem]:
        """The queue exists."""
        if name not in self.book.queues:
            yield self.problem(f"there is no queue {name!r}; queues: {', '.join(self.book.queues)}", *at)

    @of_rule("unknown-intent")
    def intent(self, name: str, *at: str | int) -> Iterator[Problem]:
        """The intent has phrasings."""
        if name not in self.book.intents:
            yield self.problem(f"there is no intent {name!r}; add intents.{name}.{self.languages[0]}", *at)

    @of_rule("unknown-slot")
    def slot(self, name: str, *at: str | int) -> Iterator[Problem]:
        """Some step fills the slot."""
        if name not in self.slots:
            yield self.problem(f"no step fills the slot {name!r}; slots: {', '.join(self.slots) or 'none'}", *at)
