"""What happened in a rehearsed call as it is shown: the bot's actions, why, which way it went, where things stand.

JSON-ready. What callers tell in confidence is masked, as it is in the history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dialogs.confidence import in_confidence, stored
from dialogs.events import LookedUp, Message, Note, Request, Say
from dialogs.flowbook import Flowbook
from dialogs.problems import Path
from dialogs.rehearsal.call import Exchange, Moment
from dialogs.rehearsal.mocks import step_name
from dialogs.rehearsal.places import in_words
from dialogs.rehearsal.seeing import how_it_ends
from dialogs.rendering import MASK
from dialogs.state import State
from dialogs.walking import step_at

_INSIDE = ("words", "so_far", "heard", "also_heard")
"""Of the state: what the caller has just said."""


def shown(book: Flowbook, exchange: Exchange, before: State) -> dict[str, Any]:
    """One exchange. before: the state that its event met."""
    masked = in_confidence(book, before)
    return {
        "event": stored(exchange.event, masked),
        "actions": [stored(action, masked) for action in exchange.actions],
        "why": _why(exchange),
        "way": [node(book, path) for path in exchange.way],
    }


def node(book: Flowbook, path: Path) -> dict[str, Any]:
    """A place of the flowbook."""
    return {"node": ".".join(map(str, path)), "line": book.line_of(path), "what": in_words(book, path)}


def where(book: Flowbook, now: Moment) -> dict[str, Any]:
    """How the call stands: place, slots, counters, what is waited for."""
    state = now.state
    hide = in_confidence(book, state)
    at = {"node": "", "line": 0, "what": ""} if not state.at else node(book, ("flows", *state.at))
    return {
        "phase": state.phase,
        "flow": str(state.at[0]) if state.at else "",
        "step": at,
        "asking": state.asking,
        "mode": state.mode,
        "slots": {name: MASK if name in book.sensitive else value for name, value in state.slots.items()},
        **{name: MASK if hide and getattr(state, name) else getattr(state, name) for name in _INSIDE},
        "candidates": [{"article": one.article, "title": one.title, "score": one.score} for one in state.candidates],
        "results": dict(state.results),
        "language": state.language,
        "verified": state.verified,
        "counters": {
            "no_input": state.no_input,
            "no_match": state.no_match,
            "failures": state.failures,
            "budget": book.repair.call_budget,
        },
        "back_to": [str(left.at[0]) for left in state.stack],
        "queue": state.queue,
        "expects": state.listen.expects if state.listen else "",
        "timeout_ms": state.listen.timeout_ms if state.listen else None,
        "time": clock(state, now.at_ms),
        "at_ms": now.at_ms,
        "outcome": how_it_ends(state),
        "waiting": None if now.waiting is None else waiting(book, state, now.waiting),
    }


def waiting(book: Flowbook, state: State, asked: Request | Message) -> dict[str, Any]:
    """What another system is asked. name: as `mock` calls it."""
    what: Mapping[str, Any] = {"to": asked.to, "text": asked.text} if isinstance(asked, Message) else {
        "method": asked.method, "url": asked.url, "query": dict(asked.query), "body": asked.body,
        "values": dict(asked.values),
    }  # fmt: skip
    return {"name": step_name(book, state.at), "kind": step_at(book.flows, state.at).keyword, **what}


def clock(state: State, at_ms: int) -> str:
    """The moment, ISO 8601, '' when it is not known."""
    if not state.clock:
        return ""
    return (datetime.fromisoformat(state.clock) + timedelta(milliseconds=at_ms)).isoformat(timespec="seconds")


def said(exchanges: Sequence[Exchange]) -> list[Say]:
    """All that the bot said."""
    return [action for exchange in exchanges for action in exchange.actions if isinstance(action, Say)]


def _why(exchange: Exchange) -> dict[str, Any] | None:
    """Why it answered so: what the search found, how sure it was, what the engine noted."""
    notes = [one for one in exchange.actions if isinstance(one, Note)]
    intent = next((one.values.get("name", "") for one in notes if one.topic == "intent"), "")
    article = next((one for one in exchange.actions if isinstance(one, Say) and one.article), None)
    found = exchange.event if isinstance(exchange.event, LookedUp) else None
    if found is None and article is None and not intent:
        return None
    return {
        "article": article.article if article else "",
        "version": article.article_version if article else "",
        "score": article.score if article else None,
        "intent": intent,
        "band": found.band if found else "",
        "articles": [(one.article, round(one.score, 3)) for one in found.candidates] if found else [],
        "intents": [(name, round(score, 3)) for name, score in found.intents[:3]] if found else [],
    }
