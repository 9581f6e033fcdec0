"""A person takes with them all that is stored of them, and nothing of anybody else."""

import io
import json
import zipfile
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import pytest

from history import Contacts, Entry, Journal, Media, Timeline, UnknownContact, new_id
from history.deriving.worker import Deriving
from history.identity.points import named
from history.privacy.portability import write_portable


async def a_call(journal: Journal, caller: str, said: str) -> str:
    call = new_id()
    stored = {"file": f"{call}.ogg", "bytes": 5, "sha512": "0" * 128, "duration_ms": 900}
    entries = [
        Entry("call.started", {"line": "it", "door": "test", "language": "it", "caller": caller}),
        Entry("transcript", {"speaker": "caller", "text": said, "start_ms": 0, "end_ms": 900}, 900, "caller"),
        Entry("recording.stored", stored, 980),
        Entry("call.ended", {"reason": "caller_hung_up", "outcome": "answered"}, 1000),
    ]
    await journal.append(call, entries)
    return call


async def test_the_zip_has_all_of_theirs_and_nothing_else(tmp_path: Path) -> None:
    journal = await Journal.open(tmp_path / "history.db", node="test")
    timeline = Timeline(journal.path)
    try:
        mine = await a_call(journal, "+393331234567", "la mia frase")
        await a_call(journal, "+393339999999", "frase di un altro")
        await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()
        point = named("tel", "+393331234567")
        assert point is not None
        found = await Contacts(timeline).at(point)
        assert found is not None

        def sound_of(media: Media) -> BinaryIO | None:
            return io.BytesIO(b"OggS!") if media.interaction_id == mine else None

        who, count = await write_portable(timeline, found.id, tmp_path / "out.zip", sound_of)
        assert (who.id, count) == (found.id, 1)
        with zipfile.ZipFile(tmp_path / "out.zip") as bundle:
            names = set(bundle.namelist())
            recording = next(name for name in names if name.startswith("recordings/"))
            assert names == {
                "README.txt", "contact.json", "consents.json", f"interactions/{mine}.json",
                f"interactions/{mine}.vcon", recording,
            }  # fmt: skip
            assert bundle.read(recording) == b"OggS!"
            whole = b"".join(bundle.read(name) for name in names).decode()
            assert json.loads(bundle.read("contact.json"))["points"][0]["value"] == "+393331234567"
            vcon = json.loads(bundle.read(f"interactions/{mine}.vcon"))
            assert vcon["vcon"] == "0.4.0"
            assert {"report", "sentiment", "summary"} == {one["type"] for one in vcon["analysis"]}
        assert "la mia frase" in whole
        assert "un altro" not in whole
        with pytest.raises(UnknownContact):
            await write_portable(timeline, "nobody", tmp_path / "none.zip", sound_of)
    finally:
        await timeline.close()
        await journal.close()
