"""A caller's voice as probabilities, 32 ms each, and what the tracker makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.listening.endpointing import Endpointing, Turn, TurnTracker
from voice.listening.expecting import Completeness

CHUNK = 32


def run(tracker: TurnTracker, voice: str, start_ms: int = 0) -> list[tuple[int, Turn]]:
    """'#' surely voiced, '+' perhaps, '.' silence, '~' between the two thresholds, '-' nothing arrives (only the clock
    runs)."""
    told = []
    for number, chunk in enumerate(voice, 1):
        at_ms = start_ms + number * CHUNK
        if chunk == "-":
            turn = tracker.clock(at_ms)
        else:
            turn = tracker.sound({"#": 0.9, "+": 0.6, ".": 0.1, "~": 0.4}[chunk], CHUNK, at_ms)
        if turn:
            told.append((at_ms, turn))
    return told


@pytest.fixture
def tracker() -> TurnTracker:
    return TurnTracker(Endpointing())


def test_a_word_starts_pauses_and_ends_a_turn(tracker: TurnTracker) -> None:
    told = run(tracker, "...#####" + "." * 30)
    assert told == [(160, Turn.STARTED), (256 + 160, Turn.PAUSED), (256 + 640, Turn.ENDED)]
    assert (tracker.started_ms, tracker.last_voiced_ms, tracker.voiced_ms) == (96, 256, 160)


def test_a_click_is_no_turn(tracker: TurnTracker) -> None:
    assert run(tracker, "..++...#....#+.." + "." * 30) == []


def test_two_chunks_begin_a_turn_when_the_second_is_sure_else_three(tracker: TurnTracker) -> None:
    assert run(tracker, "..+#") == [(4 * CHUNK, Turn.STARTED)]
    assert run(TurnTracker(Endpointing()), "..+++") == [(5 * CHUNK, Turn.STARTED)]


def test_a_short_pause_is_looked_at_and_goes_on(tracker: TurnTracker) -> None:
    told = [turn for _, turn in run(tracker, "####" + "." * 10 + "####" + "." * 30)]
    assert told == [Turn.STARTED, Turn.PAUSED, Turn.RESUMED, Turn.PAUSED, Turn.ENDED]


def test_once_voiced_the_lower_threshold_holds(tracker: TurnTracker) -> None:
    run(tracker, "####~~~~")
    assert tracker.last_voiced_ms == 8 * CHUNK
    assert run(TurnTracker(Endpointing()), "~" * 40) == []


def test_a_phone_that_sends_nothing_in_silence_is_told_by_the_clock(tracker: TurnTracker) -> None:
    told = run(tracker, "#####" + "-" * 30)
    assert told == [(64, Turn.STARTED), (160 + 160, Turn.PAUSED), (160 + 640, Turn.ENDED)]


def test_silence_that_comes_all_at_once_counts_as_much_as_it_is_long(tracker: TurnTracker) -> None:
    run(tracker, "#####")
    told = [tracker.sound(0.0, CHUNK, 5 * CHUNK) for _ in range(20)]
    assert told[-1] is Turn.ENDED


def test_who_never_stops_is_stopped(tracker: TurnTracker) -> None:
    told = run(tracker, "#" * 700)
    assert [turn for _, turn in told] == [Turn.STARTED, Turn.ENDED, Turn.STARTED]
    assert told[1][0] == pytest.approx(20_000, abs=CHUNK)


def test_stop_ends_a_turn_only_if_there_is_one(tracker: TurnTracker) -> None:
    assert tracker.stop() is None
    run(tracker, "####")
    assert tracker.stop() is Turn.ENDED
    assert tracker.stop() is None


@given(st.text("#+.~-", max_size=400))
def test_turns_always_alternate(voice: str) -> None:
    allowed = {
        None: {Turn.STARTED},
        Turn.STARTED: {Turn.PAUSED, Turn.ENDED},
        Turn.PAUSED: {Turn.RESUMED, Turn.ENDED},
        Turn.RESUMED: {Turn.PAUSED, Turn.ENDED},
        Turn.ENDED: {Turn.STARTED},
    }
    before = None
    for _, turn in run(TurnTracker(Endpointing()), voice):
        assert turn in allowed[before]
        before = turn


@pytest.mark.parametrize(
    ("words", "silence_ms"),
    [
        (Completeness.WHOLE, 256),
        (Completeness.SURE, 256),
        (Completeness.ANSWERABLE, 416),
        (Completeness.OPEN, 640),
        (Completeness.UNFINISHED, 2_528),
    ],
)
def test_the_silence_that_ends_a_turn_depends_on_its_words(words: Completeness, silence_ms: int) -> None:
    tracker = TurnTracker(Endpointing(), judged=True)
    assert [turn for _, turn in run(tracker, "#####" + "." * 7)] == [Turn.STARTED, Turn.PAUSED]
    assert tracker.judge(tracker.pauses, words) is None
    ((ended_ms, turn),) = run(tracker, "." * 80, start_ms=12 * CHUNK)
    assert turn is Turn.ENDED
    assert ended_ms - tracker.last_voiced_ms == silence_ms


@pytest.mark.parametrize(
    ("words", "silence_ms"),
    [
        (Completeness.WHOLE, 256),
        (Completeness.SURE, 1_120),
        (Completeness.ANSWERABLE, 1_120),
        (Completeness.OPEN, 1_120),
        (Completeness.UNFINISHED, 2_528),
    ],
)
def test_a_question_whose_voice_stays_up_is_waited_for(words: Completeness, silence_ms: int) -> None:
    for ended, expected_ms in ((0.2, silence_ms), (0.8, None)):
        tracker = TurnTracker(Endpointing(), judged=True)
        run(tracker, "#####" + "." * 7)
        tracker.judge(tracker.pauses, words, ended)
        ((ended_ms, _),) = run(tracker, "." * 80, start_ms=12 * CHUNK)
        usual_ms = Endpointing().silence_after(words, tracker.own_pauses)
        wanted_ms = expected_ms or -(-usual_ms // CHUNK) * CHUNK
        assert ended_ms - tracker.last_voiced_ms == wanted_ms


def test_each_pause_is_judged_anew() -> None:
    tracker = TurnTracker(Endpointing(), judged=True)
    run(tracker, "#####" + "." * 7)
    tracker.judge(tracker.pauses, Completeness.SURE, 0.1)
    run(tracker, "####" + "." * 7, start_ms=12 * CHUNK)
    assert tracker.judge(tracker.pauses, Completeness.SURE) is None
    ((ended_ms, _),) = run(tracker, "." * 80, start_ms=23 * CHUNK)
    assert ended_ms - tracker.last_voiced_ms == 256


def test_a_late_verdict_ends_the_turn_at_once_and_a_stale_one_changes_nothing() -> None:
    tracker = TurnTracker(Endpointing(), judged=True)
    run(tracker, "#####" + "." * 30)
    assert tracker.speaking, "words that are still being recognised are waited for"
    assert tracker.judge(tracker.pauses, Completeness.WHOLE) is Turn.ENDED
    run(tracker, "#####" + "." * 8 + "####", start_ms=2_000)
    assert tracker.judge(tracker.pauses, Completeness.WHOLE) is None
    assert tracker.speaking


def test_a_verdict_that_never_comes_is_not_waited_for_for_ever() -> None:
    told = run(TurnTracker(Endpointing(), judged=True), "#####" + "." * 60)
    assert told[-1] == (160 + 1_664, Turn.ENDED)


def test_a_caller_who_pauses_long_is_given_more_time() -> None:
    tracker = TurnTracker(Endpointing())
    run(tracker, "#####" + ("." * 18 + "####") * 3)
    assert tracker.own_pauses.mean_ms == pytest.approx(576, abs=1)
    ((_, paused), (ended_ms, ended)) = run(tracker, "." * 60, start_ms=(5 + 3 * 22) * CHUNK)
    assert (paused, ended) == (Turn.PAUSED, Turn.ENDED)
    assert ended_ms - tracker.last_voiced_ms == pytest.approx(576 + 250, abs=CHUNK)


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="look_ms <= settled_ms"):
        Endpointing(look_ms=700)
    with pytest.raises(ValueError, match="voice_off <= voice_on"):
        Endpointing(voice_off=0.6)
