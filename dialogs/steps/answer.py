"""`- answer: {kb: main, say: …}` — answer from the knowledge base, or ask "did you mean…" between several articles."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.article_offers import OFFERS
from dialogs.checks import Checks
from dialogs.deciding import decide
from dialogs.durations import Milliseconds
from dialogs.events import Candidate, LookedUp
from dialogs.handing_off import to_human
from dialogs.languages import language
from dialogs.moves import WAIT, Move, digress, goto
from dialogs.problems import Problem
from dialogs.spoken_choices import (
    hear_named,
    hear_none_of_them,
    hear_ordinal,
    hear_yes_no,
    hear_yes_no_within,
)
from dialogs.steps.offering import OfferingStep
from dialogs.turn import Turn

CHOOSING = "choose"
"""`State.mode` while the caller chooses between articles and intents."""


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


class KnowledgeStep(OfferingStep):
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

    @property
    def patience_ms(self) -> int:
        return self.question.timeout

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
        if turn.state.mode in OFFERS:
            self.propose(turn, turn.state.mode, turn.state.candidates[0])
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
        if turn.state.mode in OFFERS:
            answer = self.heard(turn, text)
            if answer is not None:
                return self.proposed(turn, answer)
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
        if turn.state.mode in OFFERS and key in "12":
            return self.proposed(turn, key == "1")
        return self.default_key(turn, key)

    def looked_up(self, turn: Turn, found: LookedUp) -> Move:
        in_between = turn.book.always.intents
        allowed = tuple((name, score) for name, score in found.intents if name in self.intents or name in in_between)
        choices = turn.state.candidates if turn.state.mode == CHOOSING else ()
        meant = decide(replace(found, intents=allowed), choices, self.titles(turn))
        if meant.intent:
            return self.wants(turn, meant.intent)
        offered = turn.state.candidates[0] if turn.state.mode in OFFERS else None
        if meant.article is not None and (offered is None or meant.article.article != offered.article):
            return self.give(turn, meant.article)
        if offered is not None:  # about the same article still, or an answer in more words than "yes"
            answer = hear_yes_no_within(found.text, turn.state.language)
            if answer is not None or meant.article is not None:
                return self.proposed(turn, answer is not False)
        if meant.choices and turn.state.mode != CHOOSING:
            return self.offer(turn, meant.choices, keypad=False)
        if turn.state.mode == CHOOSING:
            return self.refused(turn, found.text)
        return self.unclear(turn, found)

    def titles(self, turn: Turn) -> dict[str, str]:
        """How the intents are called when the caller has to choose, in their language."""
        code, titles = turn.state.language, turn.book.intent_titles
        return {name: said[code] for name, said in titles.items() if code in said and "did_you_mean" in turn.book.texts}

    def wants(self, turn: Turn, name: str) -> Move:
        """The caller wants this intent: one of the step's, or one that is understood anywhere."""
        if name in self.intents:
            return self.intent(turn, name)
        turn.note("digression", intent=name, text=turn.state.words)
        turn.passed("always", "intents", name)
        return digress(name)

    def unclear(self, turn: Turn, found: LookedUp) -> Move:
        """Neither an intent nor an article was meant."""
        return self.fail(turn, "no_match", text=found.text, band=found.band)

    # ------------------------------------------------------------------------------------------------------ articles
    def give(self, turn: Turn, candidate: Candidate) -> Move:
        """Answer with an article; a sensitive one goes to a human. Or do what an offered intent is for."""
        if candidate.intent:
            turn.change(mode="", candidates=())
            return self.wants(turn, candidate.intent)
        if candidate.sensitive:
            turn.note("sensitive_article", article=candidate.article)
            return to_human(turn, "flow", candidate.queue)
        turn.say_article(candidate)
        turn.change(mode="", candidates=())
        if self.asks_articles:
            turn.took(self.keyword, "kb")
            return self.offer_next(turn, candidate)
        turn.passed("always", "kb")
        self.ask_again(turn, keypad=False)  # always.kb: answered in between
        return WAIT

    def offer(self, turn: Turn, candidates: tuple[Candidate, ...], keypad: bool) -> Move:
        """Ask which of these was meant; one alone is asked as yes or no."""
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
        """None of what was offered was meant."""
        articles = ",".join(one.article for one in turn.state.candidates if one.article)
        intents = ",".join(one.intent for one in turn.state.candidates if one.intent)
        turn.note("article_rejected", articles=articles, intents=intents, text=text)
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
