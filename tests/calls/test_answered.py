"""Callers whose question the articles answer."""

from centralino.calling import ExpectHangUp, Keys, Say, WaitForQuiet
from tests.calls.conftest import Exchange


async def test_an_italian_question_is_answered_and_the_call_ends_politely(exchange: Exchange) -> None:
    said = exchange.said
    moves = (WaitForQuiet(), Say(said["it_orari"]), WaitForQuiet(), Say(said["it_niente"]), ExpectHangUp())
    result, record = await exchange.call("+390510000001", moves)

    assert record.articles == ["opening-hours"]
    assert record.keys[0] == "disclosure"
    assert "assistente virtuale automatico" in record.said_by("bot")
    assert record.keys[-1] == "goodbye"
    interaction = record.detail.interaction
    assert (interaction.outcome, interaction.end_reason, interaction.recognizer) == ("answered", "bot_ended", "whisper")
    assert result.hung_up_by == "bot"
    assert result.afterwards[-1:] == ("Hangup",)
    assert [event.seq for event in record.events] == list(range(1, len(record.events) + 1))


async def test_an_english_question_is_answered(exchange: Exchange) -> None:
    said = exchange.said
    moves = (WaitForQuiet(), Say(said["en_open"]), WaitForQuiet(), Say(said["en_thanks"]), ExpectHangUp())
    _, record = await exchange.call("bookshop", moves)

    assert record.articles == ["opening-hours"]
    assert record.detail.interaction.outcome == "answered"


async def test_a_korean_caller_is_understood_by_vosk_through_the_browser(exchange: Exchange) -> None:
    said = exchange.said
    moves = (WaitForQuiet(), Say(said["ko_hours"]), WaitForQuiet(), Say(said["ko_no"]), ExpectHangUp())
    result, record = await exchange.call("seojeom", moves, door="browser")

    assert result.recognizer == "vosk"
    assert record.articles == ["opening-hours"]
    assert record.detail.interaction.outcome == "answered"
    assert {turn.text for turn in result.transcript} >= {turn.text for turn in record.detail.transcript}


async def test_an_order_number_may_be_typed_or_spoken(exchange: Exchange) -> None:
    said = exchange.said
    moves = (
        WaitForQuiet(), Say(said["it_ordine"]),
        WaitForQuiet(), Keys("471290"),
        WaitForQuiet(), Say(said["it_no"]),
        WaitForQuiet(), Say(said["it_numero"]),
        WaitForQuiet(), Say(said["it_si"]),
        WaitForQuiet(), Say(said["it_niente"]),
        ExpectHangUp(),
    )  # fmt: skip
    _, record = await exchange.call("libreria", moves)

    assert record.keys.count("confirm_ordine") == 2
    assert "order_shipped" in record.keys
    assert record.detail.interaction.outcome == "answered"


async def test_what_nobody_knows_is_not_answered(exchange: Exchange) -> None:
    moves = (WaitForQuiet(), Say(exchange.said["it_fuori"]), WaitForQuiet())
    _, record = await exchange.call("libreria", moves)

    assert record.articles == []
    assert record.keys[-1] in ("not_understood", "how_can_i_help", "did_you_mean")
    assert record.detail.interaction.end_reason == "caller_hung_up"
