"""The demo, whole, as a newcomer sees it."""

import asyncio
import json
import subprocess
import sys


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
    assert all(call["turn_latency_ms"] for call in (calls[0], *calls[2:]))  # in the second an operator is faster
