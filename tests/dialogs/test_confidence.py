"""What a caller tells in confidence leaves the engine for nowhere."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import engine
from dialogs.confidence import in_confidence, stored
from dialogs.events import Callback, CallerSaid, CallerTyped, CallStarted, Handoff, Lookup, Note, Record, Say, from_json
from dialogs.flowbook import Flowbook
from dialogs.loading import read_flowbook
from dialogs.problems import FlowbookErrors
from dialogs.rendering import MASK
from dialogs.replay import replay, turns
from dialogs.spoken_numbers import spell_digits
from dialogs.state import State
from tests.dialogs.conversation import Conversation

BOOK = """
flowbook: 1
id: pay
languages: {default: it, also: [en]}
start: welcome
disclosure: disclosure
queues:
  desk: {max_wait: 60s}
repair:
  no_input: [{say: again}, {say: again, handoff: desk}]
  no_match: [{say: again}, {say: again}, {say: again, handoff: desk}]
always:
  operator: {handoff: desk, say: again}
flows:
  welcome:
    - record: on
    - fill:
        carta: {type: digits, length: 8, sensitive: true, confirm: readback}
    - fill:
        altro: {type: digits, length: 2}
    - say: told
    - callback: desk
    - if: carta.startsWith("4")
      then: [{handoff: desk}]
    - record: off
      keep: false
    - end: answered
texts:
  disclosure: {it: Automatico., en: Automatic.}
  recording_notice: {it: La chiamata è registrata., en: This call is recorded.}
  ask_carta: {it: La carta?, en: The card?}
  ask_altro: {it: Altro?, en: More?}
  confirm_carta: {it: "Ho capito {carta:digits}. Giusto?", en: "I heard {carta:digits}. Right?"}
  told: {it: "La carta {carta} e {altro}.", en: "Card {carta} and {altro}."}
  again: {it: Scusi., en: Sorry.}
  hearing_lost: {it: Ripeta., en: Repeat.}
  failure: {it: Un guasto., en: A fault.}
  nobody_available: {it: La richiamiamo., en: We call back.}
  queue_place: {it: "Numero {place}.", en: "Number {place}."}
"""


@pytest.fixture(scope="module")
def book() -> Flowbook:
    return read_flowbook(BOOK)


def test_a_line_for_the_operator_has_no_sensitive_value() -> None:
    text = BOOK.replace("{handoff: desk}]\n    - record", "{handoff: desk, briefing: told}]\n    - record")
    talk = Conversation(read_flowbook(text))
    for keys in ("43215678", "1", "22"):
        talk.types(keys)
    assert talk.handoff.briefing == f"La carta {MASK} e 22."
    assert "43215678" not in written(talk)


def written(talk: Conversation) -> str:
    """All that the history would have, as the call writes it."""
    lines, state = [], engine.start(talk.book, talk.language)
    for event, actions in talk.log:
        masked = in_confidence(talk.book, state)
        lines += [json.dumps(stored(item, masked), ensure_ascii=False) for item in (event, *actions)]
        state, _ = engine.step(talk.book, state, event)
    return "\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(
    number=st.text("123456789", min_size=8, max_size=8),
    wrong=st.text("123456789", min_size=5, max_size=6),
    how=st.lists(st.sampled_from(["typed", "said", "in words"]), min_size=2, max_size=2),
    code=st.sampled_from(["it", "en"]),
)
def test_a_sensitive_number_typed_or_said_is_in_no_event_and_no_action(
    book: Flowbook, number: str, wrong: str, how: list[str], code: str
) -> None:
    talk = Conversation(book, code)

    def tell(digits: str, way: str) -> None:
        if way == "typed":
            talk.types(digits)
        else:
            talk.says(spell_digits(digits, code) if way == "in words" else digits)

    tell(wrong, how[0])
    talk.types("*")
    tell(number, how[1])
    assert talk.state.mode == "confirm"
    talk.types("1")
    assert talk.state.slots["carta"] == number  # conditions may use it
    talk.types("42")
    log = written(talk)
    assert "42" in log
    for told in (number, wrong):
        for form in (told, spell_digits(told, code), " ".join(told)):
            assert form not in log
    assert MASK in log


def test_texts_with_the_value_are_shown_masked_and_operators_get_the_mask(book: Flowbook) -> None:
    talk = Conversation(book)
    talk.types("41111111")
    assert [(say.text, say.shown) for say in talk.last if isinstance(say, Say)] == [
        ("Ho capito quattro uno uno, uno uno uno, uno uno. Giusto?", "Ho capito • • •. Giusto?")
    ]
    talk.types("142")
    handoff = next(action for action in talk.last if isinstance(action, Handoff))
    callback = next(action for action in talk.last if isinstance(action, Callback))
    assert handoff.slots == callback.slots == {"carta": MASK, "altro": "42"}


def test_an_error_s_words_do_not_quote_what_was_told(book: Flowbook, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Conversation(book)

    def breaks(*_: object) -> None:
        raise ValueError("not for '4111'")

    monkeypatch.setattr("dialogs.slots.DigitsSlot.hear", breaks)
    talk.says("4111")
    assert any(isinstance(note, Note) and note.topic == "part_failed" for note in talk.last)
    assert "4111" not in written(talk)


def test_doubted_words_are_kept_with_the_turn_but_not_when_told_in_confidence() -> None:
    said, lookup = CallerSaid(5, "la stazione", 0.6, (("stazione", 0.4),)), Lookup("la stazione", "it")
    lookup = replace(lookup, unsure=said.unsure)
    for item in (said, lookup):
        kept = json.loads(json.dumps(stored(item, False)))
        assert from_json(kept) == item
        assert "stazione" not in json.dumps(stored(item, True))
        del kept["unsure"]  # as logs were written before
        assert from_json(kept) == replace(item, unsure=())


def test_a_replay_ends_where_the_caller_told_something_in_confidence(book: Flowbook) -> None:
    talk = Conversation(book)
    talk.types("41111111142")
    state, log = engine.start(book, "it"), []
    for event, actions in talk.log:
        log += [from_json(stored(item, in_confidence(book, state))) for item in (event, *actions)]
        state, _ = engine.step(book, state, event)
    replayed = replay(book, "it", turns(log))
    assert (replayed.same, replayed.masked, replayed.events) == (True, True, 1)


def test_the_notice_is_said_once_and_only_on_lines_that_are_recorded(book: Flowbook) -> None:
    def answered(records: bool) -> tuple[State, tuple[object, ...]]:
        return engine.step(book, engine.start(book, "it"), CallStarted(0, "l", "it", "", records=records))

    state, actions = answered(True)
    said = [(action.key, action.interruptible) for action in actions if isinstance(action, Say)]
    assert said == [("disclosure", False), ("recording_notice", False), ("ask_carta", True)]
    assert [action for action in actions if isinstance(action, Record)] == [Record("on", "recording_notice")]
    for event in (CallerSaid(1, "5111 1111"), CallerTyped(2, "1"), CallerTyped(3, "4"), CallerTyped(4, "2")):
        state, actions = engine.step(book, state, event)
    assert Record("off", keep=False) in actions

    _, actions = answered(False)
    assert "recording_notice" not in [action.key for action in actions if isinstance(action, Say)]
    assert not [action for action in actions if isinstance(action, Record)]
    assert [note.topic for note in actions if isinstance(note, Note)] == ["not_recorded"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  recording_notice: {it: La chiamata è registrata., en: This call is recorded.}\n", "",
         "recording needs a notice that the caller hears in 'it', 'en'"),
        ("- record: on", "- {record: on, keep: false}", "keep belongs to record: off"),
        ("- record: on", "- {record: pause, notice: told}", "notice belongs to record: on"),
        ("- record: on", "- record: maybe", "on.*pause.*off"),
        ("- callback: desk", "- {callback: desk, number: carta}", "nobody could call it"),
    ],
)  # fmt: skip
def test_mistakes_are_told(old: str, new: str, message: str) -> None:
    with pytest.raises(FlowbookErrors, match=message):
        read_flowbook(BOOK.replace(old, new, 1))
