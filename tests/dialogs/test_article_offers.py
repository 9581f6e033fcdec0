"""After an answer: details and an address for callers who want them, a fitting queue for those who want a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs import Flowbook, engine
from dialogs.events import CallStarted, Message
from dialogs.state import State
from tests.dialogs.conversation import Conversation, article

SHIPPING = replace(article("abroad", queue="ordini"), more="the details", link="https://shop.example/abroad")


def call(book: Flowbook, *sends: str, caller: str = "+39051123456") -> Conversation:
    conversation = Conversation(book)
    conversation.state = engine.start(book, "it")
    conversation.event(CallStarted(0, "line", "it", caller, sends=sends))
    return conversation


def answered(book: Flowbook, *sends: str, caller: str = "+39051123456") -> Conversation:
    conversation = call(book, *sends, caller=caller)
    conversation.says("spedite all'estero")
    conversation.finds("answer", SHIPPING)
    return conversation


def test_details_are_given_to_callers_who_want_them(bookshop: Flowbook) -> None:
    caller = answered(bookshop)
    assert caller.said == ["answer abroad", "more_offer"]
    assert caller.listen.expects == "yes_no"
    assert caller.says("sì, grazie") == ["the details", "anything_else"]


@pytest.mark.parametrize("said", ["no", "no grazie", "grazie"])
def test_who_wants_no_details_goes_on(bookshop: Flowbook, said: str) -> None:
    assert answered(bookshop, "sms").says(said) == ["anything_else"]


def test_silence_is_a_no_and_no_failure(bookshop: Flowbook) -> None:
    caller = answered(bookshop)
    assert caller.is_silent() == ["anything_else"]
    assert caller.state.failures == 0


def test_keys_answer_an_offer(bookshop: Flowbook) -> None:
    assert answered(bookshop).types("1") == ["the details", "anything_else"]
    assert answered(bookshop).types("2") == ["anything_else"]


def test_another_question_is_answered_instead(bookshop: Flowbook) -> None:
    caller = answered(bookshop)
    caller.says("e quanto costa in Italia")
    assert caller.finds("answer", article("cost")) == ["answer cost", "anything_else"]


def test_a_yes_in_more_words_is_a_yes(bookshop: Flowbook) -> None:
    caller = answered(bookshop)
    caller.says("sì mi dica tutto")
    assert caller.finds("reject") == ["the details", "anything_else"]


def test_what_is_not_understood_is_asked_again(bookshop: Flowbook) -> None:
    caller = answered(bookshop)
    caller.says("azzurro mare bicicletta")
    assert caller.finds("reject") == ["not_understood", "more_offer"]
    assert caller.says("sì") == ["the details", "anything_else"]


def test_an_address_is_sent_where_messages_can_be_sent(bookshop: Flowbook) -> None:
    caller = answered(bookshop, "sms")
    assert caller.says("sì") == ["the details", "link_offer"]
    caller.says("sì")
    assert caller.message == Message(
        1, "sms", "+39051123456", "Libreria Portici, title abroad: https://shop.example/abroad", "it"
    )
    assert caller.answers() == ["link_sent", "anything_else"]


def test_a_message_that_does_not_leave_is_admitted(bookshop: Flowbook) -> None:
    caller = answered(bookshop, "sms")
    caller.says("sì")
    caller.says("sì")
    assert caller.answers(ok=False, error="status 503") == ["link_not_sent", "anything_else"]
    assert "message_not_sent" in caller.notes


@pytest.mark.parametrize(("sends", "caller"), [((), "+39051123456"), (("email",), "+39051123456"), (("sms",), "")])
def test_no_message_is_offered_that_could_not_arrive(bookshop: Flowbook, sends: tuple[str, ...], caller: str) -> None:
    conversation = answered(bookshop, *sends, caller=caller)
    assert conversation.says("sì") == ["the details", "anything_else"]


def test_an_address_alone_is_offered_after_the_answer(bookshop: Flowbook) -> None:
    caller = call(bookshop, "sms")
    caller.says("spedite all'estero")
    assert caller.finds("answer", replace(SHIPPING, more="")) == ["answer abroad", "link_offer"]


def test_a_flowbook_without_the_texts_offers_nothing(shop: Flowbook) -> None:
    caller = call(shop, "sms")
    caller.says("spedite all'estero")
    caller.finds("answer", SHIPPING)
    assert caller.said[0] == "answer abroad"
    assert caller.state.mode == ""


def test_who_asks_for_a_person_after_an_answer_gets_its_queue(bookshop: Flowbook) -> None:
    caller = answered(bookshop)
    caller.says("un operatore")
    assert caller.handoff.queue == "ordini"


def test_another_answer_or_task_leads_to_the_usual_queue_again(bookshop: Flowbook) -> None:
    caller = answered(bookshop)
    caller.says("no")
    caller.says("a che ora aprite")
    caller.finds("answer", article("hours"))
    caller.says("un operatore")
    assert caller.handoff.queue == "assistenza"
    caller = answered(bookshop)
    caller.says("no")
    caller.types("1")
    caller.says("un operatore")
    assert caller.handoff.queue == "assistenza"


def test_what_a_call_that_is_older_remembers_still_loads(bookshop: Flowbook) -> None:
    stored = answered(bookshop).state.to_json()
    for name in ("sends", "knows_more"):
        del stored[name]
    for candidate in stored["candidates"]:
        stored["candidates"] = [{k: v for k, v in candidate.items() if k not in ("more", "link")}]
    assert State.from_json(stored).candidates[0].more == ""
