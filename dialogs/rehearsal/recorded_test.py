"""A simulated call as a test: what was done, and what the bot did about it, as it must stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from dialogs.events import Handoff, Say
from dialogs.rehearsal.call import Exchange
from dialogs.rehearsal.seeing import how_it_ends
from dialogs.scenarios import Opening, ScenarioTurn


def as_test(name: str, opening: Opening, inputs: Sequence[tuple[ScenarioTurn, Sequence[Exchange]]]) -> dict[str, Any]:
    """A mapping as it is written below `tests:`."""
    began = opening.model_dump(mode="json", exclude_defaults=True)
    turns: list[dict[str, Any]] = []
    for turn, made in inputs:
        turns.append(turn.model_dump(mode="json", exclude_none=True) | _durations(turn))
        turns += expected(made)
    return {"name": name, **began, "turns": turns}


def in_yaml(test: Mapping[str, Any]) -> str:
    """The test as it is written into a flowbook."""
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 140
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
    if state.phase == "listening" and state.mode == "" and state.asking:
        found.append({"ask": state.asking})
    elif said and said[-1].key:
        found.append({"said": said[-1].key})
    found += [{"handoff": one.queue} for one in actions if isinstance(one, Handoff)]
    if state.phase == "ending":
        found.append({"end": how_it_ends(state)})
    return found


def _durations(turn: ScenarioTurn) -> dict[str, str]:
    return {name: f"{ms}ms" for name in ("wait", "wait_left") if (ms := getattr(turn, name)) is not None}
