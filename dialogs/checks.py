"""What steps use to check themselves against the rest of their flowbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dialogs.frame import COMMANDS, Frame
from dialogs.problems import Path, Problem
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

    def text(self, key: str, *at: str | int, of: str = "") -> Iterator[Problem]:
        """The text exists in every language. of: what it is missing for, when its key alone would not tell."""
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
            yield self.problem(f"{of or f'text {key!r} is missing'} in {codes}; add {keys}", *at)

    def reserved(self, *keys: str) -> Iterator[Problem]:
        """Texts that the engine itself needs for this step."""
        for key in keys:
            if key not in self.book.texts and key not in self.told:
                self.told.add(key)
                yield self.problem(f"asking for articles needs the text {key!r}; add texts.{key}.{self.languages[0]}")

    def grammar(self, grammar: Mapping[str, tuple[str, ...]], *at: str | int) -> Iterator[Problem]:
        """The grammar is for languages of this flowbook, and not empty."""
        for code, phrases in grammar.items():
            if code not in self.languages:
                yield self.problem(f"a grammar for {code!r}, which is no language of this flowbook", *at, code)
            elif not phrases:
                yield self.problem(f"the grammar for {code!r} is empty; leave it out for free speech", *at, code)

    def flow(self, name: str, *at: str | int) -> Iterator[Problem]:
        """The flow exists."""
        if name not in self.book.flow_names:
            yield self.problem(f"there is no flow {name!r}; flows: {', '.join(self.book.flow_names)}", *at)

    def target(self, name: str, *at: str | int) -> Iterator[Problem]:
        """A flow, or a command that this flowbook has."""
        if name not in COMMANDS:
            yield from self.flow(name, *at)
        elif getattr(self.book.always, name) is None:
            yield self.problem(f"{name!r} is a command that is not set up; add always.{name}", *at)

    def queue(self, name: str, *at: str | int) -> Iterator[Problem]:
        """The queue exists."""
        if name not in self.book.queues:
            yield self.problem(f"there is no queue {name!r}; queues: {', '.join(self.book.queues)}", *at)

    def intent(self, name: str, *at: str | int) -> Iterator[Problem]:
        """The intent has phrasings."""
        if name not in self.book.intents:
            yield self.problem(f"there is no intent {name!r}; add intents.{name}.{self.languages[0]}", *at)

    def slot(self, name: str, *at: str | int) -> Iterator[Problem]:
        """Some step fills the slot."""
        if name not in self.slots:
            yield self.problem(f"no step fills the slot {name!r}; slots: {', '.join(self.slots) or 'none'}", *at)
