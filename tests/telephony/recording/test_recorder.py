"""Recordings on disk: whole files, files of a killed process, disks that are full."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from telephony.recording.opus_file import OpusFile
from telephony.recording.recorder import MOST_WAITING, NotDestroyed, Recorder
from tests.shelves import shelf_in

RATE = 8000


def voices(seconds: float, rate_hz: int = RATE) -> np.ndarray:
    """A low tone on the left for the first half, a high one on the right for the second."""
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    low, high = (8000 * np.sin(2 * np.pi * hz * at) for hz in (300, 900))
    left = np.where(at < seconds / 2, low, 0)
    return np.column_stack((left, np.where(at < seconds / 2, 0, high))).astype(np.int16)


@pytest_asyncio.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[Recorder]:
    recorder = Recorder(shelf_in(tmp_path), spare_bytes=0)
    yield recorder
    await recorder.close()


async def test_a_recording_is_an_ogg_opus_file_with_two_channels_that_do_not_mix(recorder: Recorder) -> None:
    tape = recorder.begin("2027/a.ogg", RATE)
    sound = voices(6.0)
    for start in range(0, len(sound), RATE // 2):
        tape.write(sound[start : start + RATE // 2])
    written = await tape.finish()
    (path,) = [path for path in recorder.shelf.folder.rglob("*") if path.is_file()]
    assert path.stat().st_mode & 0o077 == 0
    with recorder.shelf.open("2027/a.ogg") as sealed:
        content = sealed.read()
    assert written is not None
    assert (written.bytes_, written.duration_ms) == (len(content), 6000)
    assert written.sha512 == hashlib.sha512(content).hexdigest()
    assert written.key_id == recorder.shelf.key_id("2027/a.ogg") != ""
    assert content[:4] == b"OggS"
    assert b"OggS" not in path.read_bytes()
    with recorder.shelf.open("2027/a.ogg") as sealed:
        back, rate_hz = soundfile.read(sealed, dtype="float32")
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
    assert not recorder.shelf.holds("b.ogg")
    assert [path for path in recorder.shelf.folder.rglob("*") if path.is_file()] == []


async def test_without_the_master_key_nothing_is_recorded_until_it_is_back(
    recorder: Recorder,
) -> None:
    recorder.shelf.keys.check()
    master = recorder.shelf.keys.path.with_name("recording_master.key")
    kept = master.read_bytes()
    for instead in (None, b"no key", base64.b64encode(bytes(32))):
        master.unlink(missing_ok=True)
        if instead is not None:
            master.write_bytes(instead)
        tape = recorder.begin("c.ogg", RATE)
        tape.write(voices(1.0))
        assert await tape.finish() is None
        assert tape.failure == "no_key"
    assert list(recorder.shelf.folder.rglob("*.*")) == []
    master.write_bytes(kept)
    tape = recorder.begin("c.ogg", RATE)
    tape.write(voices(1.0))
    assert await tape.finish() is not None


async def test_a_recording_that_cannot_be_destroyed_now_is_told(recorder: Recorder) -> None:
    tape = recorder.begin("d.ogg", RATE)
    tape.write(voices(1.0))
    done = threading.Event()
    recorder.submit(done.set)
    await asyncio.to_thread(done.wait)
    recorder.shelf.keys.path.write_bytes(b"this is no database, and long enough to be seen as none" * 100)
    with pytest.raises(NotDestroyed):
        await tape.finish(keep=False)
    assert recorder.shelf.has("d.ogg")


KILLED = """
import sys, time
from pathlib import Path
from telephony.recording.opus_file import OpusFile
from tests.shelves import shelf_in
from tests.telephony.recording.test_recorder import RATE, voices
file = OpusFile(shelf_in(Path(sys.argv[1])).begin("killed.ogg"), RATE)
sound = voices(20.0)
for start in range(0, len(sound), RATE // 2):
    file.write(sound[start : start + RATE // 2])
print("written", flush=True)
time.sleep(60)
"""


def test_a_killed_process_leaves_a_file_that_plays_up_to_its_last_page(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    path = shelf.folder / "killed.ogg.sealed"
    assert b"OggS" not in path.read_bytes()
    with shelf.open("killed.ogg") as sealed:
        assert len(soundfile.read(sealed)[0]) >= 18 * RATE
    whole = path.read_bytes()
    for torn in (whole[:-100], whole[:-100] + bytes(100), whole + bytes(5000)):  # as a power cut leaves it
        path.write_bytes(torn)
        with shelf.open("killed.ogg") as sealed:
            assert len(soundfile.read(sealed)[0]) >= 17 * RATE


async def test_on_a_full_disk_nothing_more_is_written_and_nobody_waits(tmp_path: Path) -> None:
    room = [10**9]
    recorder = Recorder(shelf_in(tmp_path), spare_bytes=10**6, free_bytes=lambda folder: room[0])
    room[0] = 10
    tape = recorder.begin("c.ogg", RATE)
    tape.write(voices(1.0))
    assert await tape.finish() is None
    assert tape.failure == "disk_full"
    await recorder.close()
    assert not list(tmp_path.rglob("*.ogg*"))


def test_the_disk_s_own_refusal_is_an_oserror_and_the_file_keeps_what_it_has(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    sink = shelf.begin("d.ogg")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, before[1]))
    try:
        file = OpusFile(sink, RATE)
        with pytest.raises(OSError, match="File too large"):
            file.write(voices(60.0))
        written = file.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert 4_000 < (shelf.folder / "d.ogg.sealed").stat().st_size <= 8_000
    with shelf.open("d.ogg") as sealed:
        content = sealed.read()
    assert (written.bytes_, written.sha512) == (len(content), hashlib.sha512(content).hexdigest())
    assert content.startswith(b"OggS")


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
