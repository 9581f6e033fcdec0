"""What a newcomer types."""

import asyncio
import json
import os
import subprocess
import sys

from history import Timeline
from tests.calls.conftest import Exchange


async def _centralino(exchange: Exchange, *words: str) -> subprocess.CompletedProcess[str]:
    settings = exchange.settings
    environment = {
        **os.environ,
        "CENTRALINO_DATA_DIR": str(settings.data_dir),
        "CENTRALINO_PORT": str(settings.port),
        "CENTRALINO_TWILIO_AUTH_TOKEN": settings.auth_token(),
    }
    return await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "centralino", *words], env=environment, capture_output=True, text=True
    )


async def test_calls_are_replayed_with_the_same_actions(exchange: Exchange) -> None:
    """The last calls placed by these tests: answered, confirmed by voice and by keys."""
    timeline = Timeline(exchange.settings.history_path)
    calls = [row.id for row in await timeline.list_interactions(limit=3) if row.ended_at]
    await timeline.close()
    assert calls

    for call_id in calls:
        replayed = await _centralino(exchange, "replay", call_id)
        assert replayed.returncode == 0, replayed.stderr
        assert "the same actions" in replayed.stdout


async def test_the_callers_own_recognizer_hears_the_bot(exchange: Exchange) -> None:
    clip = "samples/bookshop/callers/en_open.wav"
    called = await _centralino(exchange, "call", clip, "--line", "bookshop", "--language", "en", "--json")

    assert called.returncode == 0, called.stderr
    result = json.loads(called.stdout)
    assert result["turn_latency_ms"]
    assert "assistant" in " ".join(heard["text"] for heard in result["heard"]).lower()


async def test_the_demo_prints_one_json_object() -> None:
    shown = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "centralino", "demo", "--once", "--json"], capture_output=True, text=True,
    )  # fmt: skip

    assert shown.returncode == 0, shown.stderr
    calls = json.loads(shown.stdout)["calls"]
    assert [call["language"] for call in calls] == ["it", "it", "ko", "en"]
    assert [call["recognizer"] for call in calls] == ["whisper", "whisper", "vosk", "whisper"]
    assert calls[0]["article"] == calls[2]["article"] == calls[3]["article"] == "opening-hours"
    assert calls[1]["handoff"]["transcript_turns"] > 2
    assert calls[1]["outcome"] == "handed_off"
    assert all(call["turn_latency_ms"] for call in calls)
