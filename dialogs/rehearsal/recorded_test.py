"""A simulated call as a test: what was done, and what the bot did about it, as it must stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import pairwise
from typing import Any

from ruamel.yaml import YAML

from dialogs.events import Callback, Handoff, Message, Record, Responded, Say
from dialogs.flowbook import Flowbook
from dialogs.rehearsal.beginning import moment
from dialogs.rehearsal.call import Exchange
from dialogs.rehearsal.mocks import step_name
from dialogs.rehearsal.seeing import how_it_ends
from dialogs.scenarios import Opening, ScenarioTurn
from dialogs.state import State
from dialogs.walking import step_at

Inputs = Sequence[tuple[ScenarioTurn, Sequence[Exchange]]]


def as_test(book: Flowbook, name: str, opening: Opening, began: Sequence[Exchange], inputs: Inputs) -> dict[str, Any]:
    """A mapping as it is written below `tests:`. began: what happened before the first input. Sensitive values are not
    among what is expected; the caller's words stand as they were given."""
    begins = opening.model_dump(mode="json", exclude_defaults=True)
    if opening.at is not None:
        begins["at"] = moment(book, opening.at).replace(tzinfo=None).isoformat(timespec="minutes")
    turns = expected(began)
    flow = began[-1].state.at[:1] if began else ()
    for turn, made in inputs:
        turns.append(turn.model_dump(mode="json", exclude_none=True) | _durations(turn))
        turns += expected(made)
        if made and made[-1].state.phase == "listening" and made[-1].state.at[:1] != flow:
            flow = made[-1].state.at[:1]
            turns.append({"flow": str(flow[0])})
    last = [*began, *(exchange for _, made in inputs for exchange in made)][-1].state
    return {"name": name, **begins, "turns": turns, "expect": in_the_end(book, opening, last)}


def in_yaml(test: Mapping[str, Any]) -> str:
    """The test as it is written into a flowbook."""
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 140
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = StringIO()
    yaml.dump({"tests": [dict(test)]}, written)
    return written.getvalue().rstrip()


def expected(made: Sequence[Exchange]) -> list[dict[str, Any]]:
    """What to expect of these exchanges: the answer or the last text, the slot that is asked for, where it led."""
    if not made:
        return []
    actions, state = [action for exchange in made for action in exchange.actions], made[-1].state
    said = [action for action in actions if isinstance(action, Say)]
    found: list[dict[str, Any]] = [{"answered": one.article} for one in said if one.article]
    if state.phase == "listening" and state.mode == "choose":
        found += [{"offered": one.article} for one in state.candidates]
    if state.phase == "listening" and state.mode == "" and state.asking:
        found.append({"ask": state.asking})
    elif said and said[-1].key:
        found.append({"said": said[-1].key})
    found += [{"message": one.channel} for one in actions if isinstance(one, Message)]
    found += [{"record": one.mode} for one in actions if isinstance(one, Record)]
    found += [{"callback": one.queue} for one in actions if isinstance(one, Callback)]
    found += [{"handoff": one.queue} for one in actions if isinstance(one, Handoff)]
    if state.phase == "ending":
        found.append({"end": how_it_ends(state)})
    return found


def in_the_end(book: Flowbook, opening: Opening, state: State) -> dict[str, Any]:
    """What to expect of how the call stands: values, failures, outcome, and what has become of it besides."""
    slots = {name: value for name, value in state.slots.items() if name not in book.sensitive}
    found: dict[str, Any] = {"slots": slots} if slots else {}
    found |= {"failures": state.failures, "outcome": how_it_ends(state)}
    if state.verified:
        found["verified"] = True
    if state.language != (opening.language or book.languages.default):
        found["language"] = state.language
    return found


def answers(book: Flowbook, exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """What other systems answered in a call, as `mock` has it. A message that arrived needs no word."""
    given: dict[str, list[Any]] = {}
    for before, exchange in pairwise(exchanges):
        answer, at = exchange.event, before.state.at
        if isinstance(answer, Responded) and before.state.phase == "calling":
            if answer.ok and step_at(book.flows, at).keyword == "message":
                continue
            value = answer.value if answer.ok else {"error": answer.error, "status": answer.status}
            given.setdefault(step_name(book, at), []).append(value)
    return {
        name: values[0] if all(value == values[0] for value in values) else {"in_turn": values}
        for name, values in given.items()
    }


def _durations(turn: ScenarioTurn) -> dict[str, str]:
    return {name: f"{ms}ms" for name in ("wait", "wait_left") if (ms := getattr(turn, name)) is not None}
