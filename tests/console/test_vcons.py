"""vCons over HTTP and on the command line."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from typer.testing import CliRunner

from centralino.cli import app
from history import Entry, Journal, Timeline
from history.deriving.worker import Deriving
from history.vcon.exporting import Wanted, to_bytes, vcon_of
from telephony.recording.keeping import Keeping
from tests.shelves import shelf_in

SOUND = b"OggS and so on"


def a_call(file: str) -> list[Entry]:
    stored = {"file": file, "bytes": len(SOUND), "sha512": hashlib.sha512(SOUND).hexdigest(), "duration_ms": 900}
    return [
        Entry("call.started", {"line": "it", "caller": "+39051223344"}),
        Entry("recording.stored", stored, 900),
        Entry("call.ended", {"reason": "done"}, 1000),
    ]


async def test_admins_export_a_call_with_its_recording_and_take_it_in_elsewhere(
    house_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = shelf_in(tmp_path)
    assert shelf.put("a.ogg", SOUND)
    house = house_of()
    house = house_of(keeping=Keeping(shelf, house.journal, house.timeline))
    await house.journal.append("call-1", a_call("a.ogg"))
    await Deriving(house.journal, house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    _, admin = await house.member("anna", "admin")
    _, operator = await house.member("piero", "operator")
    assert (await operator.get("/api/interactions/call-1/vcon")).status_code == 403
    assert (await admin.get("/api/interactions/none/vcon")).status_code == 404
    answer = await admin.get("/api/interactions/call-1/vcon", params={"audio": True})
    assert answer.headers["content-type"] == "application/vcon+json"
    assert answer.json()["dialog"][0]["body"]
    understood = [one["body"]["type"] for one in answer.json()["analysis"] if one["schema"] == "centralino.analysis/1"]
    assert {"sentiment", "summary", "topic", "urgency"} <= set(understood)
    redacted = await admin.get("/api/interactions/call-1/vcon", params={"redacted": True})
    assert len(redacted.json()["analysis"]) == len(answer.json()["analysis"])
    again = await admin.post("/api/vcons", content=answer.content)
    assert (again.status_code, again.json()["new"], again.json()["recordings"]) == (200, False, 0)
    changed = json.loads(answer.content)
    changed["attachments"][0]["body"]["events"][0]["payload"]["line"] = "en"
    assert (await admin.post("/api/vcons", content=json.dumps(changed))).status_code == 409
    assert (await admin.post("/api/vcons", content=b"{}")).status_code == 422
    assert (await operator.post("/api/vcons", content=answer.content)).status_code == 403

    file = tmp_path / "call.vcon"
    file.write_bytes(answer.content)
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(elsewhere))
    told = await ran("import-vcon", str(file))
    assert told == (0, f"{file}: call-1 taken in, 1 recordings")
    with shelf_in(elsewhere).open("a.ogg") as sound:
        assert sound.read() == SOUND
    assert SOUND not in (elsewhere / "recordings" / "a.ogg.sealed").read_bytes()
    copy = tmp_path / "copy.vcon"
    assert (await ran("export-vcon", "call-1", "--audio", "--to", str(copy)))[0] == 0
    first, again = json.loads(answer.content), json.loads(copy.read_bytes())
    added = again["attachments"][0]["body"]["events"].pop()  # which key the sound got there
    assert (added["type"], added["payload"]["media_seq"]) == ("recording.sealed", 2)
    assert added["payload"]["key_id"] == shelf_in(elsewhere).key_id("a.ogg") != shelf.key_id("a.ogg")
    assert again | {"updated_at": ""} == first | {"updated_at": ""}
    assert (await ran("import-vcon", str(file)))[1] == f"{file}: call-1 was there"
    code, told_of = await ran("export-vcon", "none")
    assert (code, "no interaction 'none'" in told_of) == (1, True)


async def test_a_recording_s_name_leads_nowhere_else(house_of: Any, tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    house = house_of()
    house = house_of(keeping=Keeping(shelf, house.journal, house.timeline))
    _, admin = await house.member("anna", "admin")
    other = await Journal.open(tmp_path / "other.db", node="n2")
    for name in ("../evil.ogg", "/tmp/evil.ogg", "evil.py"):
        await other.append(f"call {name}", a_call(name))
        timeline = Timeline(other.path)
        raw = to_bytes(vcon_of(await timeline.events(f"call {name}"), Wanted(audio={2: SOUND})))
        await timeline.close()
        answer = await admin.post("/api/vcons", content=raw)
        assert (answer.status_code, "folder of recordings" in answer.text) == (422, True)
    await other.close()
    assert not shelf.folder.exists()
    assert await house.timeline.list_interactions(channel=None) == []


async def ran(*arguments: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, ["history", *arguments])
    structlog.reset_defaults()  # its logs go to a stream that is closed by now
    return result.exit_code, " ".join(result.output.split())
