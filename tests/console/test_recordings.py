"""Who hears a recording, what is written down of that, and deleting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from history import Entry, Journal, Timeline
from telephony.recording.keeping import Keeping


@dataclass
class RunningCall:
    wanted: list[tuple[str, str]] = field(default_factory=list)

    async def operator_wants(self, wanted: str, who: str) -> str:
        self.wanted.append((wanted, who))
        return "paused" if wanted == "pause" else "on"


@dataclass
class Recorded:
    house: Any
    folder: Path
    keeping: Keeping
    running: dict[str, RunningCall]

    async def call(self, operator: str = "", file: str = "2027/a.ogg", delete_after: datetime | None = None) -> str:
        call: str = await self.house.an_answered_call()
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"OggS" + bytes(range(96)))
        stored = {"file": file, "bytes": 100, "sha512": "ab", "duration_ms": 5000, "started_ms": 1000}
        stored |= {"reason": "bot_ended", "delete_after": delete_after and delete_after.isoformat()}
        joined = [Entry("operator.joined", {"operator": operator})] if operator else []
        await self.house.journal.append(call, [*joined, Entry("recording.stored", stored, 9000)])
        return call

    async def log(self, call: str) -> list[tuple[str, str]]:
        events = await self.house.timeline.events(call)
        return [(event.type, event.actor) for event in events if event.type.startswith("recording.")][1:]


@pytest.fixture
def recorded(house_of: Any, journal: Journal, timeline: Timeline, tmp_path: Path) -> Recorded:
    folder = tmp_path / "recordings"
    keeping = Keeping(folder, journal, timeline)
    running: dict[str, RunningCall] = {}
    return Recorded(house_of(keeping=keeping, running=running.get), folder, keeping, running)


async def test_admins_and_the_call_s_operator_listen_and_each_time_is_written_down(
    recorded: Recorded,
) -> None:
    rina, hers = await recorded.house.member("rina", "operator")
    _, others = await recorded.house.member("otto", "operator")
    ada, admin = await recorded.house.member("ada", "admin")
    call = await recorded.call(operator=rina.id)
    detail = (await hers.get(f"/api/interactions/{call}")).json()
    (one,) = detail["recordings"]
    assert (one["duration_ms"], one["started_ms"], one["sha512"]) == (5000, 1000, "ab")
    path = f"/api/interactions/{call}/recordings/{one['seq']}"

    whole = await hers.get(path)
    assert (whole.status_code, whole.headers["content-type"], len(whole.content)) == (200, "audio/ogg", 100)
    assert whole.headers["cache-control"] == "no-store"
    piece = await hers.get(path, headers={"Range": "bytes=10-19"})
    assert (piece.status_code, piece.content) == (206, whole.content[10:20])
    assert await recorded.log(call) == [("recording.played", rina.id)]
    recorded.house.clock.pass_by(301)
    await hers.get(path)
    kept = await admin.get(path, params={"download": "1"})
    assert kept.headers["content-disposition"].startswith("attachment")
    assert await recorded.log(call) == [
        ("recording.played", rina.id), ("recording.played", rina.id), ("recording.downloaded", ada.id)
    ]  # fmt: skip

    assert (await others.get(f"/api/interactions/{call}")).json()["recordings"] == []
    for refused in (await others.get(path), await others.get(f"/api/interactions/{call}/recordings")):
        assert (refused.status_code, refused.json()["detail"]["code"]) == (403, "not_your_call")
    assert (await recorded.house.browser().get(path)).status_code == 401
    assert (await admin.get(f"/api/interactions/{call}/recordings/1")).status_code == 404
    assert len((await admin.get(f"/api/interactions/{call}/recordings")).json()) == 1
    assert "media-src 'self'" in whole.headers["content-security-policy"]


async def test_an_admin_deletes_a_recording_and_its_file(recorded: Recorded) -> None:
    rina, hers = await recorded.house.member("rina", "operator")
    ada, admin = await recorded.house.member("ada", "admin")
    call = await recorded.call(operator=rina.id)
    seq = (await admin.get(f"/api/interactions/{call}/recordings")).json()[0]["seq"]
    path = f"/api/interactions/{call}/recordings/{seq}"
    assert (await hers.delete(path)).status_code == 403
    assert (await admin.delete(path)).status_code == 204
    assert not list(recorded.folder.rglob("*.ogg"))
    assert await recorded.log(call) == [("recording.deleted", ada.id)]
    assert (await admin.get(path)).status_code == 410


async def test_recordings_whose_time_is_over_are_deleted(recorded: Recorded) -> None:
    now = datetime.now(UTC)
    over = await recorded.call(file="over.ogg", delete_after=now - timedelta(days=1))
    await recorded.call(file="kept.ogg", delete_after=now + timedelta(days=1))
    await recorded.call(file="forever.ogg")
    assert await recorded.keeping.delete_due(now) == 1
    assert sorted(path.name for path in recorded.folder.rglob("*.ogg")) == ["forever.ogg", "kept.ogg"]
    assert await recorded.log(over) == [("recording.deleted", "system")]
    assert await recorded.keeping.delete_due(now) == 0


async def test_no_history_leads_out_of_the_folder_of_recordings(recorded: Recorded) -> None:
    _, admin = await recorded.house.member("ada", "admin")
    call = await recorded.call(file="../history.db.ogg")
    seq = (await admin.get(f"/api/interactions/{call}/recordings")).json()[0]["seq"]
    answer = await admin.get(f"/api/interactions/{call}/recordings/{seq}")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "recording_missing")


async def test_the_operator_of_a_call_pauses_it(recorded: Recorded) -> None:
    rina, hers = await recorded.house.member("rina", "operator")
    _, others = await recorded.house.member("otto", "operator")
    call = await recorded.call(operator=rina.id)
    path = f"/api/calls/{call}/recording"
    assert (await hers.post(path, json={"wanted": "pause"})).status_code == 409
    recorded.running[call] = RunningCall()
    assert (await hers.post(path, json={"wanted": "pause"})).json() == {"state": "paused"}
    assert (await hers.post(path, json={"wanted": "stop"})).status_code == 422
    assert (await others.post(path, json={"wanted": "resume"})).status_code == 403
    assert recorded.running[call].wanted == [("pause", rina.id)]
