"""The history's calls in the words of the review of unanswered questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from dialogs.languages import known_languages, language
from dialogs.normalizing import normalise
from dialogs.rendering import MASK
from dialogs.spoken_choices import hear_yes_no
from history import Interaction, StoredEvent, Timeline
from knowledge.review.calls import (
    Answered,
    Asked,
    Call,
    Declined,
    HandedOver,
    Happened,
    NotUnderstood,
    OperatorSaid,
    WentOn,
)

MOST_CALLS = 5_000
"""The newest; of a busier company, the days are fewer."""
_PAGE = 500
_TASKS = ("intent", "slot")
_ASKED_FOR = ("asked", "repair")
"""Reasons of a handover by which the caller, or the bot, gave up on the answers."""


async def read_calls(timeline: Timeline, since: datetime) -> list[Call]:
    """The ended calls since then, the newest first. Raises HistoryUnavailable."""
    calls: list[Call] = []
    before = None
    while len(calls) < MOST_CALLS:
        page = await timeline.list_interactions(_PAGE, before, since=since)
        for one in page:
            if one.status == "ended" and one.direction == "inbound":
                calls.append(call_of(one, await timeline.events(one.id)))
        if len(page) < _PAGE:
            break
        before = page[-1].id
    return calls[:MOST_CALLS]


def call_of(interaction: Interaction, events: Iterable[StoredEvent]) -> Call:
    """One call. What was told in confidence is not in it."""
    code = interaction.language.partition("-")[0]
    happened = tuple(_happened(events, code))
    who = interaction.contact_id or interaction.caller
    return Call(interaction.id, interaction.started_at, code, who, interaction.duration_ms or 0, happened)


def _happened(events: Iterable[StoredEvent], code: str) -> Iterator[Happened]:
    follows_no = False
    for event in events:
        payload, at_ms = event.payload, event.at_ms
        if event.type == "transcript" and payload.get("speaker") == "operator" and payload.get("text") != MASK:
            yield OperatorSaid(at_ms, str(payload["text"]))
        elif event.type == "dialog.event":
            if payload.get("kind") == "CallerSaid":
                follows_no = follows_no or begins_with_no(str(payload.get("text", "")), code)
            elif payload.get("kind") == "LookedUp" and payload.get("text") != MASK:
                found = tuple(str(one["article"]) for one in payload.get("candidates", ()))
                yield Asked(at_ms, str(payload["text"]), str(payload["band"]), found, follows_no)
                follows_no = False
        elif event.type == "dialog.action":
            if payload.get("kind") == "Note" and payload.get("topic") == "command":
                follows_no = payload.get("values", {}).get("name") == "correct"
            else:
                yield from _done(payload, at_ms)


def _done(action: Mapping[str, Any], at_ms: int) -> Iterator[Happened]:
    kind, topic, values = action.get("kind"), action.get("topic"), action.get("values", {})
    if kind == "Say" and action.get("article"):
        yield Answered(at_ms, str(action["article"]))
    elif kind == "Handoff" and action.get("reason") in _ASKED_FOR:
        yield HandedOver(at_ms)
    elif kind == "Note" and topic == "no_match" and "band" in values:  # of a question; of a slot's answer it has none
        yield NotUnderstood(at_ms, str(values.get("text", "")))
    elif kind == "Note" and topic == "article_rejected":
        yield Declined(at_ms, tuple(filter(None, str(values.get("articles", "")).split(","))))
    elif kind == "Note" and topic in _TASKS:
        yield WentOn(at_ms)


def begins_with_no(text: str, code: str) -> bool:
    """Whether the caller takes back what was understood: "no, …", "intendevo …"."""
    if code not in known_languages():
        return False
    said = normalise(text)
    corrects = any(said.startswith(f"{phrase} ") for phrase in language(code).corrections)
    return corrects or hear_yes_no(text, code, only=False) is False
