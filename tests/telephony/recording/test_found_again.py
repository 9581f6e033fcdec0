"""Recordings whose server died, or whose disk did not take their end, are found again and deleted in their time."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import soundfile

from history import Entry, Journal, Media, Timeline
from telephony.recording.keeping import Keeping
from tests.shelves import shelf_in

WRITER = """
import asyncio, sys
from pathlib import Path
from history import Entry, Journal
from telephony.recording.opus_file import OpusFile
from tests.shelves import shelf_in
from tests.telephony.recording.test_recorder import RATE, voices

async def main():
    folder = Path(sys.argv[1])
    journal = await Journal.open(folder / "history.db", node="n1")
    await journal.append("call", [
        Entry("call.started", {"line": "it", "door": "twilio", "language": "it", "caller": "+39051"}),
        Entry("recording.started", {"file": "2027/call-1.ogg", "kept_days": 30}, 1000),
    ])
    file = OpusFile(shelf_in(folder).begin("2027/call-1.ogg"), RATE)
    for _ in range(10):
        file.write(voices(2.0))
    print("written", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
FILE = "2027/call-1.ogg"


async def stored(timeline: Timeline) -> Media:
    (media,) = (await timeline.get("call")).media
    return media


async def test_after_kill_nine_the_recording_is_in_its_calls_history_and_is_deleted_in_its_time(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    journal = await Journal.open(tmp_path / "history.db", node="n1")
    timeline = Timeline(tmp_path / "history.db")
    shelf = shelf_in(tmp_path)
    keeping = Keeping(shelf, journal, timeline)
    await keeping.adopt(await journal.close_lost())
    media = await stored(timeline)
    assert (media.file, media.reason, media.started_ms) == (FILE, "node_lost", 1000)
    with shelf.open(FILE) as sealed:
        content = sealed.read()
    assert (media.bytes, media.sha512) == (len(content), hashlib.sha512(content).hexdigest())
    assert media.key_id == shelf.key_id(FILE) != ""
    with shelf.open(FILE) as sealed, soundfile.SoundFile(sealed) as sound:
        assert media.duration_ms == sound.frames * 1000 // sound.samplerate >= 18_000
    assert await keeping.delete_due(datetime.now(UTC) + timedelta(days=29)) == 0
    assert await keeping.delete_due(datetime.now(UTC) + timedelta(days=31)) == 1
    assert not shelf.holds(FILE)
    await timeline.close()
    await journal.close()


async def test_a_recording_whose_call_another_server_ended_is_looked_for_by_its_own(tmp_path: Path) -> None:
    """Once; here it is found to be gone with the disk."""
    journal, now = await Journal.open(tmp_path / "history.db", node="n1"), datetime.now(UTC)
    await journal.append("call", [
        Entry("call.started", {"line": "it", "door": "twilio", "language": "it", "caller": "+39051"}),
        Entry("recording.started", {"file": FILE, "kept_days": 30}, 1000),
        Entry("call.ended", {"reason": "node_lost", "outcome": "failed"}, 2000),
    ])  # fmt: skip
    timeline = Timeline(tmp_path / "history.db")
    keeping = Keeping(shelf_in(tmp_path), journal, timeline)
    for node, told in (("n2", 0), ("n1", 1), ("n1", 1)):
        await keeping.adopt_of(node, now)
        assert [event.type for event in await timeline.events("call")].count("recording.discarded") == told
    await timeline.close()
    await journal.close()


async def unfinished(folder: Path, kept: bool, content: bytes | None) -> tuple[Journal, Timeline, Keeping]:
    """A call that ended while the disk did not take its recording's end."""
    journal = await Journal.open(folder / "history.db", node="n1")
    ended = {"file": FILE, "reason": "caller_hung_up", "started_ms": 1000, "keep": kept}
    await journal.append("call", [
        Entry("call.started", {"line": "it", "door": "twilio", "language": "it", "caller": "+39051"}),
        Entry("recording.started", {"file": FILE, "kept_days": 30}, 1000),
        Entry("recording.unfinished", ended, 9000),
        Entry("call.ended", {"reason": "caller_hung_up", "outcome": "answered"}, 9000),
    ])  # fmt: skip
    if content is not None:
        path = folder / "recordings" / FILE  # as it was written before recordings were encrypted
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    timeline = Timeline(folder / "history.db")
    return journal, timeline, Keeping(shelf_in(folder), journal, timeline)


async def test_an_unfinished_recording_is_found_once_and_even_unplayable_is_deleted_in_its_time(tmp_path: Path) -> None:
    journal, timeline, keeping = await unfinished(tmp_path, True, b"OggS")
    now = datetime.now(UTC)
    await keeping.adopt_unfinished(now - timedelta(hours=1))  # somebody may still write to it
    assert (await timeline.get("call")).media == ()
    for since in (None, now - timedelta(days=2)):
        await keeping.adopt_unfinished(datetime.now(UTC), since)
        media = await stored(timeline)
    assert (media.reason, media.bytes, media.duration_ms) == ("caller_hung_up", 4, 0)
    assert await keeping.delete_due(now + timedelta(days=31)) == 1
    await timeline.close()
    await journal.close()


async def test_one_that_the_caller_did_not_want_and_one_that_is_gone_are_not_kept(tmp_path: Path) -> None:
    for name, content in (("unwanted", b"OggS"), ("gone", None)):
        (tmp_path / name).mkdir()
        journal, timeline, keeping = await unfinished(tmp_path / name, content is None, content)
        await keeping.adopt_unfinished(datetime.now(UTC))
        assert not shelf_in(tmp_path / name).holds(FILE)
        assert [event.type for event in await timeline.events("call")][-1] == "recording.discarded"
        await timeline.close()
        await journal.close()
