"""When a run of the calls bench may be believed, and when it was good."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from centralino.bench.calls_report import CallsFigures, Costs, Spread, observed


def a_call(
    *, turns: list[dict[str, Any]], late_ms: float = 2.0, outcome: str = "completed", **more: Any
) -> dict[str, Any]:
    own = {"frames": 1000, "late_ms_p50": 0.1, "late_ms_p95": 1.0, "late_ms_p99": late_ms, "late_ms_max": 9.0}
    result = {
        "turns": turns,
        "outcome": outcome,
        "outcome_why": "" if outcome == "completed" else f"it was {outcome}",
        "protocol_errors": [],
        "stutters": 0,
        "duration_ms": 20_000.0,
        "own_frames": own,
        **more,
    }
    return {"caller": 1, "began_s": 0.0, "refused": "", "result": result}


def a_turn(arrived_ms: float | None, began_ms: float = 1000.0, barge_in_ms: float | None = None) -> dict[str, Any]:
    return {
        "began_ms": began_ms,
        "last_voiced_ms": began_ms + 2000,
        "arrived_ms": arrived_ms,
        "cut_off": False,
        "barge_in_ms": barge_in_ms,
    }


def figures(calls: list[dict[str, Any]], **more: Any) -> CallsFigures:
    spread, costs = Spread.of([]), Costs(0.4, 0.8, 0.0, 0.2, 0.1, 900.0, 1220.0, 2000.0)
    run = CallsFigures(
        calls=8,
        line="it",
        door="twilio",
        engine="vosk",
        minutes=1.0,
        cores=2,
        recognizer_ms=spread,
        loop_p99_ms=1.0,
        loop_worst_ms=5.0,
        costs=costs,
        **vars(observed(calls)),
    )
    return replace(run, **more)


def test_quick_answers_on_time_are_a_good_run_with_its_costs() -> None:
    run = figures([a_call(turns=[a_turn(300.0), a_turn(310.0, barge_in_ms=150.0)]) for _ in range(10)])
    assert run.good
    assert (run.turns, run.turn_ms.p50, run.barge_in_ms.p95, run.speaking_share) == (20, 310.0, 150.0, 0.2)
    assert (run.cores_per_call, run.mb_per_call) == (0.15, 40.0)
    assert run.to_json()["good"] is True


def test_a_late_load_generator_makes_no_run_however_good_it_looks() -> None:
    calls = [a_call(turns=[a_turn(300.0)]) for _ in range(10)] + [a_call(turns=[a_turn(300.0)], late_ms=31.0)]
    run = figures(calls)
    assert not run.good
    assert run.shortcomings == ()
    assert run.doubts == (
        "the callers' own frames were 31 ms late (p99): the machine is too small or too busy to measure 8 calls",
    )


def test_refused_calls_and_few_turns_make_no_run() -> None:
    refused = {"caller": 1, "began_s": 0.0, "refused": "line 'it': the server answered with Say", "result": None}
    run = figures([refused, a_call(turns=[a_turn(300.0)])])
    assert (run.placed, run.refused, run.troubles) == (2, 1, ("line 'it': the server answered with Say",))
    assert len(run.doubts) == 2


def test_late_answers_silence_and_lost_calls_are_told() -> None:
    turns = [a_turn(300.0)] * 17 + [a_turn(None), a_turn(20_400.0), a_turn(900.0)]
    run = figures([a_call(turns=turns, stutters=2), a_call(turns=[], outcome="lost")])
    assert (run.unanswered, run.broken, run.late_sound) == (2, 1, 2)
    assert run.turn_ms.worst == 900.0, "an answer to the caller's silence is no late answer"
    assert len(run.shortcomings) == 4
    assert run.doubts == ()


def test_a_call_that_the_bot_ended_is_not_broken() -> None:
    assert figures([a_call(turns=[a_turn(300.0)] * 10, outcome="ended_early")]).broken == 0
