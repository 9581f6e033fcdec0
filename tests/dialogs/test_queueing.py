"""What a waiting caller hears and may say."""

from __future__ import annotations

import pytest

from dialogs.events import CallEnded, HandoffFailed, Listen, OfferFailed, OperatorJoined, QueueMoved
from dialogs.flowbook import Flowbook
from dialogs.loading import load_flowbook, read_flowbook
from dialogs.queueing import hear_call_me_back
from samples import __file__ as samples_file
from tests.dialogs.conversation import Conversation
from tests.telephony.conftest import FLOWBOOK


@pytest.fixture(scope="module")
def book() -> Flowbook:
    return load_flowbook(samples_file.replace("__init__.py", "bookshop/flowbook.yaml"))


def waits(book: Flowbook, caller: str = "+39051123456", language: str = "it") -> Conversation:
    call = Conversation(book, language, caller)
    call.types("0")
    assert call.handoff.max_length == 10
    return call


def moved(call: Conversation, at_s: int, place: int, wait_s: int | None = None) -> list[str]:
    call.event(QueueMoved(at_s * 1000, "assistenza", place, None if wait_s is None else wait_s * 1000))
    return call.said


def test_place_and_wait_then_after_a_while_the_offer(book: Flowbook) -> None:
    call = waits(book)
    assert moved(call, 10, 3) == ["queue_place"]
    assert moved(call, 20, 2, 400) == ["queue_place", "queue_wait"]
    assert "7 minuti" in call.texts[1]
    assert moved(call, 39, 1, 50) == ["queue_next", "queue_wait_short"]
    assert moved(call, 40, 1, 7200) == ["queue_next", "queue_wait_long", "queue_callback_offer"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Il collega non è disponibile, la tengo in linea."),
        ("en", "My colleague is not available, please stay on the line."),
        ("ko", "지금은 담당자가 전화를 받을 수 없습니다. 잠시만 더 기다려 주세요."),
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_who_is_not_taken_hears_so_and_waits_on(book: Flowbook, language: str, text: str, own: bool) -> None:
    texts = {key: said for key, said in book.texts.items() if own or key != "not_taken"}
    call = waits(book.model_copy(update={"texts": texts}), language=language)
    moved(call, 10, 1)
    call.event(OfferFailed(15_000, "assistenza"))
    assert (call.said, call.texts) == (["not_taken"], [text])
    assert call.state.phase == "queued"
    assert moved(call, 40, 1)[0] == "queue_next"


def test_who_talks_already_hears_nothing_of_an_offer(book: Flowbook) -> None:
    call = waits(book)
    call.event(OperatorJoined(10_000, "anna"))
    call.event(OfferFailed(11_000, "assistenza"))
    assert call.said == []


def test_one_keeps_the_place_and_ends_the_call(book: Flowbook) -> None:
    call = waits(book)
    moved(call, 10, 3)
    assert call.types("1") == []  # nothing was offered yet
    moved(call, 60, 2)
    assert call.types("1") == ["queue_callback_promised"]
    assert (call.callback.queue, call.callback.reason, call.callback.number) == (
        "assistenza",
        "asked_in_queue",
        "+39051123456",
    )
    assert call.end.outcome == "callback"
    assert call.hangs_up("bot_ended") == "callback"


def test_words_are_enough_at_any_time_and_others_are_only_heard(book: Flowbook) -> None:
    call = waits(book)
    moved(call, 10, 3)
    assert call.says("che musica terribile") == []
    assert call.says("senta, richiamatemi voi per favore") == ["queue_callback_promised"]


def test_who_hides_their_number_is_offered_nothing(book: Flowbook) -> None:
    call = waits(book, caller="")
    moved(call, 10, 1)
    assert moved(call, 90, 1) == ["queue_next"]
    assert call.types("1") == []
    assert call.says("richiamatemi") == []


def test_a_recognizer_with_a_grammar_knows_the_words(book: Flowbook) -> None:
    call = waits(book, language="ko")
    moved(call, 10, 1)
    (listen,) = [action for action in call.last if isinstance(action, Listen)]
    assert "다시 전화해 주세요" in listen.phrases
    call.event(CallEnded(20_000, "caller_hung_up"))


def test_a_way_out_that_leads_back_is_taken_once() -> None:
    shop = read_flowbook(
        FLOWBOOK.replace("aiuto: {max_wait: 60s}", "aiuto: {max_wait: 60s, when_full: altrove}").replace(
            "flows:\n", "flows:\n  altrove: [{say: again}, {handoff: aiuto}]\n"
        )
    )
    call = Conversation(shop)
    call.types("0")
    call.event(HandoffFailed(1, "aiuto", "full"))
    assert call.said == ["again"]
    assert call.handoff.queue == "aiuto"
    call.event(HandoffFailed(2, "aiuto", "full"))
    assert (call.said, call.callback.reason, call.end.outcome) == (["nobody_available"], "full", "callback")


@pytest.mark.parametrize(
    ("text", "code", "asked"),
    [
        ("mi può richiamare", "it", False),
        ("preferisco essere richiamata", "it", True),
        ("please call me back", "en", True),
        ("다시 전화해 주세요", "ko", True),
        ("ho già richiamato tre volte", "it", False),
    ],
)
def test_asking_to_be_called_back(text: str, code: str, asked: bool) -> None:
    assert hear_call_me_back(text, code) is asked


def test_who_is_moved_to_another_queue_waits_by_its_rules(book: Flowbook) -> None:
    call = waits(book)
    assert moved(call, 10, 1)[-1] == "queue_next"
    call.event(QueueMoved(39_000, "ordini", 2))
    assert call.said == ["queue_place"]
    call.event(QueueMoved(41_000, "ordini", 1))
    assert call.said == ["queue_next"]  # 30 s in this queue are not over
    call.event(QueueMoved(69_000, "ordini", 1))
    assert call.said == ["queue_next", "queue_callback_offer"]
    call.event(HandoffFailed(120_000, "ordini", "waited_too_long"))
    assert call.callback.queue == "ordini"


def test_a_queue_of_another_flowbook_changes_no_rules(book: Flowbook) -> None:
    call = waits(book)
    call.event(QueueMoved(10_000, "altrove", 1))
    assert call.said[-1] == "queue_next"
    assert call.state.queue == "assistenza"
