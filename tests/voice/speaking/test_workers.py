from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from voice.speaking.workers import Worker, WorkerLost

OWNER = """
import asyncio
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

async def main():
    speaker = Pyttsx3Synthesizer()
    await speaker.synthesize("Pronto.", Voice("pyttsx3", "it"))
    print(speaker.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_child_that_cannot_start_says_why() -> None:
    worker = Worker("voice.speaking.no_such_engine", start_s=20, reply_s=5)
    with pytest.raises(WorkerLost, match="No module named"):
        await worker.ask({})
    assert worker.pid is None
    await worker.close()


async def test_a_child_that_does_not_speak_the_protocol_is_given_up() -> None:
    worker = Worker("this", start_s=20, reply_s=5)  # prints a poem
    with pytest.raises(WorkerLost):
        await worker.ask({})
    await worker.close()


async def test_no_child_outlives_a_killed_server() -> None:
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, stdout=asyncio.subprocess.PIPE)
    assert owner.stdout is not None
    child = int(await asyncio.wait_for(owner.stdout.readline(), 30))
    os.kill(child, 0)
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    async with asyncio.timeout(20):
        while _runs(child):
            await asyncio.sleep(0.05)


def _runs(pid: int) -> bool:
    """A dead child whose new parent has not reaped it yet does not run."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
