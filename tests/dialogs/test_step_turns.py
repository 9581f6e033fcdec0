"""`turns:` on a step travels with its `Listen`, and with nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialogs import Flowbook, read_flowbook, replay, turns
from dialogs.events import Listen, TurnSettings, from_json, to_json
from tests.dialogs.conversation import Conversation

GOOD = Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8")
PATIENT = TurnSettings(silence_ms=1000, slow_ms=1500, protected_ms=0)


@pytest.fixture(scope="module")
def patient_shop() -> Flowbook:
    """The order number is waited for longer than anything else."""
    asks = "tries: 3}\n"
    assert GOOD.count(asks) == 1
    return read_flowbook(GOOD.replace(asks, asks + "      turns: {silence_ms: 1000, slow_ms: 1500, protected_ms: 0}\n"))


def test_a_steps_patience_is_that_of_its_own_questions(patient_shop: Flowbook) -> None:
    call = Conversation(patient_shop)
    assert call.listen.turns is None
    call.types("1")
    assert call.listen.turns == PATIENT
    call.says("quattro sette")  # half an answer
    assert call.listen.turns == PATIENT
    call.says("uno due nove zero")  # read back
    assert (call.listen.expects, call.listen.turns) == ("yes_no", PATIENT)
    call.says("come, scusi?")  # the command `repeat`
    assert call.listen.turns == PATIENT
    call.says("forse")  # not understood: asked again
    assert call.listen.turns == PATIENT
    call.says("sì")
    assert call.said == ["shipped", "anything"]
    assert call.listen.turns is None


def test_it_is_in_the_history_and_comes_back_from_it(patient_shop: Flowbook) -> None:
    call = Conversation(patient_shop)
    call.types("1")
    stored = json.loads(json.dumps([to_json(entry) for event, actions in call.log for entry in (event, *actions)]))
    assert [entry["turns"] and entry["turns"]["silence_ms"] for entry in stored if entry["kind"] == "Listen"] == [
        None,
        1000,
    ]
    assert replay(patient_shop, "it", turns(from_json(entry) for entry in stored)).same


def test_a_history_from_before_there_were_such_settings_is_still_replayed(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    stored = [to_json(entry) for event, actions in call.log for entry in (event, *actions)]
    for entry in stored:
        entry.pop("turns", None)
    assert replay(shop, "it", turns(from_json(entry) for entry in stored)).same


def test_a_stored_setting_that_is_unknown_is_named() -> None:
    stored = to_json(Listen(6000, turns=PATIENT))
    stored["turns"]["patience_ms"] = 3
    with pytest.raises(ValueError, match="TurnSettings has no field patience_ms"):
        from_json(stored)
