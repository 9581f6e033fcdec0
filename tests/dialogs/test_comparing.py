"""A past call against a draft: what would differ, and from where on the caller's words answer nothing any more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialogs import Flowbook, read_flowbook
from dialogs.events import CallerSaid, QueueMoved
from dialogs.rehearsal.comparing import Comparison, compare
from dialogs.rendering import MASK
from tests.dialogs.conversation import Conversation
from tests.dialogs.shelf import Shelf

NOON = "2026-11-27T12:30:00+01:00"


def an_order(book: Flowbook) -> Conversation:
    """A question, an order number by keys, and goodbye."""
    call = Conversation(book, clock=NOON)
    call.says("orari")
    call.event(Shelf().lookup(call.lookup, 1))
    call.says("dov'è il mio ordine")
    call.event(Shelf().lookup(call.lookup, 1))
    call.types("412345")
    call.types("1")
    call.says("no")
    call.hangs_up("bot_ended")
    return call


def against(draft: Flowbook, call: Conversation, past: Flowbook | None) -> Comparison:
    found = compare(draft, Shelf(), call.log, "it", past)
    json.dumps(found.to_json())
    return found


def draft_of(book: Flowbook, *changes: tuple[str, str]) -> Flowbook:
    text = Path(__file__).with_name(book.file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return read_flowbook(text)


def test_the_same_flowbook_does_the_same(shop: Flowbook) -> None:
    found = against(shop, an_order(shop), shop)
    assert found.same
    assert [turn.caller for turn in found.turns] == [
        "the call begins", "says “orari”", "says “dov'è il mio ordine”", "presses 412345", "presses 1", "says “no”",
        "the call ends (bot_ended)",
    ]  # fmt: skip
    assert found.turns[3].then.step == "flow 'order', step 1: fill"
    assert (found.outcome_then, found.outcome_now) == ("answered", "answered")


def test_another_wording_is_a_difference_and_the_caller_still_fits(shop: Flowbook) -> None:
    draft = draft_of(shop, ("Il numero d'ordine?", "Mi dica il numero."))
    found = against(draft, an_order(shop), shop)
    assert [turn.differs for turn in found.turns if turn.differs] == [("texts",)]
    (turn,) = [turn for turn in found.turns if turn.differs]
    assert (turn.then.texts, turn.now.texts) == (("Il numero d'ordine?",), ("Mi dica il numero.",))
    assert found.parted is None
    assert not found.same


def test_where_the_draft_asks_something_else_the_paths_part(shop: Flowbook) -> None:
    first = ("  order:\n", "  order:\n    - fill: {gift: {type: yes_no}}\n")
    found = against(draft_of(shop, first), an_order(shop), shop)
    assert found.parted == 3
    assert found.why == "the caller was asked for number digits; the draft asks for gift yes_no"
    assert [turn.fits for turn in found.turns] == [True] * 3 + [False] * (len(found.turns) - 3)


def test_where_the_draft_hands_off_the_rest_is_not_played(shop: Flowbook) -> None:
    found = against(draft_of(shop, ("  order:\n", "  order:\n    - handoff: desk\n")), an_order(shop), shop)
    assert (found.parted, found.why) == (3, "the draft has handed the caller to 'desk'")
    assert found.stopped == "in the draft the caller waits for a human: 4 further turns of the call not played"
    assert found.turns[-1].now.handoff == "desk"
    assert (found.outcome_then, found.outcome_now) == ("answered", "abandoned")


def test_a_call_that_the_draft_ends_or_does_not_end(shop: Flowbook) -> None:
    ends = against(draft_of(shop, ("  order:\n", "  order:\n    - end: answered\n")), an_order(shop), shop)
    assert ends.why == "the draft has ended the call as 'answered'"
    goes_on = draft_of(shop, ("goodbye: [{say: bye}, {end: answered}]", "goodbye: [{say: bye}, {goto: more}]"))
    found = against(goes_on, an_order(shop), shop)
    assert found.why == "the bot hung up; the draft goes on"


def test_a_caller_who_waited_while_the_draft_goes_on(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("orari")
    call.event(Shelf().lookup(call.lookup, 1))
    call.says("operatore")
    call.event(QueueMoved(2, "desk", 1))
    draft = draft_of(shop, ("    - listen: {say: anything, kb: main,", "    - listen: {say: anything,"))
    assert against(draft, call, shop).parted is None
    silent = Conversation(shop)
    silent.is_silent()
    silent.is_silent()
    silent.says("boh")
    silent.event(Shelf().lookup(silent.lookup, 1))
    patient = draft_of(shop, ("{say: bye, end: no_input}", "{say: bye, handoff: desk}"))
    assert against(patient, silent, shop).same


def test_other_systems_answer_what_they_answered(tavola: Flowbook) -> None:
    call = Conversation(tavola, clock=NOON)
    call.types("4")
    call.answers({"code": "0417", "when": "domani"})
    call.types("0417")
    found = against(draft_of(tavola, ("Ha un tavolo {mine.when}.", "Il tavolo: {mine.when}.")), call, tavola)
    assert found.turns[-1].now.texts[0] == "Il tavolo: domani."
    assert found.parted is None
    other = draft_of(tavola, ('get: "{env.BOOKINGS}/of"', 'get: "{env.CRM}/of"'))
    found = against(other, call, tavola)
    assert found.parted == 1
    assert found.why == "the draft asks another system that the call did not ask: GET {env.CRM}/of"


def test_without_the_flowbook_of_then_steps_are_not_known(shop: Flowbook) -> None:
    found = against(shop, an_order(shop), None)
    assert found.same
    assert not found.steps_known
    assert found.turns[2].then.step == ""
    draft = draft_of(shop, ("  order:\n", "  order:\n    - fill: {gift: {type: yes_no}}\n"))
    assert against(draft, an_order(shop), None).why == "the caller was asked for digits; the draft asks for yes_no"


def test_what_was_told_in_confidence_cannot_be_played(shop: Flowbook) -> None:
    call = an_order(shop)
    call.log[3] = (CallerSaid(1, MASK), call.log[3][1])
    found = against(shop, call, shop)
    assert found.stopped.startswith("the caller told something in confidence")


def test_what_is_no_call_is_refused(shop: Flowbook) -> None:
    with pytest.raises(ValueError, match="this is no call"):
        compare(shop, Shelf(), an_order(shop).log[1:], "it", shop)
