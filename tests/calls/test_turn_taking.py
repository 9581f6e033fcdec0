"""Barge-in, silence, and what the transcript keeps."""

from centralino.calling import ExpectHangUp, HangUp, Interrupt, Say, Silence, WaitForQuiet
from tests.calls.conftest import Exchange, Placed


async def test_an_interrupted_answer_stops_and_the_transcript_keeps_what_was_played(exchange: Exchange) -> None:
    said = exchange.said
    moves = (
        WaitForQuiet(), Say(said["it_orari"]),
        Interrupt(said["it_bargein"], after_ms=1500),
        WaitForQuiet(), HangUp(),
    )  # fmt: skip
    cleared = []
    result, record = await exchange.call(
        "libreria", moves, observer=lambda happening: cleared.append(happening) if happening.kind == "clear" else None
    )

    assert cleared, "the carrier was told to drop what it had buffered"
    interrupted = [turn for turn in record.detail.transcript if turn.interrupted and turn.article == "opening-hours"]
    assert len(interrupted) == 1
    whole = next(
        event.payload["text"]
        for event in record.of("dialog.action")
        if event.payload["kind"] == "Say" and event.payload["article"] == "opening-hours"
    )
    assert whole.startswith(interrupted[0].text)
    assert 0 < len(interrupted[0].text) < len(whole)
    assert any(article.startswith("shipping") for article in record.articles)
    assert any(turn.barge_in_ms is not None for turn in result.turns)


async def test_a_yes_over_an_answer_pauses_it_and_the_sentence_is_said_again(exchange: Exchange) -> None:
    said = exchange.said
    moves = (
        WaitForQuiet(), Say(said["it_orari"]),
        Interrupt(said["it_si"], after_ms=1500),
        WaitForQuiet(quiet_ms=2500), HangUp(),
    )  # fmt: skip
    cleared = []
    _, record = await exchange.call(
        "libreria", moves, observer=lambda happening: cleared.append(happening) if happening.kind == "clear" else None
    )

    assert cleared, "the line fell silent"
    (answer,) = [turn for turn in record.detail.transcript if turn.article == "opening-hours"]
    assert not answer.interrupted
    spoken = [event.payload for event in record.of("dialog.event") if event.payload["kind"] == "CallerSaid"]
    assert len(spoken) == 1, "the yes did not become an answer to anything"
    assert len([turn for turn in record.detail.transcript if turn.speaker == "caller"]) == 2


async def test_silence_and_a_caller_who_hangs_up_in_mid_sentence(exchange: Exchange) -> None:
    """A silent caller is asked again, then passed to a person; the words of one who hangs up are kept."""
    clip = exchange.said["it_orari"]
    half = type(clip)(clip.name, clip.pcm[: len(clip.pcm) // 2], clip.rate_hz, clip.text)
    calls = await exchange.calls(
        silent=Placed("libreria", (WaitForQuiet(), Silence(45_000), ExpectHangUp(20_000))),
        leaving=Placed("libreria", (WaitForQuiet(), Say(half), HangUp())),
    )

    _, record = calls["silent"]
    assert record.keys.count("not_heard") == 2
    assert "no_luck" in record.keys
    assert record.of("handoff.queued")[0].payload["reason"] == "repair"
    assert record.detail.interaction.outcome == "callback"

    _, left = calls["leaving"]
    assert "vorrei" in left.said_by("caller").lower()
    assert left.detail.interaction.end_reason == "caller_hung_up"
    assert left.events[-1].type == "call.ended"
