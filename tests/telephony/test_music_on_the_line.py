"""A whole call whose caller is put on hold with music: it is in the history, and takes no turn."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from history import Entry, Journal, Timeline
from telephony.call import Call
from telephony.late_writing import LateWriting
from telephony.media import Command, HungUp, Pacing
from telephony.music import Music
from telephony.operators.desk import Desk
from telephony.parts import Parts
from tests.telephony.conftest import Engines

pytestmark = pytest.mark.asyncio(loop_scope="session")

RATE_HZ = 8000


async def test_music_on_the_callers_side_is_told_and_is_no_turn(engines: Engines, tmp_path: Path) -> None:
    journal = await Journal.open(tmp_path / "history.db", node="n1")
    desk = Desk(journal, lambda: int(time.monotonic() * 1000))
    await journal.append("c1", [Entry("call.started", {"line": "it"})])

    async def nobody_listens(command: Command) -> None:
        await asyncio.sleep(0)

    parts = Parts(journal, LateWriting(journal), engines.recognizers, engines.speaker, desk)
    call = Call("c1", engines.line, "", RATE_HZ, parts, nobody_listens, Pacing(confirms=False))
    running = asyncio.create_task(call.run())
    timeline = Timeline(journal.path)
    music = Music.built_in().loop(RATE_HZ)
    told: list[bool] = []
    for sound in (music[: RATE_HZ * 2 * 5], bytes(RATE_HZ * 2 * 5)):
        for start in range(0, len(sound), 3200):
            call.hear(sound[start : start + 3200])
            await asyncio.sleep(0.01)
    for _ in range(100):
        events = await timeline.events("c1")
        told = [event.payload["plays"] for event in events if event.type == "call.music"]
        if len(told) == 2:
            break
        await asyncio.sleep(0.05)
    call.hung_up(HungUp().reason)
    await running
    events = await timeline.events("c1")
    await timeline.close()
    await journal.close()
    assert told == [True, False]
    assert [event for event in events if event.payload.get("kind") == "CallerSaid"] == []
