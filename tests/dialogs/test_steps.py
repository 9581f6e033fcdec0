"""What each step does in a call, on a restaurant's line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dialogs import Flowbook
from dialogs.contact import Contact, Interaction, Matter
from dialogs.events import Callback, CallerSaid, End, HandoffFailed, Say, SwitchLanguage
from tests.dialogs.conversation import Conversation, article

FRIDAY_NOON = "2026-11-27T12:30:00+01:00"
FRIDAY_NIGHT = "2026-11-27T23:30:00+01:00"


def call_on(book: Flowbook, clock: str = FRIDAY_NOON, contact: Mapping[str, Any] | None = None) -> Conversation:
    return Conversation(book, clock=clock, contact=contact or {})


def booked(book: Flowbook) -> Conversation:
    """A caller who has said all, and waits for the answer of the restaurant's system."""
    call = call_on(book)
    call.says("vorrei prenotare per domani alle otto per quattro persone")
    call.says("sì")
    call.says("Rossi")
    return call


# ---------------------------------------------------------------------------------------------------------------- menu
@pytest.mark.parametrize("choose", ["asporto", "il secondo", "da portare via, grazie"])
def test_a_menu_is_answered_by_name_number_or_key(tavola: Flowbook, choose: str) -> None:
    call = call_on(tavola)
    assert call.said == ["disclosure", "choose"]
    assert call.listen.expects == "choice"
    assert call.says(choose) == ["come_in"]
    by_key = call_on(tavola)
    assert by_key.types("2") == ["come_in"]


def test_a_menu_that_is_not_understood_climbs_the_ladder(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.says("boh")
    assert call.finds("reject") == ["pardon", "choose"]
    call.says("boh")
    assert call.finds("reject") == ["pardon", "choose_keys"]
    call.says("boh")
    assert call.finds("reject") == ["to_desk"]


# ---------------------------------------------------------------------------------------------------------------- fill
def test_everything_said_at_once_is_not_asked_again(tavola: Flowbook) -> None:
    call = call_on(tavola)
    assert call.says("vorrei prenotare per domani alle otto per quattro persone") == ["confirm_day", "confirm_people"]
    assert call.texts == ["28 novembre 2026.", "In 4?"]
    assert call.says("sì") == ["ask_name"]
    assert dict(call.state.slots) == {"day": "2026-11-28", "hour": "20:00", "people": 4}


def test_what_is_said_of_other_slots_is_kept_and_what_is_missing_is_asked(tavola: Flowbook) -> None:
    call = call_on(tavola)
    assert call.types("1") == ["ask_day"]
    assert call.says("alle nove in due persone") == ["ask_day"]
    assert call.state.failures == 0
    assert call.says("sabato") == ["confirm_day", "confirm_people"]
    assert call.says("no") == ["ask_people"]
    assert call.says("in tre") == ["confirm_people"]
    call.says("sì")
    assert dict(call.state.slots) == {"day": "2026-11-28", "hour": "21:00", "people": 3}


def test_no_i_meant_corrects_the_answer_before(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("1")
    assert call.says("venerdì") == ["confirm_day", "ask_hour"]
    assert call.says("no, volevo dire sabato") == ["confirm_day", "ask_hour"]
    assert "slot_corrected" in call.notes
    assert call.texts[0] == "28 novembre 2026."
    assert call.says("alle nove") == ["ask_people"]
    assert call.says("anzi, alle otto") == ["ask_people"]
    assert call.state.slots["hour"] == "20:00"


def test_a_slot_is_corrected_by_its_name_even_while_another_is_confirmed(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("1")
    call.says("venerdì alle nove in quattro persone")
    assert call.said == ["confirm_day", "confirm_people"]
    assert call.says("no, ho sbagliato la data") == ["ask_day"]
    assert call.says("domenica") == ["confirm_day", "confirm_people"]
    call.says("sì")
    assert dict(call.state.slots) == {"day": "2026-11-29", "hour": "21:00", "people": 4}


def test_the_correct_command_comes_back_from_a_later_step(tavola: Flowbook) -> None:
    call = booked(tavola)
    call.answers({"free": True, "deposit": 20})
    assert call.listen.expects == "number"
    assert call.says("ho sbagliato") == ["ask_name"]
    assert call.says("Bianchi") == []  # the name again, then the same request with it
    assert call.request.values["name"] == "Bianchi"


def test_where_nothing_was_answered_yet_there_is_nothing_to_take_back(tavola: Flowbook) -> None:
    call = call_on(tavola)
    assert call.says("ho sbagliato") == ["pardon", "choose"]
    call.types("1")
    assert call.says("ho sbagliato") == ["pardon", "ask_day"]


def test_a_question_in_between_is_answered_and_the_first_one_asked_again(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("1")
    call.says("avete piatti senza glutine")
    assert call.lookup.articles
    assert call.finds("answer", article("gluten")) == ["answer gluten", "ask_day"]
    assert call.state.failures == 0
    call.says("domani")
    call.says("alle otto")
    call.says("in quattro")
    call.says("quanto costa il coperto")
    assert call.finds("answer", article("cover")) == ["answer cover", "confirm_people"]
    assert call.says("sì") == ["ask_name"]


def test_an_intent_in_between_runs_its_flow_and_returns(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("1")
    call.says("domani")
    call.says("dove parcheggio")
    assert call.finds("reject", intents=(("parking", 0.9),)) == ["parking", "ask_hour"]
    assert call.says("alle otto") == ["ask_people"]
    assert call.state.stack == ()


def test_cancel_forgets_where_to_return(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("1")
    call.says("domani alle otto per quattro persone")
    call.says("sì")
    assert len(call.state.stack) == 1
    assert call.says("annulla") == ["choose"]
    assert call.state.stack == ()


# ---------------------------------------------------------------------------------------------------------------- call
def test_another_system_is_asked_and_its_answer_used(tavola: Flowbook) -> None:
    call = booked(tavola)
    request = call.request
    assert (request.method, request.timeout_ms, request.retries) == ("POST", 2000, 1)
    assert request.url == "{env.BOOKINGS}/tables/{day}"
    assert request.headers["Authorization"] == "Bearer {env.BOOKINGS_TOKEN}"
    assert request.values == {"day": "2026-11-28", "hour": "20:00", "people": 4, "name": "Rossi"}
    assert request.filler is not None
    assert request.filler.text == "Controllo."
    assert call.state.phase == "calling"
    assert call.answers({"free": True, "deposit": "20.5"}) == ["booked", "how_was_it"]
    assert call.texts[0] == "Fatto: il 28 novembre 2026 alle 20:00 per 4, 20,50 € di caparra."


def test_no_answer_leads_to_the_error_branch(tavola: Flowbook) -> None:
    call = booked(tavola)
    assert call.answers(ok=False, status=0, error="no answer within 2000 ms") == ["failure"]
    assert "call_failed" in call.notes
    assert call.handoff.queue == "desk"
    assert call.state.results["reply"] is None


def test_while_another_system_is_asked_only_the_operator_is_heard(tavola: Flowbook) -> None:
    call = booked(tavola)
    assert call.says("pronto?") == []
    assert call.notes == ["ignored"]
    assert call.says("operatore") == ["passing_on"]
    assert call.answers({"free": True}) == []  # too late


# ------------------------------------------------------------------------------------------------------------- message
def test_a_message_goes_to_the_caller_and_the_flow_goes_on(tavola: Flowbook) -> None:
    call = booked(tavola)
    call.answers({"free": True, "deposit": 20})
    message = call.message
    assert (message.id, message.channel, message.to) == (0, "sms", "+39051123456")
    assert message.text == "Prenotato il 28 novembre 2026 alle 20:00."


# -------------------------------------------------------------------------------------------------------------- survey
def test_a_survey_is_an_event_with_a_comment_when_the_score_is_low(tavola: Flowbook) -> None:
    call = booked(tavola)
    call.answers({"free": True, "deposit": 20})
    assert call.says("due") == ["what_was_wrong"]
    call.says("ho aspettato troppo")
    assert (call.survey.survey, call.survey.score, call.survey.scale) == ("booking", 2, 5)
    assert (call.survey.comment, call.survey.answered_by) == ("ho aspettato troppo", "voice")
    assert call.end.outcome == "answered"


def test_a_survey_by_key_and_one_that_nobody_answers(tavola: Flowbook) -> None:
    call = booked(tavola)
    call.answers({"free": False})
    call.types("5")
    assert (call.survey.score, call.survey.answered_by) == (5, "key")
    silent = booked(tavola)
    silent.answers({"free": False})
    assert silent.is_silent() == ["how_was_it"]
    assert silent.is_silent() == []
    assert silent.end.outcome == "answered"


# ----------------------------------------------------------------------------------------------------- open and queues
def test_a_closed_kitchen_says_when_it_opens(tavola: Flowbook) -> None:
    call = call_on(tavola, FRIDAY_NIGHT)
    assert call.types("2") == ["opens_at"]
    assert call.texts == ["Riapriamo il 28 novembre 2026 alle 12:00."]
    assert call.end.outcome == "closed"


def test_a_closed_queue_leads_to_its_flow_and_an_open_one_gets_skills_and_a_briefing(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("3")
    assert call.handoff.skills == ("banquets", "menus")
    assert call.handoff.briefing == "Banchetto per 30."
    assert dict(call.handoff.slots) == {"size": "30"}
    assert call.state.slots["half"] == 15
    closed = call_on(tavola, FRIDAY_NIGHT)
    assert closed.types("3") == ["office_closed"]
    assert next(action for action in closed.last if isinstance(action, Callback)).queue == "office"
    assert closed.end.outcome == "callback"


def test_nobody_in_time_is_a_call_back(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("3")
    call.event(HandoffFailed(1, "office", "waited_too_long"))
    assert call.said == ["nobody_available"]
    assert call.callback.queue == "office"


# ------------------------------------------------------------------------------------------------------------ language
def test_the_language_changes_for_texts_and_recognizer(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.says("inglese")
    assert SwitchLanguage("en") in call.last
    assert call.texts == ["A table, takeaway or a banquet?"]
    assert call.says("a table") == ["ask_day"]


# -------------------------------------------------------------------------------------------------------------- verify
def test_a_caller_proves_who_they_are_by_what_they_know(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("4")
    assert call.answers({"code": "0417", "when": "domani"}) == ["ask_code"]
    assert call.says("zero quattro uno otto") == ["pardon", "ask_code"]
    assert not call.state.verified
    assert call.types("0417") == ["your_booking", "failure"]  # no address is known: `on_error`
    assert call.state.verified
    assert "0417" not in str(call.state.slots)


def test_a_caller_who_does_not_know_it_learns_nothing(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("4")
    call.answers({"code": "0417", "when": "domani"})
    call.says("1111")
    assert call.says("2222") == ["stranger"]
    assert not call.state.verified


def test_where_nothing_is_known_nothing_is_proved(tavola: Flowbook) -> None:
    call = call_on(tavola)
    call.types("4")
    call.answers({"code": "", "when": "domani"})
    call.says("1111")
    assert call.says("0000") == ["stranger"]


# ------------------------------------------------------------------------------------------------------------- contact
def test_what_the_history_knows_is_in_conditions_and_texts(tavola: Flowbook) -> None:
    known = Contact(
        True, "Anna Rossi", 3, Interaction("email", "2026-11-20", "menu"), (Matter("order", "la torta", "2026-11-26"),)
    )
    call = call_on(tavola, contact=known.facts())
    assert call.texts[1] == "Anna Rossi, mi chiama per la torta del 26 novembre 2026?"
    assert call_on(tavola).said == ["disclosure", "choose"]


# --------------------------------------------------------------------------------------------------------------- texts
def test_a_missing_text_is_said_in_the_default_language_and_noted(tavola: Flowbook) -> None:
    texts = {**tavola.texts, "choose": {"it": "Un tavolo?"}}
    call = Conversation(tavola.model_copy(update={"texts": texts}), "en", clock=FRIDAY_NOON)
    assert call.texts[1] == "Un tavolo?"
    assert {action.language for action in call.last if isinstance(action, Say)} == {"en", "it"}
    assert "text_missing" in call.notes


def test_an_error_in_a_call_still_ends_with_a_human(tavola: Flowbook) -> None:
    call = Conversation(tavola)  # without a clock nobody can say what is open
    assert call.types("2") == ["failure"]
    assert call.handoff.reason == "failure"


def test_who_says_nothing_ends_within_the_budget_although_the_office_is_closed(tavola: Flowbook) -> None:
    call = call_on(tavola, FRIDAY_NIGHT)
    for _ in range(tavola.repair.call_budget):
        call.is_silent()
    assert call.state.phase == "queued"
    call.event(CallerSaid(1, "pronto"))
    assert not any(isinstance(action, End) for action in call.last)
