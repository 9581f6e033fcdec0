"""Our Twilio far end against a small bot on a real webhook and a real websocket."""

import asyncio
import json
import wave
from collections import Counter

import numpy as np
import pytest

from centralino.calling import (
    CallRefused,
    ExpectHangUp,
    Interrupt,
    Keys,
    Say,
    Script,
    Silence,
    WaitForQuiet,
    place_call,
)
from centralino.calling.twilio_webhook import signature


@pytest.fixture
def call(auth_token):
    """call(server, *moves, ...) places a call on the server."""

    async def place(server, *moves, sends_silence=True, token=auth_token, **more):
        script = Script(moves, sends_silence=sends_silence, max_ms=15_000)
        return await place_call(
            server.url, door="twilio", line="+390211111111", script=script, twilio_auth_token=token, **more
        )

    return place


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")],
)
def test_the_signatures_of_twilios_own_documentation(number, expected):
    fields = {
        "To": "+18005551212", "Digits": "1234", "Caller": number, "From": number, "CallSid": "CA1234567890ABCDE",
    }  # fmt: skip
    assert signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", fields) == expected


async def test_a_call_arrives_as_twilio_documents_it(twilio_server, call, tone, auth_token):
    async def plays(bot):
        await bot.speak(300, mark="hello")
        await bot.until("stop")

    async def with_start(bot):
        await bot.until("start")
        await plays(bot)

    async with twilio_server(with_start) as server:
        result = await call(server, WaitForQuiet(300), Say(tone(200)), Keys("4#"), Silence(100))

    (voice, fields, signed), (after, after_fields, after_signed) = server.requests
    assert voice == "/twilio/voice"
    assert fields["To"] == "+390211111111"
    assert fields["CallStatus"] == "ringing"
    assert signed == signature(auth_token, server.url + "/twilio/voice", fields)
    assert server.upgrade_signature == signature(auth_token, server.url.replace("http", "ws") + "/twilio/media", {})
    assert (after, after_fields["CallStatus"]) == ("/twilio/after", "completed")
    assert after_signed == signature(auth_token, server.url + "/twilio/after", after_fields)

    log = server.bots[0].log
    assert log[0] == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    start = log[1]["start"]
    assert start["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    assert start["customParameters"] == {"token": "t0k"}
    assert start["callSid"] == fields["CallSid"] == result.call_id
    assert start["tracks"] == ["inbound"]
    assert [frame["sequenceNumber"] for frame in log[1:]] == [str(n + 1) for n in range(len(log) - 1)]
    assert {frame["streamSid"] for frame in log[1:]} == {start["streamSid"]}
    media = [frame["media"] for frame in log if frame["event"] == "media"]
    assert [item["chunk"] for item in media] == [str(n + 1) for n in range(len(media))]
    assert len(server.bots[0].heard) == len(media) * 320
    assert {item["track"] for item in media} == {"inbound"}
    stamps = [int(item["timestamp"]) for item in media]
    assert stamps == sorted(stamps)
    dtmf = [frame["dtmf"] for frame in log if frame["event"] == "dtmf"]
    assert dtmf == [{"track": "inbound_track", "digit": "4"}, {"track": "inbound_track", "digit": "#"}]
    assert [frame["mark"] for frame in log if frame["event"] == "mark"] == [{"name": "hello"}]
    assert log[-1]["stop"] == {"accountSid": start["accountSid"], "callSid": start["callSid"]}

    assert (result.outcome, result.hung_up_by, result.afterwards) == ("completed", "caller", ())
    assert result.protocol_errors == ()
    json.dumps(result.to_json())


async def test_frames_keep_the_time_of_the_clock(twilio_server, call):
    async def plays(bot):
        await bot.until("stop")

    async with twilio_server(plays) as server:
        result = await call(server, Silence(1000))
    media = [frame["media"] for frame in server.bots[0].log if frame["event"] == "media"]
    assert 45 <= len(media) <= 51
    assert result.own_frames.frames == pytest.approx(len(media), abs=1)
    # However late single frames were, the last timestamp is where the clock puts it.
    assert int(media[-1]["timestamp"]) == pytest.approx(20 * (len(media) - 1), abs=60 + result.own_frames.late_ms_max)


async def test_a_phone_with_silence_suppression_sends_only_speech(twilio_server, call, tone):
    async def plays(bot):
        await bot.until("stop")

    async with twilio_server(plays) as server:
        await call(server, Silence(300), Say(tone(200)), Silence(300), sends_silence=False)
    media = [frame for frame in server.bots[0].log if frame["event"] == "media"]
    assert len(media) == 10


async def test_marks_come_back_when_the_sound_was_played_and_at_once_after_a_clear(twilio_server, call):
    times = {}

    async def plays(bot):
        loop = asyncio.get_running_loop()
        await bot.until("start")
        times["sent"] = loop.time()
        await bot.speak(600, mark="one")
        await bot.speak(5000, mark="two")
        assert (await bot.until("mark"))["mark"]["name"] == "one"
        times["one"] = loop.time()
        await bot.send("mark", mark={"name": "three"})
        await bot.send("clear")
        assert (await bot.until("mark"))["mark"]["name"] == "two"
        assert (await bot.until("mark"))["mark"]["name"] == "three"
        times["cleared"] = loop.time()
        await bot.until("stop")

    async with twilio_server(plays) as server:
        result = await call(server, WaitForQuiet(300))
    assert times["one"] - times["sent"] >= 0.6
    assert times["cleared"] - times["sent"] < 5.6
    assert result.duration_ms < 5600
    assert [frame["event"] for frame in server.bots[0].log].count("mark") == 3


async def test_latency_is_what_the_bot_made_the_caller_wait(twilio_server, call, tone):
    waits = [0.3, 0.7]

    async def plays(bot):
        for wait_s in waits:
            await bot.until_caller_fell_silent()
            await asyncio.sleep(wait_s)
            await bot.speak(300)
        await bot.until("stop")

    async with twilio_server(plays) as server:
        result = await call(
            server,
            Say(tone(400, tail_ms=200)), WaitForQuiet(300), Say(tone(400, tail_ms=200)), WaitForQuiet(300),
        )  # fmt: skip
    first, second = result.turn_latency_ms
    late_ms = result.own_frames.late_ms_max
    # The bot notices silence one frame after the last voiced one; frames that the caller sent late shorten the wait.
    assert 300 - late_ms <= first - 20 + 5 <= 300 + 150 + late_ms
    assert 700 - late_ms <= second - 20 + 5 <= 700 + 150 + late_ms
    assert [turn.kind for turn in result.turns] == ["said", "said"]


async def test_barge_in_is_measured_until_the_bot_is_silent(twilio_server, call, tone):
    async def plays(bot):
        await bot.until("start")
        await bot.speak(8000, mark="long")
        while not np.abs(np.frombuffer(bot.heard[-320:], dtype="<i2").astype(int)).max(initial=0) > 1000:
            await bot.until("media")
        await asyncio.sleep(0.2)
        await bot.send("clear")
        await bot.until_caller_fell_silent()
        await bot.speak(300)
        await bot.until("stop")

    async with twilio_server(plays) as server:
        result = await call(server, Interrupt(tone(800, tail_ms=100), after_ms=500), WaitForQuiet(300))
    (turn,) = result.turns
    assert turn.began_ms >= 500
    assert turn.barge_in_ms >= 195
    assert turn.barge_in_ms < 2000
    assert turn.latency_ms is not None
    assert not turn.cut_off


async def test_a_bot_that_hangs_up_is_followed_to_what_comes_after(twilio_server, call, tone):
    async def plays(bot):
        await bot.until("start")
        await bot.speak(200)
        await asyncio.sleep(0.3)

    dial = "<Response><Dial>+390222222222</Dial></Response>"
    async with twilio_server(plays, after=dial) as server:
        result = await call(server, WaitForQuiet(100), ExpectHangUp())
    assert (result.hung_up_by, result.outcome) == ("bot", "completed")
    assert result.afterwards == ("Dial +390222222222",)
    assert server.requests[1][1]["CallStatus"] == "in-progress"


async def test_a_bot_that_hangs_up_too_early_is_noted(twilio_server, call, tone):
    async def plays(bot):
        await bot.until("start")

    async with twilio_server(plays) as server:
        result = await call(server, WaitForQuiet(), Say(tone(100)))
    assert result.outcome == "ended_early"
    assert "move 1 of 2 (WaitForQuiet)" in result.outcome_why


async def test_a_bot_that_says_nothing_fails_the_script_and_is_left(twilio_server, call, tone):
    async def plays(bot):
        await bot.until("stop")

    async with twilio_server(plays) as server:
        result = await call(server, WaitForQuiet(timeout_ms=300), Say(tone(100)))
    assert (result.outcome, result.hung_up_by) == ("script_failed", "caller")
    assert "said nothing in 300 ms" in result.outcome_why


async def test_what_twilio_would_refuse_is_recorded_and_the_call_goes_on(twilio_server, call):
    async def plays(bot):
        await bot.until("start")
        await bot.socket.send_bytes(b"\0\0")
        await bot.socket.send_text("{")
        await bot.send("hangup")
        await bot.send("media", media={})
        await bot.send("media", media={"payload": "!!!"})
        await bot.send("media", media={"payload": "UklGRiQAAABXQVZF"})
        await bot.send("mark", mark={})
        await bot.socket.send_text(json.dumps({"event": "clear", "streamSid": "MZother"}))
        await bot.socket.send_text(json.dumps({"event": "media", "media": {"payload": "/w=="}}))
        await bot.speak(200)
        await bot.until("stop")

    seen = []
    async with twilio_server(plays) as server:
        result = await call(server, WaitForQuiet(100), observer=seen.append)
    expected = [
        "binary frame", "not JSON", "event 'hangup'", "media without its payload", "not base64", "wav header",
        "mark without its name", "stream 'MZother'", "stream None",
    ]  # fmt: skip
    assert len(result.protocol_errors) == len(expected)
    for error, part in zip(result.protocol_errors, expected, strict=True):
        assert part in error
    assert Counter(happening.kind for happening in seen)["protocol_error"] == len(expected)
    assert result.outcome == "completed"


async def test_whoever_watches_hears_of_every_turn(twilio_server, call, tone):
    async def plays(bot):
        await bot.until("start")
        await bot.speak(200)
        await bot.until_caller_fell_silent()
        await bot.speak(200)
        await bot.until("stop")

    seen = []
    async with twilio_server(plays) as server:
        await call(server, WaitForQuiet(200), Say(tone(200, tail_ms=100)), WaitForQuiet(200), observer=seen.append)
    assert [happening.kind for happening in seen] == [
        "ringing",
        "answered",
        "bot_speaks",
        "says",
        "bot_speaks",
        "ended",
    ]
    assert "latency_ms" in seen[4].detail
    assert "latency_ms" not in seen[2].detail


async def test_both_voices_are_saved(twilio_server, call, tone, tmp_path):
    async def plays(bot):
        await bot.until("start")
        await bot.speak(300)
        await bot.until("stop")

    async with twilio_server(plays) as server:
        result = await call(server, WaitForQuiet(200), Say(tone(400)), Silence(200), save_to=tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav"), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    assert len(both) == pytest.approx(result.duration_ms * 8, abs=160)
    caller, bot = (np.flatnonzero(np.abs(both[:, side].astype(int)) > 1000) / 8 for side in (0, 1))
    assert caller[0] == pytest.approx(result.turns[0].began_ms, abs=25 + result.own_frames.late_ms_max)
    assert caller[-1] - caller[0] == pytest.approx(400, abs=5)
    assert bot[-1] - bot[0] == pytest.approx(300, abs=5)
    assert bot[-1] < caller[0]


@pytest.mark.parametrize(
    ("twiml", "says"),
    [
        ('<Response><Reject reason="rejected"/></Response>', "Reject"),
        ("<Response/>", "nothing"),
        ('<Response><Connect><Stream url="https://b/m"/></Connect></Response>', "wss:// only"),
    ],
)
async def test_a_refused_call_says_who_refused_and_why(twilio_server, call, twiml, says):
    async with twilio_server(None, twiml=twiml) as server:
        with pytest.raises(CallRefused, match=says):
            await call(server, Silence(100))


async def test_a_server_that_is_not_there_is_named(call):
    class Nowhere:
        url = "http://127.0.0.1:9"

    with pytest.raises(CallRefused, match=r"127\.0\.0\.1:9.*is the server running"):
        await call(Nowhere(), Silence(100))


async def test_a_local_call_to_a_server_that_twilio_knows_by_another_name(twilio_server, call, auth_token):
    async def plays(bot):
        await bot.until("stop")

    twiml = '<Response><Connect><Stream url="wss://bot.example/twilio/media"/></Connect></Response>'
    async with twilio_server(plays, twiml=twiml) as server:
        await call(server, Silence(100), public_url="https://bot.example")
    _, fields, signed = server.requests[0]
    assert signed == signature(auth_token, "https://bot.example/twilio/voice", fields)
    assert server.upgrade_signature == signature(auth_token, "wss://bot.example/twilio/media", {})
