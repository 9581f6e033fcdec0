"""What a caller meant: a task of the flowbook (an intent), an article, one of a few, or nothing we know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialogs.events import Candidate, LookedUp

INTENT_SURE = 0.60
"""An intent scored this high is taken, whatever the articles say, unless an article scores higher still."""
INTENT_LIKELY = 0.45
"""An intent scored this high is taken when no article answers."""

WORTH_OFFERING = 0.2
"""An article is offered with the best one when it is at least this fraction as likely; the rest would only be noise."""


@dataclass(frozen=True)
class Meant:
    """Exactly one of: an intent's name, an article to answer with, articles to choose from; all empty: nothing."""

    intent: str = ""
    article: Candidate | None = None
    choices: tuple[Candidate, ...] = ()


def decide(found: LookedUp, offered: Sequence[Candidate] = ()) -> Meant:
    """Weigh intents against articles.

    Both are scored 0..1 and compared as they are; at equal scores the intent wins, because it leads somewhere while
    an article only informs. offered: articles the caller was just asked to choose from; the best of them that the
    search found again is then taken without asking a second time.
    """
    intent, intent_score = found.intents[0] if found.intents else ("", 0.0)
    best = found.candidates[0] if found.candidates and found.band in ("answer", "choose") else None
    if (
        intent
        and intent_score >= INTENT_SURE
        and (best is None or intent_score >= best.score or found.band == "choose")
    ):
        return Meant(intent=intent)
    if best is not None and found.band == "answer":
        return Meant(article=best)
    if offered and best is not None:
        again = {candidate.article for candidate in offered}
        if best.article in again:
            return Meant(article=best)
    if intent and intent_score >= INTENT_LIKELY and (best is None or intent_score >= best.score):
        return Meant(intent=intent)
    if best is not None:
        return Meant(choices=tuple(c for c in found.candidates if c.score >= best.score * WORTH_OFFERING))
    return Meant()
