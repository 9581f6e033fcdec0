"""Callers who reach a person, who wait for one, or whom nobody can take."""

from __future__ import annotations

import asyncio

from centralino.calling import ExpectHangUp, Happening, Keys, Say, Silence, WaitFor, WaitForQuiet
from tests.calls.conftest import Exchange


async def test_operators_take_calls_with_the_transcript_and_waiting_callers_hear_their_place(
    exchange: Exchange,
) -> None:
    """One operator, two callers: the first is taken, the second waits and is promised a call-back in the end."""
    said = exchange.said
    connected = asyncio.Event()

    def watch(happening: Happening) -> None:
        if happening.kind == "connected":
            connected.set()

    talk = (Say(said["op_it_1"]), WaitForQuiet(1500), Say(said["op_it_2"]), Silence(8000))
    operator = asyncio.create_task(exchange.operator("Rina", talk, watch))
    first = asyncio.create_task(
        exchange.call(
            "libreria",
            (
                *(WaitForQuiet(), Say(said["it_operatore"])),
                *(WaitFor(connected.is_set, "an operator was connected"), WaitForQuiet(1200)),
                *(Say(said["it_mi_chiamo"]), ExpectHangUp(60_000)),
            ),
        )
    )
    await connected.wait()
    second = await exchange.call("libreria", (WaitForQuiet(), Keys("0"), ExpectHangUp(60_000)))
    _, record = await first
    taken = await operator

    assert taken.offer.queue == "assistenza"
    assert taken.offer.reason == "asked"
    assert taken.offer.transcript[0].speaker == "bot"
    assert any("operator" in turn.text.lower() for turn in taken.offer.transcript if turn.speaker == "caller")
    assert taken.wrapped_up
    assert {turn.speaker for turn in taken.transcript} >= {"caller", "operator"}
    assert "libro" in record.said_by("caller").lower()
    assert "copia" in record.said_by("operator").lower()
    order = ["handoff.queued", "offer.made", "offer.accepted", "operator.joined", "call.ended"]
    assert [event.type for event in record.events if event.type in order] == order
    interaction = record.detail.interaction
    assert (interaction.outcome, interaction.end_reason) == ("handed_off", "operator_ended")

    _, waited = second
    assert "queue_next" in waited.keys
    assert waited.keys[-1] == "nobody_available"
    assert [callback.queue for callback in waited.detail.callbacks] == ["assistenza"]


async def test_when_nobody_is_there_the_caller_hears_so_and_a_call_back_is_noted(exchange: Exchange) -> None:
    moves = (WaitForQuiet(), Say(exchange.said["it_operatore"]), ExpectHangUp(40_000))
    _, record = await exchange.call("libreria", moves)

    assert record.keys[-1] == "nobody_available"
    assert [callback.queue for callback in record.detail.callbacks] == ["assistenza"]
    assert record.detail.callbacks[0].number == record.detail.interaction.caller
    assert record.detail.interaction.outcome == "callback"
