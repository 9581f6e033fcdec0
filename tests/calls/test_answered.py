"""Callers whose question the articles answer. They all call at the same time."""

from __future__ import annotations

import pytest_asyncio

from centralino.calling import CallResult, ExpectHangUp, Keys, Say, WaitForQuiet
from tests.calls.conftest import Exchange, Placed, Record

Calls = dict[str, tuple[CallResult, Record]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calls(exchange: Exchange) -> Calls:
    said = exchange.said
    return await exchange.calls(
        italian=Placed(
            "+390510000001",
            (WaitForQuiet(), Say(said["it_orari"]), WaitForQuiet(), Say(said["it_niente"]), ExpectHangUp()),
        ),
        english=Placed(
            "bookshop", (WaitForQuiet(), Say(said["en_open"]), WaitForQuiet(), Say(said["en_thanks"]), ExpectHangUp())
        ),
        korean=Placed(
            "seojeom",
            (WaitForQuiet(), Say(said["ko_shipping"]), WaitForQuiet(), Say(said["ko_no"]), ExpectHangUp()),
            door="browser",
        ),
        order=Placed(
            "libreria",
            (
                *(WaitForQuiet(), Say(said["it_ordine"])),
                *(WaitForQuiet(), Keys("471290")),
                *(WaitForQuiet(), Say(said["it_no"])),
                *(WaitForQuiet(), Say(said["it_numero"])),
                *(WaitForQuiet(), Say(said["it_si"])),
                *(WaitForQuiet(), Say(said["it_niente"])),
                ExpectHangUp(),
            ),
        ),
        outside=Placed("libreria", (WaitForQuiet(), Say(said["it_fuori"]), WaitForQuiet())),
    )


async def test_an_italian_question_is_answered_and_the_call_ends_politely(calls: Calls) -> None:
    result, record = calls["italian"]

    assert record.articles == ["opening-hours"]
    assert record.keys[0] == "disclosure"
    assert "assistente virtuale automatico" in record.said_by("bot")
    assert record.keys[-1] == "goodbye"
    interaction = record.detail.interaction
    assert (interaction.outcome, interaction.end_reason, interaction.recognizer) == ("answered", "bot_ended", "whisper")
    assert result.hung_up_by == "bot"
    assert result.afterwards[-1:] == ("Hangup",)
    assert [event.seq for event in record.events] == list(range(1, len(record.events) + 1))


async def test_an_english_question_is_answered(calls: Calls) -> None:
    _, record = calls["english"]

    assert record.articles == ["opening-hours"]
    assert record.detail.interaction.outcome == "answered"


async def test_a_korean_caller_is_understood_by_vosk_through_the_browser(calls: Calls) -> None:
    result, record = calls["korean"]

    assert result.recognizer == "vosk"
    assert record.articles == ["shipping-cost"]
    assert record.detail.interaction.outcome == "answered"
    assert {turn.text for turn in result.transcript} >= {turn.text for turn in record.detail.transcript}


async def test_an_order_number_may_be_typed_or_spoken(calls: Calls) -> None:
    _, record = calls["order"]

    assert record.keys.count("confirm_ordine") == 2
    assert "order_shipped" in record.keys
    assert record.detail.interaction.outcome == "answered"


async def test_what_nobody_knows_is_not_answered(calls: Calls) -> None:
    _, record = calls["outside"]

    assert record.articles == []
    assert "not_understood" in record.keys
    assert record.detail.interaction.end_reason == "caller_hung_up"


async def test_calls_are_replayed_with_the_same_actions(exchange: Exchange, calls: Calls) -> None:
    """Confirmed by voice and by keys; not understood."""
    for _, record in (calls["order"], calls["outside"]):
        replayed = await exchange.command("replay", record.id)
        assert replayed.returncode == 0, replayed.stderr
        assert "the same actions" in replayed.stdout
