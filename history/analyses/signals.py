"""What a caller's words tell: topic, urgency, mood, each with the words it rests on. Text only, the caller's only.

Pure, and quick enough to be asked after every turn of a call. Nothing is inferred from a voice, and nothing about an
operator: Regulation (EU) 2024/1689, art. 5(1)(f).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from history.analyses.lexicon import Lexicon, Match, lexicon, matches
from history.search.words import stem, words

Urgency = Literal["low", "normal", "high"]
Mood = Literal["angry", "negative", "neutral", "positive"]

NEGATED_WITHIN = 3
"""Words between a negation and what it turns round: "non sono per niente contento"."""
INTENSE_WITHIN = 2
INTENSE = 1.5
TURNED = -0.6
"""What a negated word weighs: "not bad" is less than good."""
MOOD_FROM = 0.5
LONGEST_TURN = 400
"""Words of a turn that are looked at."""


@dataclass(frozen=True)
class Because:
    """A word or phrase, and the turn (the seq of its event, or its place) in which it was said."""

    turn: int
    words: str


@dataclass(frozen=True)
class Signals:
    """topic: '' when no word tells one. score: of the mood, below 0 is bad. why: by what they tell."""

    topic: str = ""
    urgency: Urgency = "normal"
    mood: Mood = "neutral"
    score: float = 0.0
    why: Mapping[str, tuple[Because, ...]] = field(default_factory=dict)


def signals(turns: Iterable[tuple[int, str]], language: str, hints: Mapping[str, float] | None = None) -> Signals:
    """turns: (number, text) of the caller's, in order. hints: topics that are likely for another reason, and how much
    that weighs. The last urgency and the worst mood count."""
    known = lexicon(language)
    topics: dict[str, float] = dict(hints or {})
    why: dict[str, list[Because]] = {}
    urgency: Urgency = "normal"
    score, angry = 0.0, 0.0
    for number, text in turns:
        said = words(text)[:LONGEST_TURN]
        stems = [stem(word) for word in said]
        for topic, phrases in known.topics.items():
            for match in matches(said, stems, phrases):
                topics[topic] = topics.get(topic, 0.0) + match.weight
                why.setdefault(f"topic:{topic}", []).append(Because(number, match.text))
        urgency = _urgency(known, number, said, stems, urgency, why)
        told = list(_moods(known, said, stems))
        score += sum(weight for _, weight, _ in told)
        angry += sum(weight for _, weight, is_anger in told if is_anger and weight < 0)
        for text_of, weight, _ in told:
            why.setdefault("mood", []).append(Because(number, f"{text_of} ({weight:+.1f})"))
    topic = max(topics, key=lambda one: (topics[one], one), default="")
    reasons = {name: tuple(found) for name, found in why.items() if not name.startswith("topic:")}
    if topic:
        reasons["topic"] = tuple(why.get(f"topic:{topic}", ()))
    mood: Mood = "neutral"
    if angry <= -1.0:
        mood = "angry"
    elif score <= -MOOD_FROM:
        mood = "negative"
    elif score >= MOOD_FROM:
        mood = "positive"
    return Signals(topic, urgency, mood, round(score, 2), reasons)


def _urgency(
    known: Lexicon,
    number: int,
    said: Sequence[str],
    stems: Sequence[str],
    before: Urgency,
    why: dict[str, list[Because]],
) -> Urgency:
    found = [("low", match) for match in matches(said, stems, known.calm)]
    for match in matches(said, stems, known.urgent):
        found.append(("low" if _negated(known, stems, match) else "high", match))
    found += [("low", match) for match in matches(said, stems, known.hurry) if _negated(known, stems, match)]
    if not found:
        return before
    why["urgency"] = [Because(number, match.text) for _, match in found]
    return "high" if any(level == "high" for level, _ in found) else "low"


def _moods(known: Lexicon, said: Sequence[str], stems: Sequence[str]) -> Iterable[tuple[str, float, bool]]:
    """(words, weight, whether of anger), one for each stretch of words: the strongest list that knows it."""
    taken = {at for match in matches(said, stems, known.urgent) for at in range(match.begin, match.end)}
    turned: set[int] = set()
    for phrases, weight, is_anger in (
        (known.anger, -1.5, True),
        (known.negative, -1.0, False),
        (known.positive, 1.0, False),
    ):
        for match in matches(said, stems, phrases):
            here = set(range(match.begin, match.end))
            if here & taken:
                continue
            taken |= here
            own = weight * (INTENSE if _near(known.intensifiers, stems, match, INTENSE_WITHIN) else 1.0)
            negation = _negation(known, stems, match)
            if negation is not None and negation not in turned and stems[match.begin] not in known.negations:
                own *= TURNED
                turned.add(negation)  # "no problem, that's fine": one word turns one other
            yield match.text, own, is_anger


def _negated(known: Lexicon, stems: Sequence[str], match: Match) -> bool:
    return _negation(known, stems, match) is not None


def _negation(known: Lexicon, stems: Sequence[str], match: Match) -> int | None:
    """Where the word stands that turns it round, the nearest one."""
    before = range(match.begin - 1, max(-1, match.begin - NEGATED_WITHIN - 1), -1)
    return next((at for at in before if stems[at] in known.negations), None)


def _near(which: frozenset[str], stems: Sequence[str], match: Match, within: int) -> bool:
    return any(word in which for word in stems[max(0, match.begin - within) : match.begin])
