"""Recordings on disk: whole files, files of a killed process, disks that are full."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from telephony.recording.opus_file import OpusFile
from telephony.recording.recorder import MOST_WAITING, Recorder

RATE = 8000


def voices(seconds: float, rate_hz: int = RATE) -> np.ndarray:
    """A low tone on the left for the first half, a high one on the right for the second."""
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    low, high = (8000 * np.sin(2 * np.pi * hz * at) for hz in (300, 900))
    left = np.where(at < seconds / 2, low, 0)
    return np.column_stack((left, np.where(at < seconds / 2, 0, high))).astype(np.int16)


@pytest_asyncio.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[Recorder]:
    recorder = Recorder(tmp_path / "recordings", spare_bytes=0)
    yield recorder
    await recorder.close()


async def test_a_recording_is_an_ogg_opus_file_with_two_channels_that_do_not_mix(recorder: Recorder) -> None:
    tape = recorder.begin("2027/a.ogg", RATE)
    sound = voices(6.0)
    for start in range(0, len(sound), RATE // 2):
        tape.write(sound[start : start + RATE // 2])
    written = await tape.finish()
    path = recorder.folder / "2027/a.ogg"
    assert written is not None
    assert (written.bytes_, written.duration_ms) == (path.stat().st_size, 6000)
    assert written.sha512 == hashlib.sha512(path.read_bytes()).hexdigest()
    assert path.read_bytes()[:4] == b"OggS"
    assert path.stat().st_mode & 0o077 == 0
    back, rate_hz = soundfile.read(path, dtype="float32")
    assert (rate_hz, back.shape) == (RATE, (6 * RATE, 2))
    quiet, half = RATE // 5, 3 * RATE
    power = [float((back[a:b] ** 2).mean(axis=0)[side]) for a, b in ((quiet, half - quiet), (half + quiet, -quiet))
             for side in (0, 1)]  # fmt: skip
    assert power[0] > 0.01
    assert power[3] > 0.01
    assert max(power[1], power[2]) < 1e-6


async def test_a_recording_that_is_not_wanted_leaves_no_file(recorder: Recorder) -> None:
    tape = recorder.begin("b.ogg", RATE)
    tape.write(voices(1.0))
    assert await tape.finish(keep=False) is None
    assert not list(recorder.folder.glob("**/*.ogg"))


KILLED = """
import sys, time
from pathlib import Path
from telephony.recording.opus_file import OpusFile
from tests.telephony.recording.test_recorder import RATE, voices
file = OpusFile(Path(sys.argv[1]), RATE)
sound = voices(20.0)
for start in range(0, len(sound), RATE // 2):
    file.write(sound[start : start + RATE // 2])
print("written", flush=True)
time.sleep(60)
"""


def test_a_killed_process_leaves_a_file_that_plays_up_to_its_last_page(tmp_path: Path) -> None:
    path = tmp_path / "killed.ogg"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    back, _ = soundfile.read(path)
    assert len(back) >= 18 * RATE
    cut = tmp_path / "cut.ogg"
    cut.write_bytes(path.read_bytes()[:-100])  # and in the middle of a page
    assert len(soundfile.read(cut)[0]) >= 17 * RATE


async def test_on_a_full_disk_nothing_more_is_written_and_nobody_waits(tmp_path: Path) -> None:
    room = [10**9]
    recorder = Recorder(tmp_path, spare_bytes=10**6, free_bytes=lambda folder: room[0])
    room[0] = 10
    tape = recorder.begin("c.ogg", RATE)
    tape.write(voices(1.0))
    assert await tape.finish() is None
    assert tape.failure == "disk_full"
    await recorder.close()
    assert not list(tmp_path.glob("*.ogg"))


def test_the_disk_s_own_refusal_is_an_oserror_and_the_file_keeps_what_it_has(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, before[1]))
    try:
        file = OpusFile(tmp_path / "d.ogg", RATE)
        with pytest.raises(OSError, match="File too large"):
            file.write(voices(60.0))
        written = file.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert written.bytes_ == (tmp_path / "d.ogg").stat().st_size <= 8_000


async def test_a_disk_that_hangs_costs_the_recording_not_the_call(recorder: Recorder) -> None:
    go_on = asyncio.Event()
    loop = asyncio.get_running_loop()
    recorder.submit(lambda: asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result())
    tape = recorder.begin("e.ogg", RATE)
    for _ in range(MOST_WAITING + 1):
        tape.write(voices(0.5))
    assert tape.failure == "disk_too_slow"
    go_on.set()
    await tape.finish()
