"""One call more, or one too many."""

from __future__ import annotations

import asyncio

import pytest

from telephony.admission import Limits, Load
from telephony.reception import Full
from tests.telephony.conftest import Exchange

LIMITS = Limits(most_calls=20)


def loaded(*looks: tuple[int, int], every_ms: int = 250) -> tuple[Load, int]:
    """A load after looks of (backlog_ms, loop_late_ms), and the time of the last."""
    load = Load(LIMITS)
    for number, (backlog_ms, late_ms) in enumerate(looks):
        load.look(number * every_ms, backlog_ms, late_ms)
    return load, (len(looks) - 1) * every_ms


def reason(load: Load, at_ms: int, calls: int = 5) -> str:
    refusal = load.refusal(at_ms, calls)
    return refusal.reason if refusal else ""


def test_a_server_that_keeps_up_takes_calls_up_to_its_limit() -> None:
    load, now_ms = loaded(*[(150, 3)] * 20)
    assert reason(load, now_ms, calls=19) == ""
    assert reason(load, now_ms, calls=20) == "most_calls"


def test_a_recognizer_that_never_caught_up_refuses() -> None:
    load, now_ms = loaded(*[(150, 3)] * 4, *[(320, 3)] * 13)
    refusal = load.refusal(now_ms, 5)
    assert refusal is not None
    assert (refusal.reason, refusal.detail) == (
        "recognizer_behind",
        "recognition is 320 ms behind or more for 3 s, 5 calls",
    )


def test_one_long_decode_refuses_nobody() -> None:
    """Whisper takes seconds for one utterance, and owes nothing before and after."""
    decode = [(250 * step, 3) for step in range(10)]
    load, now_ms = loaded(*[(0, 3)] * 8, *decode)
    assert reason(load, now_ms) == ""


def test_a_late_event_loop_refuses_and_one_late_moment_does_not() -> None:
    assert reason(*loaded(*[(0, 60)] * 13)) == "server_behind"
    assert reason(*loaded(*[(0, 60)] * 12, (0, 5))) == ""


def test_it_takes_calls_again_once_it_caught_up() -> None:
    load, now_ms = loaded(*[(900, 3)] * 13)
    assert reason(load, now_ms) == "recognizer_behind"
    load.look(now_ms + 250, 40, 3)
    assert reason(load, now_ms + 250) == ""


def test_a_load_that_is_not_watched_refuses_nobody() -> None:
    assert reason(Load(LIMITS), 10_000) == ""
    assert reason(*loaded((900, 90), (900, 90))) == "", "not watched for a whole window yet"
    load, now_ms = loaded(*[(900, 90)] * 13)
    assert reason(load, now_ms + 60_000) == "", "nobody looked for a minute"


@pytest.mark.asyncio(loop_scope="session")
async def test_a_refused_call_is_in_the_history_with_its_reason(exchange: Exchange) -> None:
    now_ms = int(asyncio.get_running_loop().time() * 1000)
    for ago_ms in range(3500, -1, -250):
        exchange.reception._load.look(now_ms - ago_ms, 2000, 0)
    with pytest.raises(Full, match="recognition is 2000 ms behind"):
        await exchange.reception.expect("it", "+39021234", "twilio", "CA9")
    detail = await exchange.ended(ref="CA9")
    assert (detail.interaction.end_reason, detail.interaction.outcome) == ("recognizer_behind", "failed")
    assert detail.interaction.caller == "+39021234"
    assert exchange.reception.figures()["turned_away"] == 1


@pytest.mark.asyncio(loop_scope="session")
async def test_an_idle_server_that_is_watched_takes_calls(exchange: Exchange) -> None:
    watching = asyncio.create_task(exchange.reception.watch())
    try:
        await asyncio.sleep(0.6)
        assert len(exchange.reception._load._looks) >= 1
        assert (await exchange.reception.expect("it", "", "browser", "")).call_id
    finally:
        watching.cancel()
