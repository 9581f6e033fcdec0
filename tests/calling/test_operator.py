"""A scripted operator against a small desk on a real websocket."""

import asyncio

import pytest

from centralino.calling import CallRefused, Credentials, Say, Script, WaitForQuiet, run_operator

OFFER = {
    "offer": "o7", "call_id": "c1", "queue": "orders", "line": "IT", "caller": "+39", "language": "it",
    "reason": "asked", "slots": {"order": "471290"}, "expires_in_ms": 20000,
    "transcript": [
        {"speaker": "bot", "text": "Buongiorno", "at_ms": 0},
        {"speaker": "caller", "text": "ciao", "at_ms": 900},
    ],
}  # fmt: skip


async def welcome(bot):
    await bot.send("welcome", operator={"id": "op1", "name": "Anna", "queues": ["orders"]})
    await bot.send("state", state="away")
    await bot.until("available")
    await bot.send("state", state="available")
    await bot.send("destinations", titles={})
    await bot.send("waiting", calls=[])


async def offer_a_call(bot, **changes):
    await bot.send("offer", **{**OFFER, **changes})
    accept = await bot.until("accept")
    await bot.send("state", state="on_call")
    return accept


async def serve_one_call(bot):
    await welcome(bot)
    assert (await offer_a_call(bot))["offer"] == "o7"
    await bot.send("connected", call_id="c1")
    await bot.send("recording", call_id="c1", state="off")
    await bot.speak(300)
    await bot.send("transcript", call_id="c1", seq=9, speaker="caller", text="grazie", at_ms=5, is_final=True)
    await bot.until("hangup")
    await bot.send("ended", call_id="c1", reason="operator_ended")
    await bot.send("state", state="wrap_up")
    await bot.until("wrapped_up")
    await bot.send("state", state="available")
    await bot.until("never")


async def test_an_operator_signs_in_takes_a_call_talks_and_wraps_up(socket_server, tone):
    seen = []
    async with socket_server(serve_one_call) as server:
        result = await run_operator(
            server.url,
            ticket_or_credentials=Credentials("anna", "right"),
            script=Script((Say(tone(200)), WaitForQuiet(300))),
            observer=seen.append,
        )
    assert result.operator == "Anna"
    assert result.offer.slots == {"order": "471290"}
    assert [(turn.speaker, turn.text) for turn in result.offer.transcript] == [
        ("bot", "Buongiorno"),
        ("caller", "ciao"),
    ]
    assert [turn.text for turn in result.transcript] == ["grazie"]
    assert (result.outcome, result.hung_up_by, result.wrapped_up) == ("completed", "operator", True)
    assert result.protocol_errors == ()
    assert tone(200).pcm in server.bots[0].sound
    kinds = [happening.kind for happening in seen]
    assert kinds.index("offer") < kinds.index("connected") < kinds.index("says") < kinds.index("ended")
    assert result.to_json()["offer"]["queue"] == "orders"


async def test_a_caller_who_leaves_ends_the_operators_call(socket_server, tone):
    async def plays(bot):
        await welcome(bot)
        await offer_a_call(bot)
        await bot.send("connected", call_id="c1")
        await bot.send("ended", call_id="c1", reason="caller_hung_up")
        await bot.send("state", state="wrap_up")
        await bot.until("wrapped_up")
        await bot.send("state", state="available")
        await bot.until("never")

    async with socket_server(plays) as server:
        result = await run_operator(
            server.url, ticket_or_credentials="o1", script=Script((WaitForQuiet(), Say(tone(100))))
        )
    assert (result.hung_up_by, result.ended_why, result.outcome) == ("other", "caller_hung_up", "ended_early")
    assert result.wrapped_up


async def test_an_offer_that_is_gone_makes_room_for_the_next(socket_server):
    async def plays(bot):
        await welcome(bot)
        await offer_a_call(bot)
        await bot.send("offer_gone", offer="o7", why="taken")
        await bot.send("state", state="available")
        assert (await offer_a_call(bot, offer="o8", queue="returns"))["offer"] == "o8"
        await bot.send("connected", call_id="c1")
        await bot.until("hangup")
        await bot.send("state", state="wrap_up")
        await bot.until("wrapped_up")
        await bot.send("state", state="available")
        await bot.until("never")

    async with socket_server(plays) as server:
        result = await run_operator(server.url, ticket_or_credentials="o1", script=Script(()))
    assert result.offer.queue == "returns"


async def test_an_operator_who_comes_back_into_an_earlier_call_is_told(socket_server):
    async def plays(bot):
        await bot.send("welcome", operator={"id": "op1", "name": "Anna", "queues": ["orders"]})
        await bot.send("state", state="on_call")
        await bot.send("connected", call_id="c0")
        await bot.until("never")

    async with socket_server(plays) as server:
        with pytest.raises(CallRefused, match=r"'Anna'.*earlier call"):
            await run_operator(server.url, ticket_or_credentials="o1", script=Script(()))


async def test_a_wrong_password_is_refused_and_not_shown(socket_server):
    async with socket_server(None) as server:
        with pytest.raises(CallRefused, match="401") as caught:
            await run_operator(server.url, ticket_or_credentials=Credentials("anna", "wr0ng"), script=Script(()))
    assert "wr0ng" not in str(caught.value)
    assert "wr0ng" not in repr(Credentials("anna", "wr0ng"))


async def test_an_operator_without_calls_leaves_and_says_so(socket_server):
    async def plays(bot):
        await welcome(bot)
        await bot.until("never")

    async with socket_server(plays) as server:
        with pytest.raises(CallRefused, match=r"'Anna'.*'available'"):
            await run_operator(server.url, ticket_or_credentials="o1", script=Script(()), offer_timeout_s=0.3)


async def test_a_desk_that_closes_is_told_apart(socket_server):
    async def plays(bot):
        await welcome(bot)
        await asyncio.sleep(0.05)

    async with socket_server(plays) as server:
        with pytest.raises(CallRefused, match="closed before a call"):
            await run_operator(server.url, ticket_or_credentials="o1", script=Script(()))
