"""What far ends do wrong, on real sockets: each ends its own call, says why, and disturbs nobody."""

from __future__ import annotations

import asyncio
import json
import secrets
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from history import Entry
from telephony import door, resuming
from telephony.remembered import MOST_NOTES
from tests.telephony.conftest import MOST_CALLS, NUMBER, TWILIO_TOKEN, Exchange, Phone
from voice.audio import resample

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLIPS = Path(__file__).parents[2] / "samples/bookshop/callers"
BIG = 64 * 1024 + 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def neighbour(shared_exchange: Exchange) -> AsyncIterator[Phone]:
    """A call that runs all the while, and then goes to its proper end."""
    phone = await shared_exchange.browser()
    await phone.until_it_speaks()
    yield phone
    await phone.press("5")
    await phone.until(lambda phone: phone.of("ended"))
    assert await phone.until_closed() == (1000, "bot_ended")
    detail = await shared_exchange.ended(id=phone.call_id)
    assert (detail.interaction.end_reason, detail.interaction.outcome) == ("bot_ended", "answered")


@pytest.fixture
def house(shared_exchange: Exchange, neighbour: Phone, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """The shared exchange with its neighbour, and a fresh log. Who is gone is hardly waited for."""
    monkeypatch.setattr(resuming, "RESUME_S", 0.2)
    shared_exchange.logged.clear()
    yield shared_exchange
    assert neighbour.closed == (None, None)
    shared_exchange.assert_no_traceback()


@pytest.fixture
def sid() -> str:
    """Twilio's id of a call, another one for each test."""
    return f"CA{secrets.token_hex(16)}"


Deed = Callable[[Phone], Awaitable[None]]


def sends(message: str | bytes) -> Deed:
    async def deed(phone: Phone) -> None:
        await phone.ws.send(message)

    return deed


async def sends_no_unicode(phone: Phone) -> None:
    await phone.ws.send(b"\xff\xfe", text=True)


async def vanishes(phone: Phone) -> None:
    phone.ws.transport.abort()


async def closes(phone: Phone) -> None:
    await phone.ws.close()


async def talks_too_fast(phone: Phone) -> None:
    for _ in range(6):
        await phone.ws.send(bytes(64 * 1024))


START = json.dumps({"type": "start", "line": "it", "rate_hz": 16000})

BROWSER = [
    ("malformed frame", sends("{"), 1003, "malformed_frame"),
    ("unknown type", sends('{"type":"video"}'), 1003, "malformed_frame"),
    ("half a sample", sends(b"\x00"), 1003, "wrong_codec"),
    ("second start", sends(START), 1008, "second_start"),
    ("oversized sound", sends(bytes(BIG)), 1009, "frame_too_big"),
    ("oversized text", sends("x" * BIG), 1009, "frame_too_big"),
    ("too fast", talks_too_fast, 1008, "too_fast"),
    ("text that is no Unicode", sends_no_unicode, 1007, "malformed_frame"),
    ("vanishes", vanishes, 1006, "connection_lost"),
    ("closes", closes, 1000, "caller_hung_up"),
    ("stops", sends('{"type":"stop"}'), 1000, "caller_hung_up"),
]


@pytest.mark.parametrize(("deed", "close", "reason"), [case[1:] for case in BROWSER], ids=[case[0] for case in BROWSER])
async def test_a_browser_that_misbehaves(house: Exchange, deed: Deed, close: int, reason: str) -> None:
    phone = await house.browser()
    await phone.until_it_speaks()
    await deed(phone)
    code, why = await phone.until_closed()
    assert code == close
    await ended_as(house, phone.call_id, reason)
    if close in (1003, 1008):
        assert (why or "").startswith(f"{reason}: ")


async def ended_as(house: Exchange, call_id: str, reason: str) -> None:
    detail = await house.ended(id=call_id)
    assert detail.interaction.end_reason == reason
    events = await house.events(call_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    errors = [event.payload for event in events if event.type == "media.error"]
    if reason == "caller_hung_up":
        assert errors == []
    else:
        assert [error["code"] for error in errors] == [reason]
        assert house.log_of("call.broken")[-1]["reason"] == reason


START_AGAIN = json.dumps(
    {
        "event": "start",
        "streamSid": "MZ1",
        "start": {
            "streamSid": "MZ1",
            "callSid": "CA1",
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    }
)
TWILIO = [
    ("malformed frame", sends("{"), 1003, "malformed_frame"),
    ("binary frame", sends(b"\x00\x00"), 1003, "malformed_frame"),
    ("not base64", sends('{"event":"media","media":{"payload":"####"}}'), 1007, "malformed_frame"),
    ("half a character", sends('{"event":"mark","mark":{"name":"\\ud800"}}'), 1003, "malformed_frame"),
    ("second start", sends(START_AGAIN), 1008, "second_start"),
    ("oversized frame", sends('{"event":"media","x":"' + "x" * BIG + '"}'), 1009, "frame_too_big"),
    ("text that is no Unicode", sends_no_unicode, 1007, "malformed_frame"),
    ("vanishes", vanishes, 1006, "connection_lost"),
    ("closes", closes, 1000, "caller_hung_up"),
    ("stops", sends('{"event":"stop","stop":{}}'), 1000, "caller_hung_up"),
]


@pytest.mark.parametrize(("deed", "close", "reason"), [case[1:] for case in TWILIO], ids=[case[0] for case in TWILIO])
async def test_a_phone_system_that_misbehaves(house: Exchange, sid: str, deed: Deed, close: int, reason: str) -> None:
    phone = await house.twilio(sid)
    await phone.until_it_speaks()
    await deed(phone)
    assert (await phone.until_closed())[0] == close
    detail = await house.ended(ref=sid)
    await ended_as(house, detail.interaction.id, reason)
    after = xml.fromstring((await house.webhook("/twilio/after", sid=sid)).text)
    assert [part.tag for part in after] == (["Hangup"] if reason == "caller_hung_up" else ["Say", "Hangup"])


async def test_a_caller_who_vanishes_in_mid_word_has_said_it_all_the_same(house: Exchange) -> None:
    with wave.open(str(CLIPS / "it_orari.wav")) as clip:
        speech = resample(clip.readframes(clip.getnframes()), clip.getframerate(), 16_000)
    phone = await house.browser()
    await phone.until(lambda phone: len(phone.of("mark")) == 2)  # it waits for the caller
    for at in range(0, len(speech) * 2 // 3, 640):
        await phone.ws.send(speech[at : at + 640])
        await asyncio.sleep(0.02)
    await vanishes(phone)
    await phone.until_closed()
    await ended_as(house, phone.call_id, "connection_lost")
    detail = await house.ended(id=phone.call_id)
    last = detail.transcript[-1]
    assert last.speaker == "caller"
    assert last.text


async def test_a_phone_system_call_to_its_proper_end(
    house: Exchange, sid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "START_S", 600)  # a call that ends earlier is closed all the same
    phone = await house.twilio(sid)
    await phone.until(lambda phone: phone.of("mark"))
    await phone.until_it_speaks()  # who speaks is told; now the question, which a key interrupts
    await phone.press("7")
    assert await phone.until_closed() == (1000, "bot_ended")
    detail = await house.ended(ref=sid)
    assert (detail.interaction.door, detail.interaction.caller) == ("twilio", "+39021234")
    assert phone.of("clear")  # the key stopped the prompt
    assert [part.tag for part in xml.fromstring((await house.webhook("/twilio/after", sid=sid)).text)] == ["Hangup"]


# ------------------------------------------------------------------------------------------------ before a call begins


async def test_an_announced_call_in_the_wrong_codec(house: Exchange, sid: str) -> None:
    phone = await house.twilio(sid, encoding="audio/x-alaw")
    code, why = await phone.until_closed()
    assert code == 1003
    assert "wrong_codec: audio/x-mulaw, 8000 Hz, 1 channel is expected, got 'audio/x-alaw'" in (why or "")
    detail = await house.ended(ref=sid)
    assert (detail.interaction.end_reason, detail.interaction.outcome) == ("wrong_codec", "failed")
    assert house.log_of("door.broken")[0]["code"] == "wrong_codec"


async def test_a_browser_in_the_wrong_rate(house: Exchange) -> None:
    phone = await house.browser(start=False)
    await phone.send(type="start", line="it", rate_hz=48000)
    assert await phone.until_closed() == (1003, "wrong_codec: rate_hz 16000 is expected, got 48000")
    assert house.log_of("door.broken")[0]["code"] == "wrong_codec"


@pytest.mark.parametrize("first", ["{", b"\x00\x00", '{"type":"stop"}'])
async def test_nonsense_before_the_start(house: Exchange, first: str | bytes) -> None:
    phone = await house.browser(start=False)
    await phone.ws.send(first)
    code, why = await phone.until_closed()
    assert code in (1003, 1008)
    assert why
    assert house.log_of("door.broken")


async def test_no_start(house: Exchange, sid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "START_S", 0.2)
    await house.announced(sid)
    phone = await house.twilio_socket()
    code, why = await phone.until_closed()
    assert code == 1008
    assert (why or "").startswith("no start within")
    assert house.log_of("door.no_start")
    assert (await house.ended(ref=sid)).interaction.end_reason == "no_media"
    assert house.log_of("reception.no_media")


async def test_a_socket_that_closes_before_the_start(house: Exchange) -> None:
    phone = await house.browser(start=False)
    await vanishes(phone)
    await phone.until_closed()


async def test_a_page_that_is_gone_before_it_is_told_ready(house: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    working, gone = house.journal.append, asyncio.Event()

    async def slow_disk(interaction_id: str, entries: Sequence[Entry]) -> int:
        await gone.wait()
        return await working(interaction_id, entries)

    monkeypatch.setattr(house.journal, "append", slow_disk)
    phone = await house.browser()
    phone.ws.transport.close()
    await phone.until_closed()
    await asyncio.sleep(0.1)  # the server has read it, too
    gone.set()
    async with asyncio.timeout(20):
        while not house.log_of("call.ended"):
            await asyncio.sleep(0.02)
    assert house.log_of("call.ended")[0]["reason"] == "connection_lost"


async def test_a_socket_that_vanishes_with_its_start(house: Exchange, sid: str) -> None:
    phone = await house.twilio(sid)
    await vanishes(phone)
    detail = await house.ended(ref=sid)
    assert detail.interaction.end_reason in ("connection_lost", "no_media")


async def test_an_unknown_line(house: Exchange) -> None:
    phone = await house.browser(line="nowhere")
    assert await phone.until_closed() == (1008, "no line 'nowhere'; the lines are: it")
    assert (await house.ended(line="nowhere")).interaction.end_reason == "unknown_line"
    assert house.log_of("reception.unknown_line")
    answer = await house.webhook(to="+390519999999")
    assert [part.tag for part in xml.fromstring(answer.text)] == ["Reject"]
    assert (await house.ended(line="+390519999999")).interaction.end_reason == "unknown_line"


async def test_a_ticket_opens_one_socket_of_its_line(house: Exchange) -> None:
    for bad in ("", "made-up", house.tickets.issue("operator", {"id": "a", "name": "A"})):
        with pytest.raises(InvalidStatus) as refused:
            await house.browser(ticket=bad)
        assert refused.value.response.status_code == 403
    ticket = house.tickets.issue("browser", {"line": "it"})
    phone = await house.browser(ticket=ticket, start=False)
    with pytest.raises(InvalidStatus):
        await house.browser(ticket=ticket)
    assert len(house.log_of("door.refused_upgrade")) == 4
    await phone.send(type="start", line=NUMBER, rate_hz=16000)
    code, why = await phone.until_closed()
    assert (code, why) == (1008, "this ticket is for the line 'it'")
    assert house.log_of("door.refused")


async def test_what_twilio_did_not_sign_is_refused(exchange: Exchange) -> None:
    assert (await exchange.webhook(sign="bad")).status_code == 403
    assert (await exchange.webhook("/twilio/after", sign="")).status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        await exchange.twilio_socket(sign="bad")
    assert refused.value.response.status_code == 403
    assert len(exchange.log_of("twilio.bad_signature")) == 2
    assert len(exchange.log_of("twilio.unproven_upgrade")) == 1
    assert exchange.house.refused["twilio"] == 3
    assert TWILIO_TOKEN not in str(exchange.logged)
    assert exchange.reception.figures() == {"calls": 0, "expected": 0, "turned_away": 0}


async def test_what_twilio_says_of_a_call_is_in_its_history(exchange: Exchange) -> None:
    phone = await exchange.twilio("CA1")
    await phone.until_it_speaks()
    for said in ({"StreamEvent": "stream-started"}, {"StreamEvent": "stream-error", "StreamError": "31921: gone"}):
        assert (await exchange.webhook("/twilio/status", **said)).status_code == 204
    await phone.press("1")
    await phone.until_closed()
    assert (await exchange.webhook("/twilio/status", CallStatus="completed", CallDuration="4")).status_code == 204
    detail = await exchange.ended(ref="CA1")
    said_of = [event for event in await exchange.events(detail.interaction.id) if event.type == "carrier.status"]
    assert [dict(event.payload) for event in said_of] == [
        {"of": "stream", "status": "stream-started", "detail": ""},
        {"of": "stream", "status": "stream-error", "detail": "31921: gone"},
        {"of": "call", "status": "completed", "detail": ""},
    ]
    assert detail.interaction.end_reason == "bot_ended"
    assert said_of[0].at_ms <= said_of[2].at_ms
    assert (await exchange.webhook("/twilio/status", sid="CA9", CallStatus="completed")).status_code == 204
    assert exchange.log_of("twilio.status_of_unknown_call")
    assert (await exchange.webhook("/twilio/status", sign="bad", CallStatus="busy")).status_code == 403


async def test_a_caller_who_hangs_up_before_the_sound_frees_their_place(exchange: Exchange) -> None:
    token = await exchange.announced("CA1")
    await exchange.webhook("/twilio/status", CallStatus="completed")
    assert (await exchange.ended(ref="CA1")).interaction.end_reason == "caller_hung_up"
    assert exchange.reception.figures()["expected"] == 0
    assert await (await exchange.twilio("CA1", token)).until_closed() == (
        1008,
        "the token is unknown, used or too old",
    )


async def test_an_event_that_this_version_does_not_know_is_noted_and_the_call_goes_on(exchange: Exchange) -> None:
    phone = await exchange.twilio("CA1")
    await phone.until_it_speaks()
    for _ in range(MOST_NOTES + 5):
        await phone.send(event="weather", streamSid="MZ1", sun=True)
    await phone.press("1")
    assert await phone.until_closed() == (1000, "bot_ended")
    detail = await exchange.ended(ref="CA1")
    said_of = [event for event in await exchange.events(detail.interaction.id) if event.type == "carrier.status"]
    assert len(said_of) == MOST_NOTES
    assert dict(said_of[0].payload) == {"of": "stream", "status": "unknown_event", "detail": "'weather'"}


async def test_a_webhook_too_long_to_be_one_is_not_read(exchange: Exchange) -> None:
    assert (await exchange.webhook(more="x" * 200_000)).status_code == 403
    assert (await exchange.webhook(**{f"f{n}": "x" for n in range(200)})).status_code == 403


async def test_a_token_leads_to_its_own_call_once(exchange: Exchange) -> None:
    token = await exchange.announced("CA1")
    first = await exchange.twilio("CA1", token)
    await first.until_it_speaks()
    for sid, stolen in (("CA1", token), ("CA1", ""), ("CA1", "made-up")):
        again = await exchange.twilio(sid, stolen)
        assert await again.until_closed() == (1008, "the token is unknown, used or too old")
    await first.press("1")
    assert await first.until_closed() == (1000, "bot_ended")


async def test_a_token_of_another_call(exchange: Exchange) -> None:
    other = await exchange.twilio("CA666", await exchange.announced("CA1"))
    assert await other.until_closed() == (1008, "the token belongs to another call")
    assert (await exchange.ended(ref="CA1")).interaction.end_reason == "wrong_call"


async def test_more_calls_than_allowed(exchange: Exchange) -> None:
    phones = [await exchange.browser() for _ in range(MOST_CALLS)]
    for phone in phones:
        await phone.until_it_speaks()
    late = await exchange.browser()
    assert await late.until_closed() == (1013, f"{MOST_CALLS} calls are running, as many as most_calls allows")
    assert [part.tag for part in xml.fromstring((await exchange.webhook()).text)] == ["Say", "Hangup"]
    assert exchange.reception.figures()["turned_away"] == 2
    for phone in phones:
        await phone.press("1")
    assert [await phone.until_closed() for phone in phones] == [(1000, "bot_ended")] * MOST_CALLS


async def test_a_server_that_stops_ends_its_calls(exchange: Exchange) -> None:
    phone = await exchange.browser()
    await phone.until_it_speaks()
    await exchange.announced()
    closing = asyncio.create_task(exchange.reception.close(grace_s=0.1))
    assert await phone.until_closed() == (1000, "server_stopped")
    await closing
    assert (await exchange.ended(id=phone.call_id)).interaction.end_reason == "server_stopped"
    assert (await exchange.ended(ref="CA1")).interaction.end_reason == "server_stopped"
    assert [part.tag for part in xml.fromstring((await exchange.webhook(sid="CA2")).text)] == ["Say", "Hangup"]
