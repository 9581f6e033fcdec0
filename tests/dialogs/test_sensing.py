"""Who is angry or in a hurry reaches a human early, where the flowbook says so; and a replay stays exact."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs.events import CallerSaid, LookedUp, Note, Sensed, from_json, to_json
from dialogs.flowbook import Flowbook
from dialogs.loading import FlowbookErrors, read_flowbook
from dialogs.replay import replay
from dialogs.state import State
from telephony.sensing import Sensing
from tests.dialogs.conversation import Conversation

SHOP = (Path(__file__).parent / "shop.yaml").read_text(encoding="utf-8")
SENSED = "always:\n  sensed: {pass_on: [angry, urgent], raise_priority: 7, queues: {orders: orders}}\n"


def book(sensed: str = SENSED) -> Flowbook:
    return read_flowbook(SHOP.replace("always:\n", sensed, 1), "shop.yaml")


ANGRY = Sensed(1, "orders", "normal", "angry", "vergogna")
URGENT = Sensed(1, "", "high", "neutral", "subito")


@pytest.mark.parametrize(
    ("event", "reason", "queue", "priority"), [(ANGRY, "angry", "orders", 12), (URGENT, "urgent", "desk", 8)]
)
def test_a_human_is_called_at_once_with_more_priority(event: Sensed, reason: str, queue: str, priority: int) -> None:
    call = Conversation(book())
    call.event(event)
    assert call.said == ["passing_on"]
    assert (call.handoff.reason, call.handoff.queue, call.handoff.priority) == (reason, queue, priority)
    [note] = [action for action in call.last if isinstance(action, Note) and action.topic == "sensed"]
    assert note.values["text"] == event.why
    assert call.event(CallerSaid(2, "vergogna")) == ()  # the words themselves find them in the queue
    assert call.event(event) == ()


def test_without_the_section_it_is_only_known() -> None:
    call = Conversation(book("always:\n"))
    assert call.event(ANGRY) == ()
    assert (call.state.topic, call.state.mood, call.state.phase) == ("orders", "angry", "listening")
    call.types("0")
    assert (call.handoff.queue, call.handoff.priority) == ("desk", 1)


def test_who_asks_for_a_human_is_sent_where_their_topic_belongs() -> None:
    call = Conversation(book("always:\n  sensed: {queues: {orders: orders}}\n"))
    call.event(Sensed(1, "orders", "high"))
    call.types("0")
    assert (call.handoff.reason, call.handoff.queue, call.handoff.priority) == ("asked", "orders", 10)


def test_a_queue_that_there_is_not_is_told() -> None:
    with pytest.raises(FlowbookErrors, match="nowhere"):
        book("always:\n  sensed: {queues: {orders: nowhere}}\n")


def test_what_was_sensed_is_replayed_from_the_log_without_a_lexicon() -> None:
    call, sensing = Conversation(book()), Sensing()
    for text in ("dov'è il mio ordine", "è urgente, mi serve subito"):
        said = CallerSaid(2, text)
        for event in sensing.before(said, call.state):
            call.event(event)
        call.event(said)
        if call.state.phase == "looking":
            call.event(LookedUp(3, text, "reject"))
    assert call.state.phase == "queued"
    assert any(isinstance(event, Sensed) for event, _ in call.log)
    again = [
        (from_json(to_json(event)), tuple(from_json(to_json(one)) for one in led_to)) for event, led_to in call.log
    ]
    assert replay(book(), "it", again).same  # type: ignore[arg-type]


def test_the_dialog_hears_of_changes_only() -> None:
    sensing, state = Sensing(), State(language="it")
    assert sensing.before(CallerSaid(1, "buongiorno"), state) == []
    [event] = sensing.before(CallerSaid(2, "è una vergogna, pretendo una risposta"), state)
    assert isinstance(event, Sensed)
    assert (event.mood, event.why) == ("angry", "vergogna (-1.5), pretendo (-1.5)")
    known = State(language="it", topic=event.topic, urgency=event.urgency, mood=event.mood)
    assert sensing.before(CallerSaid(3, "mi ha sentito"), known) == []
    assert sensing.before(CallerSaid(3, "vergogna"), State(language="ko")) == []
