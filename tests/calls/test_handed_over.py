"""Callers who reach a person, or whom nobody can take."""

import asyncio

from centralino.calling import ExpectHangUp, Happening, Say, Silence, WaitFor, WaitForQuiet
from tests.calls.conftest import Exchange


async def test_the_operator_is_given_the_transcript_and_both_voices_are_written_down(exchange: Exchange) -> None:
    said = exchange.said
    connected = asyncio.Event()

    def watch(happening: Happening) -> None:
        if happening.kind == "connected":
            connected.set()

    operator = asyncio.create_task(
        exchange.operator(
            "Rina", (Say(said["op_it_1"]), WaitForQuiet(1500), Say(said["op_it_2"]), Silence(2000)), watch
        )
    )
    moves = (
        WaitForQuiet(), Say(said["it_operatore"]),
        WaitFor(connected.is_set, "an operator was connected"), WaitForQuiet(1200),
        Say(said["it_mi_chiamo"]), ExpectHangUp(60_000),
    )  # fmt: skip
    _, record = await exchange.call("libreria", moves)
    taken = await operator

    assert taken.offer.queue == "assistenza"
    assert taken.offer.reason == "asked"
    assert [turn.speaker for turn in taken.offer.transcript][:1] == ["bot"]
    assert any("operatore" in turn.text.lower() for turn in taken.offer.transcript if turn.speaker == "caller")
    assert taken.wrapped_up
    assert {turn.speaker for turn in taken.transcript} >= {"caller", "operator"}
    assert "libro" in record.said_by("caller").lower()
    assert "copia" in record.said_by("operator").lower()
    kinds = [event.type for event in record.events]
    order = ["handoff.queued", "offer.made", "offer.accepted", "operator.joined", "call.ended"]
    assert [kind for kind in kinds if kind in order] == order
    interaction = record.detail.interaction
    assert (interaction.outcome, interaction.end_reason) == ("handed_off", "operator_ended")


async def test_when_nobody_is_there_the_caller_hears_so_and_a_call_back_is_noted(exchange: Exchange) -> None:
    moves = (WaitForQuiet(), Say(exchange.said["it_operatore"]), ExpectHangUp(40_000))
    _, record = await exchange.call("libreria", moves)

    assert record.keys[-1] == "nobody_available"
    assert [callback.queue for callback in record.detail.callbacks] == ["assistenza"]
    assert record.detail.callbacks[0].number == record.detail.interaction.caller
    assert record.detail.interaction.outcome == "callback"


async def test_a_waiting_caller_hears_their_place(exchange: Exchange) -> None:
    said = exchange.said
    offered, may_accept = asyncio.Event(), asyncio.Event()

    def watch(happening: Happening) -> None:
        if happening.kind == "offer":
            offered.set()

    operator = asyncio.create_task(exchange.operator("Ugo", (Silence(500),), watch))
    moves = (WaitForQuiet(), Say(said["it_operatore"]), ExpectHangUp(60_000))
    _, record = await exchange.call("libreria", moves)
    await operator
    may_accept.set()

    assert offered.is_set()
    assert record.of("operator.joined")
