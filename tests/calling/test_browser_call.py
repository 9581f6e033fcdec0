"""Our browser caller against a small bot on a real websocket."""

import asyncio

import pytest

from centralino.calling import CallRefused, ExpectHangUp, Keys, Say, Script, Silence, WaitForQuiet, place_call

READY = {"call_id": "c1", "rate_hz": 16000, "language": "ko", "recognizer": "vosk"}


async def call(server, *moves, line="KO", **more):
    return await place_call(server.url, door="browser", line=line, script=Script(moves, max_ms=15_000), **more)


async def test_a_call_in_the_browser_doors_words(socket_server, tone):
    async def plays(bot):
        await bot.until("start")
        await bot.send("ready", **READY)
        await bot.send("transcript", speaker="bot", text="half", at_ms=1, is_final=False)
        await bot.send("transcript", speaker="bot", text="whole", at_ms=2, is_final=True)
        await bot.speak(200)
        await bot.send("mark", name="m1")
        await bot.until("mark")
        await bot.until("dtmf")
        await bot.send("ended", reason="bot_ended")

    async with socket_server(plays) as server:
        result = await call(server, WaitForQuiet(200), Say(tone(100)), Keys("5"), ExpectHangUp())
    assert server.bots[0].log == [
        {"type": "start", "line": "KO", "caller": "+390200000000", "rate_hz": 16000},
        {"type": "mark", "name": "m1"},
        {"type": "dtmf", "digit": "5"},
    ]
    assert tone(100).pcm in server.bots[0].sound
    assert len(server.bots[0].sound) % 640 == 0
    assert (result.call_id, result.language, result.recognizer) == ("c1", "ko", "vosk")
    assert [told.text for told in result.transcript] == ["whole"]
    assert (result.hung_up_by, result.ended_why, result.outcome) == ("bot", "bot_ended", "completed")
    assert result.protocol_errors == ()


async def test_a_caller_who_hangs_up_says_stop(socket_server):
    async def plays(bot):
        await bot.until("start")
        await bot.send("ready", **READY)
        await bot.until("stop")

    async with socket_server(plays) as server:
        result = await call(server, Silence(100))
    assert server.bots[0].log[-1] == {"type": "stop"}
    assert (result.hung_up_by, result.outcome) == ("caller", "completed")


async def test_clear_returns_the_marks_at_once(socket_server, tone):
    async def plays(bot):
        await bot.until("start")
        await bot.send("ready", **READY)
        await bot.speak(10_000)
        await bot.send("mark", name="far")
        await asyncio.sleep(0.3)
        await bot.send("clear")
        await bot.until("mark")
        await bot.send("ended", reason="done")

    async with socket_server(plays) as server:
        result = await call(server, ExpectHangUp(9000))
    assert (result.outcome, result.ended_why) == ("completed", "done")
    assert server.bots[0].log[-1] == {"type": "mark", "name": "far"}


async def test_what_the_wire_format_does_not_know_is_recorded(socket_server):
    async def plays(bot):
        await bot.until("start")
        await bot.send("ready", **READY)
        await bot.socket.send_bytes(b"\0")
        await bot.socket.send_text("hello")
        await bot.send("music")
        await bot.send("transcript", speaker="nobody", text="x", at_ms=0, is_final=True)
        await bot.until("stop")

    async with socket_server(plays) as server:
        result = await call(server, Silence(200))
    assert len(result.protocol_errors) == 4


async def test_a_connection_that_breaks_is_lost_with_its_code(socket_server):
    async def plays(bot):
        await bot.until("start")
        await bot.send("ready", **READY)
        await bot.socket.close(1011, "disk full")

    async with socket_server(plays) as server:
        result = await call(server, Silence(3000))
    assert (result.outcome, result.hung_up_by) == ("lost", "lost")
    assert "1011" in result.outcome_why
    assert "disk full" in result.outcome_why


async def test_an_unknown_line_gets_no_ticket(socket_server):
    async with socket_server(None) as server:
        with pytest.raises(CallRefused, match=r"404.*nowhere"):
            await call(server, Silence(100), line="nowhere")


async def test_a_refusal_on_the_socket_tells_code_and_reason(socket_server):
    async def plays(bot):
        await bot.until("start")
        await bot.socket.close(1008, "unknown line")

    async with socket_server(plays) as server:
        with pytest.raises(CallRefused, match="1008: unknown line"):
            await call(server, Silence(100))


async def test_an_unknown_door_is_an_error():
    with pytest.raises(ValueError, match="twilio, browser"):
        await place_call("http://127.0.0.1:9", door="back", line="IT", script=Script(()))
