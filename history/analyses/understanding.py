"""Everything that is understood of one interaction, as rows to be stored. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from history.analyses.lexicon import lexicon, matches
from history.analyses.next_action import Rule, next_action
from history.analyses.signals import Because, Signals, signals
from history.analyses.summing_up import sum_up
from history.events import StoredEvent
from history.kpis.log import CallLog
from history.projections import Interaction, Segment
from history.search.words import stem, words

ANALYSES_VERSION = 1
"""Raise it with a lexicon or a method: everything is then analysed anew."""
_HANDED = ("handoff.queued", "handback.ended", "callback.requested")
"""Events with what the dialog found out."""
_REACHED = 3.0
"""What a flow or an article that was reached weighs beside the caller's words (a sure one is 2)."""
_GENERIC = frozenset({"welcome", "more_help", "go_ahead", "goodbye", "menu", "start", "end"})
LANGUAGES = ("it", "en")


@dataclass(frozen=True)
class Analysis:
    """type: 'topic' | 'urgency' | 'sentiment' | 'summary' | 'next_action'. why: what it rests on."""

    type: str
    version: str
    method: str
    body: Mapping[str, Any]
    why: Mapping[str, Any]


@dataclass(frozen=True)
class Understood:
    signals: Signals
    topic: str
    analyses: tuple[Analysis, ...]


def understand(
    row: Interaction,
    events: Sequence[StoredEvent],
    segments: Sequence[Segment],
    texts: Sequence[str],
    log: CallLog,
    came_back: bool,
    rules: tuple[Rule, ...],
) -> Understood:
    """texts: of the segments, as they may be shown. Sentiment is the caller's, from their words alone."""
    language = row.language if row.language in LANGUAGES else "it" if not row.language else row.language
    said = [(one.seq, text) for one, text in zip(segments, texts, strict=True) if one.speaker == "caller"]
    if row.subject:
        said = [(0, row.subject), *said]
    reached = [name for name in (*log.flows[1:], *log.articles) if name not in _GENERIC]
    found = signals(said, language, _hints(reached))
    topic = (found.topic or next(iter(reached), ""))[:64]
    version = str(ANALYSES_VERSION)
    promised = {event.seq for event in events if event.type == "callback.requested"}
    kept = {event.payload.get("callback_seq") for event in events if event.type == "callback.done"}
    facts = {
        "topic": topic,
        "urgency": found.urgency,
        "mood": found.mood,
        "outcome": row.outcome,
        "channel": row.channel,
        "handed": row.joined_at is not None,
        "open_callback": bool(promised - kept),
        "came_back": came_back,
    }
    summary = sum_up(said, found, _slots(events), row.outcome, row.queue, language)
    act = next_action(facts, rules)
    analyses = [
        Analysis("topic", version, "lexicon", {"topic": topic},
                 {"words": _words(found, "topic"), "reached": reached[:10]}),
        Analysis("urgency", version, "lexicon", {"urgency": found.urgency}, {"words": _words(found, "urgency")}),
        Analysis("sentiment", version, "lexicon", {"mood": found.mood, "score": found.score, "of": "caller"},
                 {"words": _words(found, "mood")}),
        Analysis("summary", version, "extractive", {"text": summary.text, "language": language},
                 {"turns": list(summary.turns)}),
    ]  # fmt: skip
    if act is not None:
        body = {"action": act.rule, "text": dict(act.text)}
        analyses.append(Analysis("next_action", version, "rules", body, {"facts": dict(act.because)}))
    return Understood(found, topic, tuple(analyses))


def _hints(reached: Sequence[str]) -> dict[str, float]:
    """Topics that the names of flows and articles tell, in whatever language they are named."""
    hints: dict[str, float] = {}
    for name in reached:
        said = words(name.replace("_", " ").replace("-", " "))
        stems = [stem(word) for word in said]
        for language in LANGUAGES:
            for topic, phrases in lexicon(language).topics.items():
                if any(True for _ in matches(said, stems, phrases)):
                    hints[topic] = max(hints.get(topic, 0.0), _REACHED)
    return hints


def _slots(events: Sequence[StoredEvent]) -> dict[str, str]:
    """What was handed over with the caller, the last time."""
    for event in reversed(events):
        slots = event.payload.get("slots")
        if event.type in _HANDED and isinstance(slots, Mapping):
            return {str(name): str(value) for name, value in slots.items() if name != "briefing"}
    return {}


def _words(found: Signals, of: str) -> list[dict[str, Any]]:
    told: tuple[Because, ...] = found.why.get(of, ())
    return [asdict(one) for one in told[:20]]
