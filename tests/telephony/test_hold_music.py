"""Music for who waits, on a line that also has prompts."""

from __future__ import annotations

import asyncio

from telephony.hold_music import FRAME_MS, LEAD_MS, HoldMusic
from telephony.media import Command, SoundOut
from telephony.music import Music
from voice.audio import duration_ms

LOOP = Music(bytes(range(0, 200, 2)) * 160, 8000)


class Far:
    def __init__(self) -> None:
        self.got = b""
        self.free = True
        self.now_ms = 0

    async def send(self, command: Command) -> None:
        assert isinstance(command, SoundOut)
        self.got += command.pcm

    async def tick(self, ms: int) -> int:
        """Let time pass; returns how much was sent meanwhile, in ms."""
        before = len(self.got)
        for _ in range(ms // FRAME_MS):
            self.now_ms += FRAME_MS
            await asyncio.sleep(FRAME_MS / 1000 * 1.2)
        return duration_ms(self.got[before:], 8000)


async def test_it_keeps_pace_makes_room_and_goes_on_where_it_was() -> None:
    far = Far()
    music = HoldMusic(LOOP, 8000, far.send, lambda: far.free, lambda: far.now_ms)
    music.start()
    music.start()
    await asyncio.sleep(0.1)
    sent = await far.tick(200)
    assert 100 <= sent <= 200 + LEAD_MS
    far.free = False
    await far.tick(60)
    assert await far.tick(100) == 0
    far.free = True
    assert await far.tick(100) > 0
    music.stop()
    await asyncio.sleep(0.05)
    assert await far.tick(60) == 0
