"""Who hears a recording, what is written down of that, and deleting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.sound_response import wanted_range
from history import Entry, Journal, Timeline
from telephony.recording.keeping import Keeping
from telephony.recording.shelf import Shelf
from tests.shelves import shelf_in

SOUND = b"OggS" + bytes(range(96))


@dataclass
class RunningCall:
    wanted: list[tuple[str, str]] = field(default_factory=list)

    async def operator_wants(self, wanted: str, who: str) -> str:
        self.wanted.append((wanted, who))
        return "paused" if wanted == "pause" else "on"


@dataclass
class Recorded:
    house: Any
    shelf: Shelf
    keeping: Keeping
    running: dict[str, RunningCall]

    async def call(self, operator: str = "", file: str = "2027/a.ogg", delete_after: datetime | None = None) -> str:
        call: str = await self.house.an_answered_call()
        key_id = self.shelf.put(file, SOUND) if ".." not in file else ""
        stored = {"file": file, "bytes": 100, "sha512": "ab", "duration_ms": 5000, "started_ms": 1000, "key_id": key_id}
        stored |= {"reason": "bot_ended", "delete_after": delete_after and delete_after.isoformat()}
        joined = [Entry("operator.joined", {"operator": operator})] if operator else []
        await self.house.journal.append(call, [*joined, Entry("recording.stored", stored, 9000)])
        return call

    async def log(self, call: str) -> list[tuple[str, str]]:
        events = await self.house.timeline.events(call)
        return [(event.type, event.actor) for event in events if event.type.startswith("recording.")][1:]


@pytest.fixture
def recorded(house_of: Any, journal: Journal, timeline: Timeline, tmp_path: Path) -> Recorded:
    shelf = shelf_in(tmp_path)
    keeping = Keeping(shelf, journal, timeline)
    running: dict[str, RunningCall] = {}
    return Recorded(house_of(keeping=keeping, running=running.get), shelf, keeping, running)


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
    assert piece.headers["content-range"] == "bytes 10-19/100"
    assert whole.content == SOUND
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
    held = {"subject_kind": "interaction", "subject_id": call, "reason": "causa in corso"}
    hold = (await admin.post("/api/holds", json=held)).json()["id"]
    assert (await admin.delete(path)).json()["detail"]["code"] == "held"
    assert recorded.shelf.holds("2027/a.ogg")
    assert (await admin.delete(f"/api/holds/{hold}")).status_code == 204
    assert (await admin.delete(path)).status_code == 204
    assert not recorded.shelf.holds("2027/a.ogg")
    assert await recorded.log(call) == [("recording.deleted", ada.id)]
    assert (await admin.get(path)).status_code == 410


async def test_recordings_whose_time_is_over_are_deleted(recorded: Recorded) -> None:
    now = datetime.now(UTC)
    over = await recorded.call(file="over.ogg", delete_after=now - timedelta(days=1))
    await recorded.call(file="kept.ogg", delete_after=now + timedelta(days=1))
    await recorded.call(file="forever.ogg")
    assert await recorded.keeping.delete_due(now) == 1
    assert sorted(path.name for path in recorded.shelf.folder.rglob("*.ogg*")) == [
        "forever.ogg.sealed",
        "kept.ogg.sealed",
    ]
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


@pytest.mark.parametrize(
    ("header", "found"),
    [("bytes=0-", (0, 100)), ("bytes=10-19", (10, 20)), ("bytes=90-500", (90, 100)), ("bytes=-5", (95, 100)),
     ("bytes=-500", (0, 100)), ("bytes=-", None), ("bytes=5-4", None), ("bytes=0-1,5-6", None), ("lines=1-2", None)],
)  # fmt: skip
def test_which_piece_is_asked_for(header: str, found: tuple[int, int] | None) -> None:
    assert wanted_range(header, 100) == found


def test_a_piece_behind_the_end_is_refused() -> None:
    for header in ("bytes=100-", "bytes=-0"):
        with pytest.raises(ValueError, match="100 bytes"):
            wanted_range(header, 100)


async def test_a_recording_whose_key_cannot_be_used_says_what_to_do(recorded: Recorded) -> None:
    _, admin = await recorded.house.member("ada", "admin")
    call = await recorded.call()
    seq = (await admin.get(f"/api/interactions/{call}/recordings")).json()[0]["seq"]
    path = f"/api/interactions/{call}/recordings/{seq}"
    assert (await admin.get(path, headers={"Range": "bytes=100-"})).status_code == 416
    master = recorded.shelf.keys.path.with_name("recording_master.key")
    kept = master.read_bytes()
    master.unlink()
    answer = await admin.get(path)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (503, "keys_unavailable")
    assert "put it back" in answer.json()["detail"]["message"]
    master.write_bytes(kept)
    assert (await admin.get(path)).content == SOUND
    recorded.shelf.keys.destroy("2027/a.ogg")
    answer = await admin.get(path)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (410, "key_destroyed")
