"""What a newcomer types beside a running server."""

import json

from tests.calls.conftest import Exchange


async def test_the_callers_own_recognizer_hears_the_bot(exchange: Exchange) -> None:
    clip = "samples/bookshop/callers/en_open.wav"
    called = await exchange.command("call", clip, "--line", "bookshop", "--language", "en", "--json")

    assert called.returncode == 0, called.stderr
    result = json.loads(called.stdout)
    assert result["turn_latency_ms"]
    assert "assistant" in " ".join(heard["text"] for heard in result["heard"]).lower()
