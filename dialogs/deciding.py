"""What a caller meant: a task of the flowbook (an intent), an article, one of a few of both, or nothing we know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dialogs.events import Candidate, LookedUp

_NONE: Mapping[str, str] = MappingProxyType({})
INTENT_SURE = 0.60
"""An intent scored this high is taken, whatever the articles say, unless an article scores higher still."""
INTENT_LIKELY = 0.45
"""An intent scored this high is taken when no article answers."""

WORTH_OFFERING = 0.2
"""An article is offered with the best one when it is at least this fraction as likely; the rest would only be noise."""


INTENT_TOGETHER = 0.60
"""Two intents that together are scored this high are asked about, when neither is sure."""
INTENT_RIVAL = 0.4
"""The second of them is at least this fraction as likely as the first."""
INTENT_BESIDE = 0.25
"""An intent scored this high is offered beside articles that are only likely."""
MOST_OFFERED = 3


@dataclass(frozen=True)
class Meant:
    """Exactly one of: an intent's name, an article to answer with, what to choose from; all empty: nothing.

    choices: articles and intents, the likeliest first; one article alone is asked as yes or no.
    """

    intent: str = ""
    article: Candidate | None = None
    choices: tuple[Candidate, ...] = ()


def decide(found: LookedUp, offered: Sequence[Candidate] = (), titles: Mapping[str, str] = _NONE) -> Meant:
    """Weigh intents against articles.

    Both are scored 0..1 and compared as they are; at equal scores the intent wins, because it leads somewhere while
    an article only informs. offered: what the caller was just asked to choose from; the best of it that the search
    found again is then taken without asking a second time. titles: of the intents that callers can be asked about.
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
    if again := _again(found, best, offered):
        return again
    rivals = _rivals(found.intents, titles)
    if len(rivals) > 1 and (best is None or intent_score >= best.score):
        return Meant(choices=rivals)
    if intent and intent_score >= INTENT_LIKELY and (best is None or intent_score >= best.score):
        return Meant(intent=intent)
    if best is not None:
        likely = [c for c in found.candidates if c.score >= best.score * WORTH_OFFERING]
        likely += [
            _as_candidate(name, score, titles) for name, score in found.intents[:1] if _beside(name, score, titles)
        ]
        return Meant(choices=tuple(sorted(likely, key=lambda one: -one.score)[:MOST_OFFERED]))
    return Meant()


def _again(found: LookedUp, best: Candidate | None, offered: Sequence[Candidate]) -> Meant | None:
    """The caller, asked to choose, names one of the offered in other words."""
    intent, score = found.intents[0] if found.intents else ("", 0.0)
    if any(one.intent == intent for one in offered if one.intent) and (best is None or score >= best.score):
        return Meant(intent=intent)
    if best is not None and best.article in {one.article for one in offered if not one.intent}:
        return Meant(article=best)
    return None


def _rivals(intents: Sequence[tuple[str, float]], titles: Mapping[str, str]) -> tuple[Candidate, ...]:
    """The two intents between which the caller has to decide, if there are such."""
    if len(intents) < 2:
        return ()
    (first, score), (second, less) = intents[:2]
    if score + less < INTENT_TOGETHER or less < INTENT_RIVAL * score or not {first, second} <= titles.keys():
        return ()
    return _as_candidate(first, score, titles), _as_candidate(second, less, titles)


def _beside(name: str, score: float, titles: Mapping[str, str]) -> bool:
    return score >= INTENT_BESIDE and name in titles


def _as_candidate(name: str, score: float, titles: Mapping[str, str]) -> Candidate:
    return Candidate("", "", titles[name], "", score, intent=name)
