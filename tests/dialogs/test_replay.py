"""A stored call, fed to the engine again."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import get_args

import pytest

from dialogs import Flowbook, replay, turns
from dialogs.events import Action, Event, from_json, to_json
from tests.dialogs.conversation import Conversation, article


def a_call(shop: Flowbook) -> Conversation:
    call = Conversation(shop)
    call.says("orari")
    call.finds("answer", article("hours", 0.1 + 0.2))
    call.says("no")
    call.hangs_up("bot_ended")
    return call


def test_a_call_from_the_history_gives_the_same_actions(shop: Flowbook) -> None:
    stored = json.dumps([to_json(entry) for event, actions in a_call(shop).log for entry in (event, *actions)])
    result = replay(shop, "it", turns(from_json(entry) for entry in json.loads(stored)))
    assert result.same
    assert result.events == 5
    assert result.first_difference is None


def test_the_first_difference_is_told(shop: Flowbook) -> None:
    text = shop.model_copy(update={"texts": {**shop.texts, "anything": {"it": "Altro?"}}})
    result = replay(text, "it", a_call(shop).log)
    assert not result.same
    assert result.first_difference is not None
    assert result.first_difference.index == 2
    assert "stored Say(text='Posso aiutarla in altro?'" in str(result.first_difference)
    assert "now Say(text='Altro?'" in str(result.first_difference)


def test_an_action_too_few_is_a_difference(shop: Flowbook) -> None:
    log = a_call(shop).log
    event, actions = log[-2]
    result = replay(shop, "it", [*log[:-2], (event, actions[:-1])])
    assert "stored nothing, now End" in str(result.first_difference)


def test_a_log_begins_with_an_event(shop: Flowbook) -> None:
    with pytest.raises(ValueError, match="begins with an action"):
        turns(a_call(shop).log[0][1])


def test_nothing_that_is_written_down_hides_what_it_is() -> None:
    """`to_json` puts the name of an event or action under 'kind', so none may have a field of that name."""
    known = [*get_args(Event), *get_args(Action)]
    assert len(known) > 20
    assert [one.__name__ for one in known if "kind" in {field.name for field in fields(one)}] == []
