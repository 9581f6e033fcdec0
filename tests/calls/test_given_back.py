"""The operator lets the bot take a card's number, and has the same caller again without having heard it."""

from __future__ import annotations

import asyncio

import numpy as np
from websockets.asyncio.client import connect

from centralino.calling import ExpectHangUp, Keys, Say, Silence, WaitFor, WaitForQuiet
from centralino.calling.operator_session import operator_ticket
from dialogs.rendering import MASK
from tests.calls.conftest import Exchange
from tests.telephony.conftest import Console


async def test_the_caller_tells_the_bot_the_number_and_comes_back_to_the_same_operator(exchange: Exchange) -> None:
    said = exchange.said
    ticket = await operator_ticket(exchange.settings.own_url, await exchange.operator_account("Ines"))
    url = exchange.settings.own_url.replace("http", "ws", 1)
    console = Console(await connect(f"{url}/ws/operator?ticket={ticket}", compression=None))
    calling = asyncio.create_task(
        exchange.call(
            "libreria",
            (
                *(WaitForQuiet(), Say(said["it_operatore"])),
                *(WaitFor(lambda: bool(console.of("with_bot")), "the bot has the call again"), WaitForQuiet(1200)),
                *(Say(said["it_numero"]), Silence(300), Keys("12"), WaitForQuiet(1200), Say(said["it_si"])),
                *(WaitFor(lambda: bool(console.of("returned")), "the operator has it again"), Silence(2000)),
                *(Say(said["it_mi_chiamo"]), ExpectHangUp(60_000)),
            ),
        )
    )
    call_id = await console.accept(within_s=60)
    await console.until(lambda console: console.of("to_bot_flows"))
    (offered,) = console.of("to_bot_flows")
    (tessera,) = offered["flows"]
    assert (tessera["flow"], tessera["titles"]["it"], tessera["returns"]) == (
        "tessera", "Numero della tessera fedeltà", True,
    )  # fmt: skip
    await console.send(type="to_bot", flow=tessera["flow"])
    await console.until(lambda console: console.of("with_bot"), 60)
    console.sound = b""
    await console.until(lambda console: console.of("returned"), 90)
    assert not np.frombuffer(console.sound, dtype="<i2").any()
    (back,) = console.of("returned")
    assert (back["call_id"], back["queue"], back["reason"]) == (call_id, "assistenza", "flow")
    assert back["slots"] == {"livello": "base", "tessera": MASK}

    def heard_again(console: Console) -> bool:
        turns = [frame for frame in console.of("transcript") if frame["is_final"] and frame["speaker"] == "caller"]
        return "libro" in turns[-1]["text"].lower()

    await console.until(heard_again, 60)
    assert np.abs(np.frombuffer(console.sound, dtype="<i2").astype(int)).max() > 1000
    await console.send(type="hangup")
    await console.until(lambda console: console.states[-1] == "wrap_up")
    await console.send(type="wrapped_up", code="solved", then="away")
    await console.until(lambda console: console.states[-1] == "away")
    _, record = await calling
    await console.ws.close()

    told = [frame["text"] for frame in console.of("transcript")] + [turn.text for turn in record.detail.transcript]
    assert not [text for text in told if "quattro" in text.lower() or "47129012" in text]
    assert "47129012" not in str(record.events)
    kinds = ["operator.joined", "handback.started", "handback.ended", "operator.left", "call.ended"]
    assert [event.type for event in record.events if event.type in kinds] == kinds
    assert [key for key in record.keys if "tessera" in key] == ["ask_tessera", "confirm_tessera", "tessera_presa"]
    interaction = record.detail.interaction
    assert (interaction.outcome, interaction.end_reason) == ("handed_off", "operator_ended")
    assert [row.code for row in record.detail.wrapups] == ["solved"]
