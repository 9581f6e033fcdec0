"""`- listen: {…}` — let the caller say what they want: an intent, a question, yes or no, or a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from dialogs.article_offers import OFFERS
from dialogs.checks import Checks
from dialogs.commanding import obey
from dialogs.events import LookedUp
from dialogs.frame import COMMANDS
from dialogs.languages import language
from dialogs.leads import Lead
from dialogs.moves import Move, goto
from dialogs.problems import Path, Problem
from dialogs.spoken_choices import hear_closing, hear_yes_no, hear_yes_no_within
from dialogs.spoken_numbers import hear_digits
from dialogs.steps.answer import CHOOSING, KnowledgeStep, Question
from dialogs.turn import Turn


class Listening(Question):
    """intents: those that may be heard; each leads to the flow of its name, or is a command. kb: the knowledge base.

    keypad: key → flow or command. yes, no: flows for those answers. After an article the next step runs.
    """

    intents: tuple[str, ...] = ()
    kb: Literal["main"] | None = None
    keypad: dict[str, str] = Field(default_factory=dict)
    yes: str = ""
    no: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """All it can lead to besides an article: flows and commands."""
        return tuple(filter(None, (*self.intents, *self.keypad.values(), self.yes, self.no)))


class ListenStep(KnowledgeStep):
    """listen: what may be said and pressed here."""

    keyword: ClassVar[str] = "listen"
    listen: Listening

    @property
    def question(self) -> Question:
        return self.listen

    @property
    def goes_on(self) -> bool:
        return self.listen.kb is not None

    def leads(self) -> Iterator[Lead]:
        yield from super().leads()
        for name in self.listen.intents:
            yield Lead(("listen", "intents", name), name)
        for key, target in self.listen.keypad.items():
            yield Lead(("listen", "keypad", key), target)
        for answer in ("yes", "no"):
            if target := getattr(self.listen, answer):
                yield Lead(("listen", answer), target)

    def ways(self) -> Iterator[Path]:
        yield from super().ways()
        for name in self.listen.intents:
            yield "listen", "intents", name
        for key in self.listen.keypad:
            yield "listen", "keypad", key
        for answer in ("yes", "no", "kb"):
            if getattr(self.listen, answer):
                yield "listen", answer

    @property
    def intents(self) -> tuple[str, ...]:
        return self.listen.intents

    @property
    def asks_articles(self) -> bool:
        return self.listen.kb is not None

    # --------------------------------------------------------------------------------------------------------- lint
    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from super().lint(checks)
        titled = [name for name in self.listen.intents if name in checks.book.intent_titles]
        if self.listen.kb or len(titled) > 1:
            yield from checks.reserved("did_you_mean", "did_you_mean_key")
        if not (self.listen.kb or self.listen.targets):
            yield checks.problem("nothing can be said or pressed here; give kb, intents, keypad, yes or no", "listen")
        for name in self.listen.intents:
            yield from checks.intent(name, "listen", "intents")
            yield from checks.target(name, "listen", "intents")
        for key, target in self.listen.keypad.items():
            if len(key) != 1 or key not in "0123456789*#":
                yield checks.problem(f"{key!r} is no key; keys are 0-9, * and #", "listen", "keypad", key)
            yield from checks.target(target, "listen", "keypad", key)
        for answer in ("yes", "no"):
            if target := getattr(self.listen, answer):
                yield from checks.target(target, "listen", answer)

    # ---------------------------------------------------------------------------------------------------- behaviour
    def enter(self, turn: Turn) -> Move:
        return self.ask(turn)

    def offered_phrases(self, turn: Turn) -> tuple[str, ...]:
        words = language(turn.state.language)
        return (*words.yes_no_listed, *words.closing_listed) if self.listen.yes or self.listen.no else ()

    def said(self, turn: Turn, text: str) -> Move:
        if turn.state.mode not in (CHOOSING, *OFFERS):
            answer = hear_yes_no(text, turn.state.language, only=True) if self.listen.yes or self.listen.no else None
            if answer is None and self.listen.no and hear_closing(text, turn.state.language):
                answer = False
            if answer is not None and (self.listen.yes if answer else self.listen.no):
                return self.answered(turn, answer)
            heard = hear_digits(text, turn.state.language)
            if heard.only_numbers and len(heard.digits) == 1 and heard.digits[0] in self.listen.keypad:
                turn.change(words="")
                return self.pressed(turn, heard.digits[0])
        return super().said(turn, text)

    def typed(self, turn: Turn, key: str) -> Move:
        if turn.state.mode not in (CHOOSING, *OFFERS) and key in self.listen.keypad:
            return self.pressed(turn, key)
        return super().typed(turn, key)

    def unclear(self, turn: Turn, found: LookedUp) -> Move:
        """A short answer that was misheard around its yes or no ("No grazie tutto") is still one."""
        answer = hear_yes_no_within(found.text, turn.state.language)
        if answer is not None and (self.listen.yes if answer else self.listen.no):
            return self.answered(turn, answer)
        return super().unclear(turn, found)

    def answered(self, turn: Turn, answer: bool) -> Move:
        """Yes or no, which this step has a flow for."""
        turn.change(words="")
        turn.took("listen", "yes" if answer else "no")
        return self.lead_to(turn, self.listen.yes if answer else self.listen.no)

    def pressed(self, turn: Turn, key: str) -> Move:
        """A key that this step has a target for, pressed or said."""
        turn.took("listen", "keypad", key)
        return self.lead_to(turn, self.listen.keypad[key])

    def intent(self, turn: Turn, name: str) -> Move:
        turn.note("intent", name=name, text=turn.state.words)
        turn.took("listen", "intents", name)
        return self.lead_to(turn, name)

    def lead_to(self, turn: Turn, target: str) -> Move:
        """A flow, or a command."""
        if target in COMMANDS:
            return obey(turn, target)
        turn.change(knows_more="")
        return goto(target)
