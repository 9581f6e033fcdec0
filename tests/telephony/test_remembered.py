"""What a phone system's id of a call leads to, and what is noted of it."""

import pytest

from telephony.remembered import MOST_CALLS, CarrierStatus, RememberedCalls
from tests.telephony.conftest import NUMBER, Exchange


@pytest.mark.parametrize(
    ("reason", "properly"),
    [("bot_ended", True), ("operator_ended", True), ("caller_hung_up", True), ("connection_lost", False), ("", False)],
)
def test_who_needs_nobody_afterwards(reason: str, properly: bool) -> None:
    calls = RememberedCalls()
    calls.began("CA1", "c1", "twilio")
    if reason:
        calls.ended("CA1", reason)
    assert calls.ended_properly("CA1") is properly
    assert not calls.ended_properly("CA2")


def test_calls_without_an_id_are_not_confused_with_each_other() -> None:
    calls = RememberedCalls()
    calls.began("", "c1", "browser")
    calls.ended("", "bot_ended")
    assert not calls.ended_properly("")
    assert calls.of("browser", "") is None


def test_the_oldest_are_forgotten() -> None:
    calls = RememberedCalls()
    for number in range(MOST_CALLS + 1):
        calls.began(f"CA{number}", f"c{number}", "twilio")
    assert calls.of("twilio", "CA0") is None
    assert calls.of("twilio", "CA1")


@pytest.mark.asyncio(loop_scope="session")
async def test_one_phone_system_says_nothing_of_anothers_calls(exchange: Exchange) -> None:
    expected = await exchange.reception.expect(NUMBER, "+39021234", "twilio", "CA1")
    over = CarrierStatus("call", "completed", over=True)
    assert not await exchange.reception.note("plivo", "CA1", over)
    assert exchange.reception.expects(expected.token)
    assert await exchange.reception.note("twilio", "CA1", over)
    assert not exchange.reception.expects(expected.token)
    assert [event.type for event in await exchange.events(expected.call_id)] == [
        "call.started", "carrier.status", "call.ended",
    ]  # fmt: skip


@pytest.mark.asyncio(loop_scope="session")
async def test_what_is_noted_has_bounds(exchange: Exchange) -> None:
    expected = await exchange.reception.expect(NUMBER, "+39021234", "twilio", "CA1")
    await exchange.reception.note("twilio", "CA1", CarrierStatus("stream", "s" * 1000, "d" * 10_000))
    noted = (await exchange.events(expected.call_id))[1]
    assert (len(noted.payload["status"]), len(noted.payload["detail"]), noted.at_ms) == (64, 300, 0)
    await exchange.reception.give_up(expected, "no_media")
