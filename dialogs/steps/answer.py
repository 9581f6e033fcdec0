"""`- answer: {kb: main, say: …}` — answer from the knowledge base, or ask "did you mean…" between several articles."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.checks import Checks
from dialogs.deciding import decide
from dialogs.durations import Milliseconds
from dialogs.events import Candidate, LookedUp
from dialogs.handing_off import to_human
from dialogs.languages import language
from dialogs.moves import NEXT, WAIT, Move, digress, goto
from dialogs.problems import Problem
from dialogs.spoken_choices import hear_named, hear_none_of_them, hear_ordinal, hear_yes_no
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn

CHOOSING = "choose"
"""`State.mode` while the caller chooses between articles."""


class Question(BaseModel):
    """How a question is asked whose answer is free speech.

    say: key of the question's text. again: key of a shorter one for the repair ladder. keypad_help: key of the text
    that explains the keys. timeout: silence until no-input. grammar: per language, the phrases that recognizers with
    a grammar may hear, instead of the flowbook's `grammars`; without any, and on other recognizers, speech is free.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: str = ""
    again: str = ""
    keypad_help: str = ""
    timeout: Milliseconds = 6000
    grammar: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class KnowledgeStep(AskingStep):
    """What `answer` and `listen` share: a question asked freely, looked up, answered or narrowed down."""

    @property
    @abstractmethod
    def question(self) -> Question:
        """How it asks."""

    @property
    def intents(self) -> tuple[str, ...]:
        """Intents that may be meant besides articles."""
        return ()

    @property
    def asks_articles(self) -> bool:
        """Whether articles may answer."""
        return True

    def intent(self, turn: Turn, name: str) -> Move:
        """The caller wants one of `intents`."""
        return goto(name)

    def offered_phrases(self, turn: Turn) -> tuple[str, ...]:
        """Short answers of this step itself, for the grammar."""
        return ()

    # --------------------------------------------------------------------------------------------------------- lint
    def lint(self, checks: Checks) -> Iterator[Problem]:
        for name in ("say", "again", "keypad_help"):
            if key := getattr(self.question, name):
                yield from checks.text(key, self.keyword, name)
        yield from checks.grammar(self.question.grammar, self.keyword, "grammar")

    # ------------------------------------------------------------------------------------------------------- asking
    def ask(self, turn: Turn) -> Move:
        """Say the question and listen."""
        if self.question.say:
            turn.say(self.question.say)
        return self.hear(turn)

    def grammar(self, turn: Turn) -> tuple[str, ...]:
        """The phrases for recognizers with a grammar: this step's, else the flowbook's; empty for free speech."""
        code = turn.state.language
        return self.question.grammar.get(code) or turn.book.grammars.get(code, ())

    def hear(self, turn: Turn) -> Move:
        """Listen, with the grammar of the caller's language when there is one."""
        phrases = self.grammar(turn)
        if phrases:
            phrases += self.offered_phrases(turn)
        return self.listen_for(turn, "open", self.question.timeout, phrases)

    def ask_again(self, turn: Turn, keypad: bool) -> None:
        if turn.state.mode == CHOOSING:
            self.offer(turn, turn.state.candidates, keypad)
            return
        key = (keypad and self.question.keypad_help) or self.question.again or self.question.say
        if key:
            turn.say(key)
        self.hear(turn)

    # ------------------------------------------------------------------------------------------------- what came back
    def said(self, turn: Turn, text: str) -> Move:
        if turn.state.mode == CHOOSING:
            offered = turn.state.candidates
            place = hear_ordinal(text, turn.state.language, len(offered))
            if place is None and len(offered) == 1 and hear_yes_no(text, turn.state.language, only=True):
                place = 0
            if place is None and hear_none_of_them(text, turn.state.language):
                return self.refused(turn, text)
            if place is None:
                place = hear_named(text, turn.state.language, [(candidate.title,) for candidate in offered])
            if place is not None:
                return self.give(turn, offered[place])
        return self.look_up(turn, text)

    def look_up(self, turn: Turn, text: str) -> Move:
        """Search for what the caller said."""
        always = turn.book.always
        intents = tuple(dict.fromkeys((*self.intents, *always.intents)))
        articles = self.asks_articles or always.kb is not None
        if not (intents or articles):
            return self.fail(turn, "no_match", text=text)
        return turn.look_up(text, intents, articles)

    def typed(self, turn: Turn, key: str) -> Move:
        if turn.state.mode == CHOOSING:
            offered = turn.state.candidates
            if key.isdigit() and 1 <= int(key) <= len(offered):
                return self.give(turn, offered[int(key) - 1])
            if len(offered) == 1 and key == "2":
                return self.refused(turn, key)
        return self.default_key(turn, key)

    def looked_up(self, turn: Turn, found: LookedUp) -> Move:
        in_between = turn.book.always.intents
        allowed = tuple((name, score) for name, score in found.intents if name in self.intents or name in in_between)
        meant = decide(replace(found, intents=allowed), turn.state.candidates if turn.state.mode == CHOOSING else ())
        if meant.intent in self.intents:
            return self.intent(turn, meant.intent)
        if meant.intent:
            turn.note("digression", intent=meant.intent, text=found.text)
            return digress(meant.intent)
        if meant.article is not None:
            return self.give(turn, meant.article)
        if meant.choices and turn.state.mode != CHOOSING:
            return self.offer(turn, meant.choices, keypad=False)
        if turn.state.mode == CHOOSING:
            return self.refused(turn, found.text)
        return self.unclear(turn, found)

    def unclear(self, turn: Turn, found: LookedUp) -> Move:
        """Neither an intent nor an article was meant."""
        return self.fail(turn, "no_match", text=found.text, band=found.band)

    # ------------------------------------------------------------------------------------------------------ articles
    def give(self, turn: Turn, candidate: Candidate) -> Move:
        """Answer with an article; a sensitive one goes to a human."""
        if candidate.sensitive:
            turn.note("sensitive_article", article=candidate.article)
            return to_human(turn, "flow", candidate.queue)
        turn.say_article(candidate)
        turn.change(mode="", candidates=())
        if self.asks_articles:
            return NEXT
        self.ask_again(turn, keypad=False)  # always.kb: answered in between
        return WAIT

    def offer(self, turn: Turn, candidates: tuple[Candidate, ...], keypad: bool) -> Move:
        """Ask which of the articles was meant; one alone is asked as yes or no."""
        words = language(turn.state.language)
        titles = [candidate.title for candidate in candidates]
        options = f" {words.conjunction_or} ".join(filter(None, [", ".join(titles[:-1]), titles[-1]]))
        turn.say("did_you_mean", {"options": options})
        if keypad and len(candidates) > 1:
            for place, title in enumerate(titles, start=1):
                turn.say("did_you_mean_key", {"option": title, "key": str(place)})
        turn.change(mode=CHOOSING, candidates=candidates)
        phrases: tuple[str, ...] = ()
        if self.grammar(turn):
            ordinals = [phrase for said in words.ordinals[: len(titles)] for phrase in said]
            phrases = (*titles, *ordinals, *words.none_of_them, *words.yes_no_listed)
        return self.listen_for(turn, "yes_no" if len(candidates) == 1 else "choice", self.question.timeout, phrases)

    def refused(self, turn: Turn, text: str) -> Move:
        """None of the offered articles was meant."""
        articles = ",".join(candidate.article for candidate in turn.state.candidates)
        turn.note("article_rejected", articles=articles, text=text)
        turn.change(mode="", candidates=())
        return self.fail(turn, "no_match", text=text)


class Answering(Question):
    """kb: the knowledge base."""

    kb: Literal["main"]


class AnswerStep(KnowledgeStep):
    """Looks up what the caller said last; when there is nothing (they came by key), it asks `say` first."""

    keyword: ClassVar[str] = "answer"
    answer: Answering

    @property
    def question(self) -> Question:
        return self.answer

    def lint(self, checks: Checks) -> Iterator[Problem]:
        yield from super().lint(checks)
        yield from checks.reserved("did_you_mean", "did_you_mean_key")
        if not self.answer.say:
            yield checks.problem("it has no question for callers who come by key; add say: and a text", "answer")

    def enter(self, turn: Turn) -> Move:
        return self.look_up(turn, turn.state.words) if turn.state.words else self.ask(turn)
