"""Five ways in which a question shows that it was not answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from knowledge.review.calls import Answered, Asked, Call, Declined, HandedOver, NotUnderstood, OperatorSaid, WentOn
from knowledge.wording import essence

Kind = Literal["rejected", "declined", "corrected", "handed_over", "repeated"]
KINDS: tuple[Kind, ...] = ("rejected", "declined", "corrected", "handed_over", "repeated")
AGAIN_WITHIN = timedelta(hours=24)
"""A second call of the same caller about the same thing, this soon, means that the first one did not help."""
LONGEST_QUESTION = 300


@dataclass(frozen=True)
class Miss:
    """question: as it was heard. unhelpful: articles that were given or offered and did not help. better: the one that
    did, after a correction. handling_ms: of the call, from the question on. operator: what a person then said to it."""

    kind: Kind
    call: str
    at: datetime
    language: str
    question: str
    handling_ms: int
    unhelpful: tuple[str, ...] = ()
    better: str = ""
    operator: tuple[str, ...] = ()


def misses(calls: Sequence[Call]) -> list[Miss]:
    """Of all these calls, in the order of time. One question of a call is one miss, however often it shows."""
    found: dict[tuple[str, str], Miss] = {}
    for call in sorted(calls, key=lambda one: (one.started_at, one.id)):
        for miss in _in_call(call):
            found.setdefault((miss.call, essence(miss.question, miss.language)), miss)
    for miss in _repeated(calls):
        found.setdefault((miss.call, essence(miss.question, miss.language)), miss)
    return sorted(found.values(), key=lambda one: (one.at, one.call))


def _in_call(call: Call) -> Iterator[Miss]:
    asked: Asked | None = None
    given = ""
    for place, now in enumerate(call.happened):
        match now:
            case Asked():
                if asked and given and now.follows_no:
                    better = now.candidates[0] if now.band == "answer" and now.candidates else ""
                    yield _miss("corrected", call, asked, (given,), "" if better == given else better)
                asked, given = now, ""
            case Answered():
                given = now.article
            case NotUnderstood():
                if asked and asked.text == now.text:
                    yield _miss("rejected", call, asked, operator=_operator(call, place))
                asked, given = None, ""
            case Declined():
                if asked:
                    yield _miss("declined", call, asked, now.articles, operator=_operator(call, place))
                asked, given = None, ""
            case HandedOver():
                if asked and given:
                    yield _miss("handed_over", call, asked, (given,), operator=_operator(call, place))
                asked, given = None, ""
            case WentOn():
                asked, given = None, ""
            case OperatorSaid():
                pass


def _repeated(calls: Sequence[Call]) -> Iterator[Miss]:
    """Questions that were answered, and asked again in the caller's next call."""
    last: dict[str, Call] = {}
    for call in sorted(calls, key=lambda one: (one.started_at, one.id)):
        if not call.caller:
            continue
        before, last[call.caller] = last.get(call.caller), call
        if before is None or call.started_at - before.started_at > AGAIN_WITHIN:
            continue
        now = list(_answers(call))
        for asked, article in _answers(before):
            same = essence(asked.text, before.language)
            again = (essence(one.text, call.language) == same or given == article for one, given in now)
            if article and any(again):
                yield _miss("repeated", before, asked, (article,))


def _answers(call: Call) -> Iterator[tuple[Asked, str]]:
    """Each question with the article that it got, '' for none."""
    asked: Asked | None = None
    for now in call.happened:
        if isinstance(now, Asked):
            if asked:
                yield asked, ""
            asked = now
        elif isinstance(now, Answered) and asked:
            yield asked, now.article
            asked = None
    if asked:
        yield asked, ""


def _miss(
    kind: Kind,
    call: Call,
    asked: Asked,
    unhelpful: Iterable[str] = (),
    better: str = "",
    operator: tuple[str, ...] = (),
) -> Miss:
    return Miss(
        kind,
        call.id,
        call.started_at + timedelta(milliseconds=asked.at_ms),
        call.language,
        asked.text[:LONGEST_QUESTION],
        max(0, call.duration_ms - asked.at_ms),
        tuple(unhelpful),
        better,
        operator,
    )


def _operator(call: Call, place: int) -> tuple[str, ...]:
    """What people said after this, unless the caller asked the bot something else before."""
    said = []
    for now in call.happened[place + 1 :]:
        if isinstance(now, Asked | Answered):
            break
        if isinstance(now, OperatorSaid):
            said.append(now.text)
    return tuple(said)
