"""Calls that are announced before their sound comes: tokens, limits, and their place in the history."""

from __future__ import annotations

import asyncio

import pytest

from history import HistoryUnavailable
from telephony import ledger
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.reception import Draining, Full
from tests.telephony.conftest import MOST_CALLS, NUMBER, Exchange

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_announced_call_is_in_the_history_before_anybody_hears_of_it(exchange: Exchange) -> None:
    expected = await exchange.reception.expect(NUMBER, "+39021234", "twilio", "CA1")
    (began,) = await exchange.events(expected.call_id)
    assert began.type == "call.started"
    assert {name: began.payload[name] for name in ("line", "door", "ref", "language", "caller", "voice")} == {
        "line": "it",
        "door": "twilio",
        "ref": "CA1",
        "language": "it",
        "caller": "+39021234",
        "voice": "pyttsx3:it:default",
    }
    assert began.payload["recognizer"]["engine"] == expected.recognizer
    assert began.payload["recognizer"]["why"]
    assert began.payload["flowbook"]["id"] == "door"
    assert expected.token not in str(began.payload)
    assert expected.token not in repr(expected)


async def test_the_same_call_announced_twice_is_one_call(exchange: Exchange) -> None:
    first = await exchange.reception.expect(NUMBER, "", "twilio", "CA1")
    assert await exchange.reception.expect(NUMBER, "", "twilio", "CA1") is first
    assert (await exchange.reception.expect(NUMBER, "", "twilio", "CA2")).call_id != first.call_id
    without_a_name = [await exchange.reception.expect("it", "", "browser", "") for _ in range(2)]
    assert without_a_name[0].call_id != without_a_name[1].call_id


async def test_a_token_works_once_and_only_in_time(exchange: Exchange) -> None:
    expected = await exchange.reception.expect("it", "", "twilio", "CA1")
    assert exchange.reception.claim("") is None
    assert exchange.reception.claim("più\ud800") is None
    assert exchange.reception.claim(expected.token) is expected
    assert exchange.reception.claim(expected.token) is None
    await exchange.reception.give_up(expected, "wrong_call")
    late = await exchange.reception.expect("it", "", "twilio", "CA2")
    assert (await exchange.ended(ref="CA2")).interaction.end_reason == "no_media"
    assert exchange.reception.claim(late.token) is None
    assert not exchange.reception.ended_properly("CA2")
    assert exchange.reception.figures() == {"calls": 0, "expected": 0, "turned_away": 0}


async def test_a_burst_of_calls_stays_within_the_limit(exchange: Exchange) -> None:
    burst = [exchange.reception.expect("it", "", "browser", "") for _ in range(MOST_CALLS + 3)]
    outcomes = await asyncio.gather(*burst, return_exceptions=True)
    assert sum(isinstance(outcome, Expected) for outcome in outcomes) == MOST_CALLS
    assert sum(isinstance(outcome, Full) for outcome in outcomes) == 3
    assert exchange.reception.figures() == {"calls": 0, "expected": MOST_CALLS, "turned_away": 3}


async def test_an_unknown_line_is_recorded_and_names_the_known_ones(exchange: Exchange) -> None:
    with pytest.raises(UnknownLine, match="no line '\\+39000'; the lines are: it"):
        await exchange.reception.expect("+39000", "+39021234" * 20, "twilio", "CA1")
    detail = await exchange.ended(line="+39000")
    assert (detail.interaction.end_reason, detail.interaction.outcome) == ("unknown_line", "failed")
    assert len(detail.interaction.caller) == 64


async def test_a_history_that_cannot_be_written_takes_no_call(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> int:
        raise HistoryUnavailable("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(exchange.journal, "append", full)
        with pytest.raises(HistoryUnavailable):
            await exchange.reception.expect("it", "", "twilio", "CA1")
        assert (await exchange.webhook(sid="CA1")).status_code == 200
        phone = await exchange.browser()
        assert await phone.until_closed() == (1013, "no call can be taken now")
    assert exchange.reception.figures()["expected"] == 0
    assert await exchange.reception.expect("it", "", "twilio", "CA1")


async def test_a_refused_call_that_is_in_the_history_all_the_same_is_ended_there(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the commit comes too late for the phone system."""
    monkeypatch.setattr(ledger, "LATE_END_S", 0.1)
    with monkeypatch.context() as hurried:
        hurried.setattr(ledger, "BEGIN_S", 0.0)
        with pytest.raises(HistoryUnavailable, match="gave no answer within 0 s"):
            await exchange.reception.expect("it", "", "twilio", "CA1")
    assert (await exchange.ended(ref="CA1")).interaction.end_reason == "history_unavailable"


async def test_a_reception_that_closes_ends_what_it_expects(exchange: Exchange) -> None:
    await exchange.reception.expect("it", "", "twilio", "CA1")
    arriving = asyncio.create_task(exchange.reception.expect("it", "", "twilio", "CA2"))
    await asyncio.sleep(0)  # on its way into the history
    await exchange.reception.close(grace_s=0)
    for ref in ("CA1", "CA2"):
        assert (await exchange.ended(ref=ref)).interaction.end_reason == "server_stopped"
    with pytest.raises(Draining):
        await arriving
    with pytest.raises(Draining):
        await exchange.reception.expect("it", "", "browser", "")
