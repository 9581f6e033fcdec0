"""A full disk, or keys that cannot be used, end a recording; who looks on can tell that from one that never began."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dialogs.events import Record
from telephony.confiding import Confiding
from telephony.prompts import PromptEnded
from telephony.record import CallRecord
from telephony.recording.call_recording import CallRecording
from telephony.recording.policy import RecordingPolicy
from telephony.recording.recorder import Recorder
from tests.shelves import shelf_in


class Noted:
    is_late = False

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []

    async def add(self, kind: str, payload: dict[str, Any], actor: str = "bot") -> None:
        self.entries.append((kind, payload))


@pytest.mark.parametrize("reason", ["disk_full", "no_key"])
async def test_what_ends_it_is_told_as_failed(tmp_path: Path, reason: str) -> None:
    shelf = shelf_in(tmp_path)
    shelf.keys.check()
    if reason == "no_key":
        (tmp_path / "recording_master.key").unlink()
    free = 10 if reason == "disk_full" else 1000
    recorder = Recorder(shelf, spare_bytes=100, free_bytes=lambda folder: free)
    noted, confiding = Noted(), Confiding(lambda: 5000)
    recording = CallRecording(
        "c1", RecordingPolicy(True), recorder, cast(CallRecord, noted), confiding, lambda: 5000, 8000
    )
    assert recording.state == "off"
    say = SimpleNamespace(key="notice", language="it", text="Registriamo.")
    heard = SimpleNamespace(prompt=SimpleNamespace(say=say), started_ms=0, ended_ms=4000, complete=True)
    await recording.wanted(Record("on", "notice"))
    await recording.played(cast(PromptEnded, heard))
    async with asyncio.timeout(20):
        while recording.state != "failed":
            await asyncio.sleep(0.01)
            await recording.look()
    assert [kind for kind, _ in noted.entries] == ["recording.started", "recording.discarded"]
    assert noted.entries[-1][1]["reason"] == reason
    await recording.close("caller_hung_up")
    await recorder.close()
