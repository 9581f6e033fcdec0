"""After an article's answer: its details are offered, and its address as a message, before the flow goes on."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from dialogs.article_offers import LINK, MORE, OFFERS, next_offer, send_link
from dialogs.events import Candidate, Responded
from dialogs.languages import language
from dialogs.moves import NEXT, Move
from dialogs.spoken_choices import hear_closing, hear_yes_no
from dialogs.steps.step import AskingStep
from dialogs.turn import Turn


class OfferingStep(AskingStep):
    """A step that gives articles and offers what else they have."""

    @property
    @abstractmethod
    def patience_ms(self) -> int:
        """Silence after which an offer is not taken."""

    @abstractmethod
    def grammar(self, turn: Turn) -> tuple[str, ...]:
        """The phrases for recognizers with a grammar; empty for free speech."""

    def offer_next(self, turn: Turn, article: Candidate, after: str = "") -> Move:
        """Offer what else the article has, or go on."""
        kind = next_offer(turn, article, after)
        if kind:
            return self.propose(turn, kind, article)
        turn.change(mode="", candidates=(), words="", phase="listening")
        return NEXT

    def propose(self, turn: Turn, kind: str, article: Candidate) -> Move:
        """Ask for a yes to one of `OFFERS`."""
        turn.say(f"{kind}_offer")
        turn.change(mode=kind, candidates=(article,))
        phrases = language(turn.state.language).yes_no_listed if self.grammar(turn) else ()
        return self.listen_for(turn, "yes_no", self.patience_ms, phrases)

    def proposed(self, turn: Turn, wanted: bool) -> Move:
        """The caller's answer to an offer. A no ends the offers: who wants no details wants no message either."""
        article, kind = turn.state.candidates[0], turn.state.mode
        turn.note(f"article_{kind}", article=article.article, wanted=str(wanted).lower())
        if wanted and kind == LINK:
            return send_link(turn, article)
        if wanted:
            turn.say_article(replace(article, spoken=article.more))
        return self.offer_next(turn, article, MORE if wanted else LINK)

    def responded(self, turn: Turn, event: Responded) -> Move:
        """The message with the article's address was handed over, or was not."""
        article = turn.state.candidates[0]
        if not event.ok:
            turn.note("message_not_sent", channel="sms", why=event.error)
        said = "link_sent" if event.ok else "link_not_sent"
        if said in turn.book.texts:
            turn.say(said)
        return self.offer_next(turn, article, LINK)

    def heard(self, turn: Turn, text: str) -> bool | None:
        """The answer to an offer, when it is nothing else; thanks are a no."""
        answer = hear_yes_no(text, turn.state.language, only=True)
        return False if answer is None and hear_closing(text, turn.state.language) else answer

    def silent(self, turn: Turn) -> Move:
        """Who says nothing to an offer does not want it; any other silence is a failure."""
        return self.proposed(turn, False) if turn.state.mode in OFFERS else super().silent(turn)
