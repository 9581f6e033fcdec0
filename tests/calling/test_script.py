"""Scripts against a bot that exists only in the playout, in virtual time: each step is 20 ms."""

import pytest

from centralino.calling.measures import dead_air_ms, turns
from centralino.calling.playout import Playout
from centralino.calling.scene import Scene, ScriptFailed
from centralino.calling.script import (
    SILENT,
    ExpectHangUp,
    ExpectSpeech,
    HangUpNow,
    Interrupt,
    Key,
    Keys,
    Say,
    Script,
    Silence,
    WaitFor,
    WaitForQuiet,
)


def run(script, bot=None, until_ms=60_000):
    """All that is sent, with its time; `bot(now_ms, playout)` acts before each step."""
    scene = Scene(Playout(8000), 8000)
    sent = []
    sends = script.sends(scene)
    for step in range(until_ms // 20):
        scene.now_ms = step * 20.0
        if bot:
            bot(scene.now_ms, scene.playout)
        item = next(sends)
        sent.append((scene.now_ms, item))
        if isinstance(item, HangUpNow):
            return scene, sent
    raise AssertionError("the script did not end")


def says_at(tone, times):
    """A bot that says a tone of so many ms at each time."""
    plan = dict(times)

    def act(now_ms, playout):
        if now_ms in plan:
            playout.sound(now_ms, tone(plan[now_ms], rate_hz=8000).pcm)

    return act


def spoken(sent):
    return [at for at, item in sent if isinstance(item, bytes) and any(item)]


def test_a_caller_waits_until_the_bot_is_quiet_then_speaks_and_hangs_up(tone):
    script = Script((WaitForQuiet(quiet_ms=500), Say(tone(200))))
    scene, sent = run(script, says_at(tone, {1000: 1000}))
    assert spoken(sent)[0] == 2500
    assert spoken(sent)[-1] == 2680
    assert isinstance(sent[-1][1], HangUpNow)
    assert scene.doings[0].first_voiced_ms == 2500
    assert scene.doings[0].last_voiced_ms == 2680


def test_a_pending_mark_counts_as_speaking(tone):
    def bot(now_ms, playout):
        if now_ms == 1000:
            playout.sound(now_ms, tone(500, tail_ms=2000, rate_hz=8000).pcm)
            playout.mark(now_ms, "end")
        playout.played_marks(now_ms)

    _, sent = run(Script((WaitForQuiet(quiet_ms=500), Say(tone(100)))), bot)
    assert spoken(sent)[0] == 3500


def test_waiting_again_means_waiting_for_new_speech(tone):
    script = Script((WaitForQuiet(500), Say(tone(100)), WaitForQuiet(500), Say(tone(100))))
    _, sent = run(script, says_at(tone, {0: 500, 4000: 500}))
    starts = [at for index, at in enumerate(spoken(sent)) if index in (0, 5)]
    assert starts == [1000, 5000]


def test_the_end_of_the_clip_that_is_silent_is_not_speech(tone):
    scene, _ = run(Script((Say(tone(200, tail_ms=400)),)))
    assert scene.doings[0].last_voiced_ms == 180


def test_an_interruption_starts_in_the_middle_of_the_bot(tone):
    def bot(now_ms, playout):
        if now_ms == 1000:
            playout.sound(now_ms, tone(5000, rate_hz=8000).pcm)
        if now_ms == 2200:
            playout.clear(now_ms)
        if now_ms == 3000:
            playout.sound(now_ms, tone(500, rate_hz=8000).pcm)

    scene, sent = run(Script((Interrupt(tone(600), after_ms=800), WaitForQuiet(500))), bot)
    assert spoken(sent)[0] == 1800
    (turn,) = turns(scene.doings, scene.playout)
    assert turn.barge_in_ms == 400
    assert turn.last_voiced_ms == 2380
    assert turn.latency_ms == 620
    assert not turn.cut_off


def test_keys_are_typed_one_by_one(tone):
    scene, sent = run(Script((Keys("47#", gap_ms=200), WaitForQuiet(500))), says_at(tone, {1000: 100}))
    assert [(at, item.key) for at, item in sent if isinstance(item, Key)] == [(0, "4"), (200, "7"), (400, "#")]
    (turn,) = turns(scene.doings, scene.playout)
    assert (turn.kind, turn.what, turn.latency_ms) == ("keys", "47#", 600)


def test_latency_is_from_the_last_voiced_frame_to_the_first_voiced_sample(tone):
    def bot(now_ms, playout):
        if now_ms == 1000:
            playout.sound(now_ms, tone(300, lead_ms=150, rate_hz=8000).pcm)

    scene, _ = run(Script((Say(tone(500, tail_ms=200)), WaitForQuiet(500))), bot)
    (turn,) = turns(scene.doings, scene.playout)
    assert turn.last_voiced_ms == 480
    assert turn.latency_ms == 670
    assert turn.arrived_ms == 520


def test_an_answer_in_the_middle_of_the_question_is_a_cut_off(tone):
    scene, _ = run(Script((Say(tone(1000)), WaitForQuiet(500))), says_at(tone, {500: 200, 1500: 200}))
    (turn,) = turns(scene.doings, scene.playout)
    assert turn.cut_off
    assert turn.latency_ms == 520


def test_a_question_without_an_answer_has_no_latency(tone):
    scene, _ = run(Script((Say(tone(100)), Silence(1000), Say(tone(100)), Silence(1000))), says_at(tone, {1500: 100}))
    assert [turn.latency_ms for turn in turns(scene.doings, scene.playout)] == [None, 320]


def test_dead_air_is_the_longest_silence_of_both(tone):
    scene, sent = run(Script((Silence(1000), Say(tone(100)), Silence(2000))), says_at(tone, {2600: 100}))
    assert sent[-1][0] == 3100
    assert dead_air_ms(scene.doings, scene.playout.bursts, 3100) == 1520


def test_a_caller_may_wait_for_something_outside_the_call(tone):
    ready = []

    def bot(now_ms, playout):
        if now_ms == 400:
            ready.append(True)

    _, sent = run(Script((WaitFor(lambda: bool(ready), "the operator"), Say(tone(100)))), bot)
    assert spoken(sent)[0] == 400


@pytest.mark.parametrize(
    ("move", "says"),
    [
        (WaitForQuiet(timeout_ms=1000), "said nothing in 1000 ms"),
        (Interrupt(None, timeout_ms=1000), "nobody spoke"),
        (ExpectSpeech(within_ms=1000), "nothing was said within 1000 ms"),
        (ExpectHangUp(within_ms=1000), "did not hang up within 1000 ms"),
        (WaitFor(lambda: False, "the operator", timeout_ms=1000), "the operator"),
    ],
)
def test_a_move_that_waits_in_vain_says_for_what(move, says):
    with pytest.raises(ScriptFailed, match=says):
        run(Script((move,)))


def test_silence_is_sent_between_the_moves():
    _, sent = run(Script((Silence(100),)))
    assert [item for _, item in sent[:-1]] == [SILENT] * 5
