"""Whole dialogs without sound: what the caller does, what the bot does."""

from __future__ import annotations

from dialogs import Flowbook
from dialogs.events import HandoffFailed, HearingLost, LookedUp, OperatorJoined, PartFailed, QueueMoved, Say
from tests.dialogs.conversation import Conversation, article


def test_every_call_begins_with_the_disclosure_that_cannot_be_interrupted(shop: Flowbook) -> None:
    call = Conversation(shop)
    assert call.said == ["disclosure", "hello"]
    first, second = (action for action in call.last if isinstance(action, Say))
    assert not first.interruptible
    assert second.interruptible
    assert call.listen.expects == "open"
    assert call.listen.phrases == ()


def test_a_question_is_answered_from_the_knowledge_base_and_more_help_is_offered(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("Quali sono gli orari?")
    assert call.lookup.text == "Quali sono gli orari?"
    assert call.lookup.intents == ("order", "survey", "operator")
    assert call.finds("answer", article("hours", 0.93)) == ["answer hours", "anything"]
    (answer, _) = (action for action in call.last if isinstance(action, Say))
    assert (answer.article, answer.article_version, answer.score) == ("hours", "v1", 0.93)
    assert call.says("No grazie, è tutto.") == ["bye"]
    assert call.end.outcome == "answered"
    assert call.hangs_up("bot_ended") == "answered"


def test_thanks_alone_mean_no(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("orari")
    call.finds("answer", article("hours"))
    assert call.says("Grazie mille, arrivederci!") == ["bye"]


def test_yes_leads_on_and_a_question_after_yes_is_a_question(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("orari")
    call.finds("answer", article("hours"))
    call.says("Sì, quanto costa la spedizione?")
    assert call.lookup.text == "Sì, quanto costa la spedizione?"
    call.finds("answer", article("shipping"))
    assert call.says("Sì, grazie.") == ["hello"]


def test_the_order_number_by_voice_read_back_digit_by_digit(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("Dov'è il mio ordine?")
    assert call.finds("reject", intents=(("order", 0.99),)) == ["ask_number"]
    assert call.listen.expects == "digits"
    call.says("Quattro sette uno due nove zero.")
    assert call.texts == ["quattro sette uno, due nove zero, giusto?"]
    assert call.listen.expects == "yes_no"
    call.says("Sì, certo.")
    assert call.texts == ["L'ordine 471290 è spedito.", "Posso aiutarla in altro?"]
    assert call.hangs_up() == "abandoned"


def test_the_order_number_by_keys_comes_key_by_key(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    assert call.said == ["ask_number"]
    call.types("47129")
    assert call.said == []
    assert call.listen.timeout_ms == 3000
    assert call.types("0") == ["confirm_number"]
    assert call.types("1") == ["shipped", "anything"]


def test_speech_and_keys_mix_and_a_pause_in_dictation_is_no_failure(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    call.says("quattro sette uno")
    assert call.said == []
    assert call.state.failures == 0
    call.types("2")
    call.says("novanta")
    assert call.texts == ["quattro sette uno, due nove zero, giusto?"]


def test_star_begins_again_and_hash_says_that_the_number_is_over(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    call.types("999*")
    assert call.state.failures == 0
    call.types("12#")
    assert call.said == ["pardon", "ask_number"]
    assert call.state.failures == 1


def test_a_wrong_number_is_corrected(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    call.says("471291")
    assert call.says("No, quattro sette uno due nove zero") == ["confirm_number"]
    assert call.texts == ["quattro sette uno, due nove zero, giusto?"]
    assert "slot_rejected" in call.notes
    call.says("no")
    assert call.said == ["number_keys"]  # the second failure: with the keys, without "I did not understand"
    call.types("800000")
    assert call.says("esatto") == ["in_work", "anything"]


def test_conditions_choose_and_the_operator_gets_the_slots(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    call.types("912345")
    call.says("sì")
    assert call.handoff.queue == "orders"
    assert call.handoff.priority == 9
    assert dict(call.handoff.slots) == {"number": "912345", "reason": "check", "urgent": "true"}
    english = Conversation(shop, "en")
    english.types("1")
    english.types("912345")
    assert english.says("yes") == ["in_work", "anything"]


def test_all_kinds_of_slots(shop: Flowbook) -> None:
    call = Conversation(shop)
    assert call.types("2") == ["ask_copies"]
    assert call.says("trenta") == ["pardon", "ask_copies"]  # more than 20
    assert call.says("Dodici, grazie") == ["confirm_copies", "ask_gift"]
    assert call.texts[0] == "12 copie."
    assert call.says("sì è un regalo") == ["ask_courier"]
    assert call.says("il secondo") == ["confirm_courier"]
    assert call.texts == ["Con posta ordinaria?"]
    assert call.says("no") == ["ask_courier"]
    assert call.says("con il corriere espresso") == ["confirm_courier"]
    assert call.types("1") == ["we_call"]
    assert call.callback.number == "+39051123456"
    assert dict(call.callback.slots) == {"copies": "12", "courier": "express"}
    assert call.hangs_up("bot_ended") == "callback"


def test_all_kinds_of_slots_by_keys(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("2")
    call.types("3")
    assert call.is_silent() == ["confirm_copies", "ask_gift"]  # the pause ends the number
    assert call.types("2") == ["ask_courier"]
    assert call.types("1") == ["confirm_courier"]
    call.types("1")
    assert call.texts[0] == "Regalo: no; espresso."


def test_did_you_mean_by_title_number_and_key(shop: Flowbook) -> None:
    two = (article("spedizione estero", 0.6), article("spedizione italia", 0.5), article("vendita", 0.01))
    for choose in (
        lambda call: call.says("Italia."),
        lambda call: call.says("la seconda"),
        lambda call: call.types("2"),
        lambda call: (call.says("quella qui da noi"), call.finds("choose", article("spedizione italia", 0.5)))[-1],
    ):
        call = Conversation(shop)
        call.says("spedizione")
        assert call.finds("choose", *two) == ["did_you_mean"]
        assert call.texts == ["Intende title spedizione estero o title spedizione italia?"]
        assert call.listen.expects == "choice"
        assert choose(call) == ["answer spedizione italia", "anything"]


def test_did_you_mean_with_one_article_is_yes_or_no(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("quelle cose")
    call.finds("choose", article("resi", 0.5))
    assert call.listen.expects == "yes_no"
    assert call.says("sì") == ["answer resi", "anything"]
    call = Conversation(shop)
    call.says("quelle cose")
    call.finds("choose", article("resi", 0.5))
    assert call.says("no") == ["pardon", "hello"]
    assert call.notes == ["article_rejected", "no_match"]


def test_keys_are_explained_when_choosing_does_not_work(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("spedizione")
    call.finds("choose", article("a", 0.6), article("b", 0.5))
    call.is_silent()
    assert call.is_silent() == ["silence", "did_you_mean", "did_you_mean_key", "did_you_mean_key"]
    assert call.types("1") == ["answer a", "anything"]


def test_a_sensitive_article_goes_to_a_human(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("i miei dati")
    assert call.finds("answer", article("privacy", sensitive=True, queue="orders")) == ["passing_on"]
    assert call.handoff.queue == "orders"


def test_the_answer_step_looks_up_what_was_said_or_asks(shop: Flowbook) -> None:
    call = Conversation(shop)
    assert call.types("3") == ["ask_question"]
    call.says("avete libri usati")
    assert call.lookup.intents == ()
    assert call.finds("answer", article("used")) == ["answer used", "anything"]


def test_the_ladder_escalates_from_reprompt_over_keys_to_an_operator(shop: Flowbook) -> None:
    call = Conversation(shop)
    said = []
    for _ in range(3):
        call.says("blabla")
        said.append(call.finds("reject", article("hours", 0.1)))
    assert said == [["pardon", "hello"], ["pardon", "keys"], ["to_desk"]]
    assert (call.handoff.queue, call.handoff.reason, call.handoff.max_wait_ms) == ("desk", "repair", 90_000)


def test_silence_ends_the_call_as_its_ladder_says(shop: Flowbook) -> None:
    call = Conversation(shop)
    assert call.is_silent() == ["silence", "hello"]
    assert call.is_silent() == ["silence", "keys"]
    assert call.is_silent() == ["bye"]
    assert call.end.outcome == "no_input"
    assert call.hangs_up("bot_ended") == "no_input"


def test_the_tries_of_a_slot_are_fewer_than_the_ladder(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    call.says("boh")
    call.is_silent()
    assert call.says("non saprei") == ["to_desk"]


def test_the_budget_of_the_call_ends_what_no_single_ladder_ends(shop: Flowbook) -> None:
    call = Conversation(shop)
    for _ in range(7):  # each question fails once only
        call.says("blabla")
        if call.finds("reject") == ["to_desk"]:
            break
        call.says("orari")
        call.finds("answer", article("hours"))
    else:
        call.says("blabla")
        assert call.finds("reject") == ["to_desk"]
    assert call.state.failures == shop.repair.call_budget


def test_operator_repeat_and_cancel_are_understood_anywhere(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    assert call.says("Come, scusi?") == ["ask_number"]
    assert call.listen.expects == "digits"
    assert call.says("Annulla") == ["anything"]
    assert call.says("Vorrei parlare con un operatore, per favore.") == ["passing_on"]
    assert call.handoff.reason == "asked"


def test_key_zero_is_the_operator_except_within_a_number(shop: Flowbook) -> None:
    call = Conversation(shop)
    assert call.types("0") == ["passing_on"]
    call = Conversation(shop)
    call.types("1")
    call.types("000000")
    assert call.said == ["confirm_number"]
    assert call.types("0") == ["passing_on"]


def test_repeat_says_the_answer_and_the_question_again(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("orari")
    call.finds("answer", article("hours"))
    assert call.says("Può ripetere?") == ["answer hours", "anything"]
    call.says("xyz")
    assert call.finds("reject") == ["pardon", "anything"]
    assert call.says("Può ripetere?") == ["anything"]  # not the apology


def test_waiting_in_the_queue_and_being_taken(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("operatore")
    call.event(QueueMoved(2, "desk", 3))
    assert call.texts == ["Numero 3."]
    call.event(QueueMoved(3, "desk", 1))
    assert call.said == ["queue_next"]
    call.event(OperatorJoined(4, "anna"))
    assert call.said == []
    assert call.says("Buongiorno") == []
    assert call.hangs_up("operator_ended") == "handed_off"


def test_leaving_the_queue_is_abandoning(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("orari")
    call.finds("answer", article("hours"))
    call.says("operatore")
    assert call.hangs_up() == "abandoned"


def test_when_nobody_takes_the_call_the_caller_is_called_back(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    call.types("412345")
    call.says("operatore")
    call.event(HandoffFailed(5, "desk", "nobody_available"))
    assert call.said == ["nobody_available"]
    assert (call.callback.queue, call.callback.reason, call.callback.number) == (
        "desk",
        "nobody_available",
        "+39051123456",
    )
    assert call.end.outcome == "callback"
    assert call.hangs_up("bot_ended") == "callback"


def test_a_call_back_is_not_promised_to_a_withheld_number(shop: Flowbook) -> None:
    call = Conversation(shop, caller="")
    call.says("operatore")
    call.event(HandoffFailed(5, "desk", "nobody_available"))
    assert call.said == ["nobody_available_no_number"]


def test_an_operator_who_is_lost_in_mid_call(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("operatore")
    call.event(OperatorJoined(4, "anna"))
    call.event(HandoffFailed(5, "desk", "operator_lost"))
    assert call.said == ["nobody_available"]
    assert call.hangs_up("bot_ended") == "callback"


def test_lost_hearing_asks_once_and_then_passes_the_call_on(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.types("1")
    call.event(HearingLost(3))
    assert call.said == ["hearing_lost"]
    assert call.listen.expects == "digits"
    call.event(HearingLost(4, repeated=True))
    assert call.said == ["passing_on"]
    assert call.handoff.reason == "failure"


def test_a_failed_part_leads_to_a_human(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("orari")
    call.event(PartFailed(3, "search", "index is gone"))
    assert call.said == ["failure"]
    assert call.handoff.reason == "failure"
    call.event(PartFailed(3, "synthesis", "voice is gone"))
    assert call.said == []  # once is enough


def test_a_late_or_foreign_search_result_is_ignored(shop: Flowbook) -> None:
    call = Conversation(shop)
    call.says("orari")
    first = call.state.words
    call.says("anzi, la spedizione")
    before = call.state
    call.event(LookedUp(2, first, "answer", (article("hours"),)))
    assert call.last == ()
    assert call.state == before
    assert call.finds("answer", article("shipping")) == ["answer shipping", "anything"]


def test_korean_callers_are_heard_with_a_grammar_that_has_the_commands(shop: Flowbook) -> None:
    call = Conversation(shop, "ko")
    assert call.listen.phrases[:2] == ("영업 시간", "배송")
    assert "상담원" in call.listen.phrases
    call.says("영업 시간")
    call.finds("answer", article("hours"))
    assert call.says("아니요") == ["bye"]
    call = Conversation(shop, "ko")
    call.types("1")
    assert "칠" in call.listen.phrases
    call.says("사칠일 이구공")
    assert call.texts == ["사 칠 일, 이 구 영 맞습니까?"]
    assert call.says("네") == ["shipped", "anything"]


def test_an_unknown_language_is_answered_in_the_default_one(shop: Flowbook) -> None:
    call = Conversation(shop, "fr")
    assert call.texts[0] == "Risponde un assistente virtuale automatico."
    assert "language_unknown" in call.notes


def test_a_condition_that_fails_leads_to_a_human_and_says_why(bad_condition: Flowbook) -> None:
    call = Conversation(bad_condition)
    assert call.said == ["disclosure", "failure"]
    assert call.handoff.reason == "failure"
    (note,) = (action for action in call.last if getattr(action, "topic", "") == "part_failed")
    assert "no such overload" in str(note)
