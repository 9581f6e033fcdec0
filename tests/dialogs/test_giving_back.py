"""An operator gives a call back to the bot: where it goes on, what the operator then sees, what is refused."""

from __future__ import annotations

import pytest

from dialogs.events import GivenBack, HandoffFailed, OperatorJoined, Say
from dialogs.flowbook import Flowbook
from dialogs.loading import read_flowbook
from dialogs.problems import FlowbookErrors
from dialogs.rendering import MASK
from dialogs.schema import json_schema
from tests.dialogs.conversation import Conversation
from tests.telephony.conftest import FLOWBOOK

CARD = """
  carta:
    - fill:
        carta: {type: digits, length: 4, sensitive: true}
    - say: bye
    - handoff: aiuto
      with: [carta]
"""
TEXTS = "  ask_carta: {it: La carta?}\n  queue_place:"
BOOK = FLOWBOOK.replace("flows:\n", "handback:\n  carta: {title: {it: La carta}, returns: true}\nflows:\n").replace(
    "\ntexts:\n", f"{CARD}texts:\n"
).replace("  queue_place:", TEXTS)  # fmt: skip


def talking(text: str = BOOK, clock: str = "") -> Conversation:
    """A caller who talks to an operator."""
    call = Conversation(read_flowbook(text), clock=clock)
    call.types("0")
    call.event(OperatorJoined(10, "anna"))
    return call


def test_the_bot_goes_on_at_the_flow_and_passes_the_caller_on_with_the_value_masked() -> None:
    call = talking()
    call.event(GivenBack(20, "anna", "carta", returns=True))
    assert (call.said, call.notes) == (["ask_carta"], ["given_back"])
    assert call.state.kept
    call.types("1234")
    assert call.said == ["bye"]
    assert (call.handoff.queue, call.handoff.slots) == ("aiuto", {"carta": MASK})
    call.event(OperatorJoined(30, "anna"))
    assert not call.state.kept
    assert call.hangs_up() == "handed_off"


def test_without_a_flow_it_asks_what_else_there_is() -> None:
    call = talking()
    call.event(GivenBack(20, "anna"))
    assert call.said == ["ask_tasto"]  # the first flow, without its greeting
    cancels = BOOK.replace("always:\n", "always:\n  cancel: {goto: carta}\n")
    call = talking(cancels)
    call.event(GivenBack(20, "anna"))
    assert call.said == ["ask_carta"]


def test_a_flow_that_is_not_listed_leads_there_too_and_is_noted() -> None:
    call = talking()
    call.event(GivenBack(20, "anna", "welcome"))
    assert (call.said, call.notes) == (["ask_tasto"], ["given_back", "flow_unknown"])


def test_only_who_talks_to_an_operator_can_be_given_back() -> None:
    call = Conversation(read_flowbook(BOOK))
    for act in (lambda: None, lambda: call.types("0")):
        act()
        before = call.state
        call.event(GivenBack(20, "anna", "carta"))
        assert (call.state, call.last) == (before, ())


def test_the_bot_is_as_patient_as_at_the_beginning() -> None:
    call = Conversation(read_flowbook(BOOK))
    call.is_silent()
    assert call.state.failures == 1
    call.is_silent()
    call.event(OperatorJoined(10, "anna"))
    call.event(GivenBack(20, "anna", "carta"))
    assert call.state.failures == 0


SHUT = BOOK.replace("aiuto: {max_wait: 60s}", "aiuto: {max_wait: 60s, calendar: mai, when_closed: callback}").replace(
    "queues:\n", "calendars:\n  mai: {tz: Europe/Rome, week: {mon: ['08:00-12:00']}}\nqueues:\n"
)
OPEN, CLOSING = "2026-05-04T11:59:59+02:00", 2_000


@pytest.mark.parametrize("returns", [True, False])
def test_an_operator_who_waits_has_the_caller_again_after_hours_too(returns: bool) -> None:
    call = talking(SHUT, OPEN)
    call.event(GivenBack(CLOSING, "anna", "carta", returns))
    call.types("123")
    call.state = call.state.__class__.from_json(call.state.to_json() | {"clock": "2026-05-04T12:30:00+02:00"})
    call.types("4")
    if returns:
        assert call.handoff.queue == "aiuto"
    else:
        assert call.callback.queue == "aiuto"


def test_a_flow_with_a_flaw_brings_the_caller_back_to_a_human() -> None:
    reads_too_early = "    - if: carta > 3\n      then: [{say: bye}]\n"
    flawed = BOOK.replace("  carta:\n    - fill:", f"  carta:\n{reads_too_early}    - fill:")
    call = talking(flawed)
    call.event(GivenBack(20, "anna", "carta", returns=True))
    assert (call.said, call.notes) == (["failure"], ["part_failed"])
    assert (call.handoff.reason, call.state.kept) == ("failure", True)


def test_when_nobody_takes_them_the_second_time_they_are_called_back() -> None:
    call = talking()
    call.event(GivenBack(20, "anna", "carta"))
    call.types("1234")
    call.event(HandoffFailed(30, "aiuto", "nobody_available"))
    assert call.callback.slots == {"tasto": "0", "carta": MASK}


def problems(text: str) -> list[str]:
    with pytest.raises(FlowbookErrors) as wrong:
        read_flowbook(text)
    return [error.message for error in wrong.value.errors]


def warnings(book: Flowbook) -> list[str]:
    return [warning.message for warning in book.warnings]


def test_what_is_checked() -> None:
    assert problems(BOOK.replace("handback:\n  carta:", "handback:\n  cartta:")) == [
        "there is no flow 'cartta'; flows: welcome, carta"
    ]
    assert problems(BOOK.replace("title: {it: La carta}", "title: {en: The card}")) == [
        "operators need a title to choose it by; add title.it",
        "'en' is no language of this flowbook",
    ]
    back = BOOK.replace("    - handoff: aiuto\n      with: [carta]\n", "    - return: true\n")
    assert problems(back) == ["a call can come to 'carta' without a jump, and then there is nothing to return to"]
    ends = BOOK.replace("    - handoff: aiuto\n      with: [carta]\n", "    - end: answered\n")
    why = "no handoff can be reached from here, so the operator would wait until the caller asks for one"
    assert warnings(read_flowbook(ends)) == [why]
    assert warnings(read_flowbook(ends.replace(", returns: true", ""))) == []
    assert warnings(read_flowbook(BOOK)) == []


def test_editors_know_the_section() -> None:
    schema = json_schema()
    assert schema["$defs"]["Handback"]["required"] == ["title"]
    assert "handback" in schema["properties"]


def test_the_value_is_read_back_to_the_caller_alone(bookshop: Flowbook) -> None:
    call = Conversation(bookshop)
    call.types("0")
    call.event(OperatorJoined(10, "anna"))
    call.event(GivenBack(20, "anna", "tessera", returns=True))
    call.types("71234567")
    (asked,) = [one for one in call.last if isinstance(one, Say)]
    assert "sette uno due" in asked.text
    assert asked.shown == "Tessera • • •: è giusto?"
    call.types("1")
    assert call.handoff.slots == {"livello": "oro", "tessera": MASK}
