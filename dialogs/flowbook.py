"""A flowbook: everything the bot says and does on a line, as one validated, immutable value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from pydantic import Field, PrivateAttr

from dialogs.frame import Always, Frame, Languages, Name, Queue, Repair
from dialogs.ladders import Rung
from dialogs.languages import language
from dialogs.problems import Located, Path
from dialogs.scenarios import MOST_TESTS, Scenario
from dialogs.slots import Slot
from dialogs.source import Source
from dialogs.state import SlotValue
from dialogs.steps import AnyStep, Step
from dialogs.steps.answer import KnowledgeStep
from dialogs.steps.language import LanguageStep
from dialogs.walking import every_step


class Flowbook(Frame):
    """Loaded by `dialogs.loading.load_flowbook`; the schema is explained in docs/flowbooks.md.

    grammars: language → phrases that recognizers with a grammar may hear in every `listen` and `answer` that has no
    grammar of its own.
    """

    flows: dict[Name, tuple[AnyStep, ...]] = Field(min_length=1)
    tests: tuple[Scenario, ...] = Field(default=(), max_length=MOST_TESTS)

    _revision: str = PrivateAttr(default="")
    _warnings: tuple[Located, ...] = PrivateAttr(default=())
    _file: str = PrivateAttr(default="")
    _source: Source | None = PrivateAttr(default=None)

    @property
    def file(self) -> str:
        """The name of the file it was read from."""
        return self._file

    def line_of(self, path: Path) -> int:
        """The line of its file, from 1, on which the deepest part of `path` that it has stands."""
        return self._source.line(path) if self._source else 1

    def column_of(self, path: Path) -> int:
        """The column, from 1, at which that part begins."""
        return self._source.column(path) if self._source else 1

    @property
    def revision(self) -> str:
        """A short hash of the file's content."""
        return self._revision

    @property
    def warnings(self) -> tuple[Located, ...]:
        """What the lint found odd but usable."""
        return self._warnings

    @property
    def flow_names(self) -> Collection[str]:
        return self.flows.keys()

    @property
    def switched_to(self) -> Collection[str]:
        """The languages that calls may go on in after they began in another one."""
        steps = (step for _, step in every_step(self.flows))
        return {step.language for step in steps if isinstance(step, LanguageStep)}

    @cached_property
    def results(self) -> Collection[str]:
        return tuple(dict.fromkeys(step.saves for _, step in every_step(self.flows) if step.saves))

    @cached_property
    def slots(self) -> Mapping[str, Slot | SlotValue]:
        """Every slot that some step fills or a call of ours begins with; as it is asked for when a step asks."""
        found: dict[str, Slot | SlotValue] = {}
        for _, step in every_step(self.flows):
            for name, slot in step.slots().items():
                if isinstance(slot, Slot) or name not in found:
                    found[name] = slot
        for known in self.outgoing.values():
            for name in known.slots:
                found.setdefault(name, "")
        return found

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The slots whose values are told in confidence, wherever they are asked for."""
        filled = [pair for _, step in every_step(self.flows) for pair in step.slots().items()]
        return frozenset(name for name, slot in filled if isinstance(slot, Slot) and slot.sensitive)

    def grammar(self, code: str) -> tuple[str, ...]:
        """Every phrase that some `Listen` of this flowbook may ask a recognizer for in language `code`.

        Empty when the flowbook has no grammar for it. Use it to check a recognizer's vocabulary before the first call.
        """
        phrases = list(self.grammars.get(code, ()))
        for _, step in every_step(self.flows):
            if isinstance(step, KnowledgeStep):
                phrases += step.question.grammar.get(code, ())
            for slot in step.slots().values():
                if isinstance(slot, Slot):
                    phrases += slot.phrases(code)
        if phrases:
            phrases += language(code).yes_no_listed + language(code).closing_listed + self.command_phrases(code)
        return tuple(dict.fromkeys(phrases))


__all__ = ["Always", "Flowbook", "Languages", "Queue", "Repair", "Rung", "Step"]
