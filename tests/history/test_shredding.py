"""A person's recordings are shredded: their keys are destroyed, wherever they are, and the receipt says which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from history import Contacts, Entry, Journal, Media, Timeline, new_id
from history.identity.points import named
from history.privacy.erasing import CannotErase, erase_contact
from history.privacy.holds import set_hold
from history.privacy.retention import Clocks, Retention, Sweeper
from history.privacy.tables import shredded
from history.projections import project_all
from telephony.recording.call_recording import file_of
from telephony.recording.keeping import Keeping
from telephony.recording.rounds import seal_plain, shred_asked
from telephony.recording.sealing.key_store import KeyDestroyed
from telephony.recording.shelf import Shelf
from tests.shelves import shelf_in

SOUND = b"OggS and what was said in confidence" * 300
CALLER = "+393331234567"


async def a_call(journal: Journal, shelf: Shelf, recordings: int = 1, *, plain: bool = False) -> str:
    call = new_id()
    stored = []
    for n in range(recordings):
        told = {"file": f"2027/{call}-{n}.ogg", "bytes": len(SOUND), "sha512": "0", "duration_ms": 900}
        if plain:
            path = shelf.folder / told["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(SOUND)
        else:
            told["key_id"] = shelf.put(told["file"], SOUND)
        stored.append(Entry("recording.stored", told, 900))
    started = {"line": "it", "door": "test", "language": "it", "caller": CALLER}
    ended = Entry("call.ended", {"reason": "caller_hung_up"}, 1000)
    await journal.append(call, [Entry("call.started", started), *stored, ended])
    return call


async def media_of(timeline: Timeline, call: str) -> tuple[Media, ...]:
    """As the table has it and the log says it."""
    media = (await timeline.get(call)).media
    assert project_all(await timeline.events(call)).media == media
    return media


async def erased(timeline: Timeline, journal: Journal, keeping: Keeping) -> dict[str, object]:
    point = named("tel", CALLER)
    assert point is not None
    person = await Contacts(timeline).at(point)
    assert person is not None

    async def delete_file(media: Media) -> None:
        await keeping.delete(media, "their person was erased", "acc_1")

    return await erase_contact(timeline, journal, person.id, actor="acc_1", delete_file=delete_file)


async def test_after_an_erasure_no_copy_of_a_recording_can_be_opened(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    data = tmp_path / "server"
    shelf = shelf_in(data)
    call = await a_call(journal, shelf, recordings=2)
    media = await media_of(timeline, call)
    names = [f"{one.file}.sealed" for one in media]
    copies = [(shelf.folder / name).read_bytes() for name in names]
    keys = [shelf.keys.key(one.key_id) for one in media]
    receipt = await erased(timeline, journal, Keeping(shelf, journal, timeline))
    assert receipt["keys_destroyed"] == [one.key_id for one in media]
    assert (receipt["recordings"], receipt["keys_elsewhere"], receipt["recordings_elsewhere"]) == (2, [], 0)
    assert [path for path in shelf.folder.rglob("*") if path.is_file()] == []
    left = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert all(key not in left for key in keys)
    assert all(one.key_id.encode() not in left for one in media)
    for name, copy in zip(names, copies, strict=True):
        (shelf.folder / name).write_bytes(copy)
        with pytest.raises(KeyDestroyed):
            shelf.open(name.removesuffix(".sealed"))
    assert [(one.key_id, one.deleted_at is not None) for one in await media_of(timeline, call)] == [
        (one.key_id, True) for one in media
    ]


async def test_one_of_two_recordings_of_a_call_is_shredded_alone(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    shelf = shelf_in(tmp_path)
    one, other = await media_of(timeline, await a_call(journal, shelf, recordings=2))
    await Keeping(shelf, journal, timeline).delete(one, "an admin deleted it")
    assert not shelf.holds(one.file)
    with shelf.open(other.file) as sound:
        assert sound.read() == SOUND


async def test_a_hold_keeps_the_key_and_retention_destroys_it(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    shelf = shelf_in(tmp_path)
    keeping = Keeping(shelf, journal, timeline)
    held, free = await a_call(journal, shelf), await a_call(journal, shelf)
    await set_hold(journal, "interaction", held, "causa in corso", actor="acc_1")
    with pytest.raises(CannotErase):
        await erased(timeline, journal, keeping)
    later = datetime.now(UTC) + timedelta(days=11)
    retention = Retention(Clocks(10, 10, 10))
    sweeper = Sweeper(
        timeline, journal, retention, lambda media: keeping.delete(media, "its time is over"), lambda: later
    )
    swept = await sweeper.sweep()
    assert ([one.interaction_id for one in swept.audio], swept.facts) == ([free], (free,))
    assert not shelf.holds(swept.audio[0].file)
    (kept,) = await media_of(timeline, held)
    with shelf.open(kept.file) as sound:
        assert sound.read() == SOUND


async def test_keys_stay_with_the_server_that_recorded_and_are_destroyed_there(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    ours, theirs = shelf_in(tmp_path / "ours"), shelf_in(tmp_path / "theirs")
    call = await a_call(journal, theirs)
    (media,) = await media_of(timeline, call)
    assert await shred_asked(theirs, journal, timeline) == 0
    receipt = await erased(timeline, journal, Keeping(ours, journal, timeline))
    assert (receipt["keys_destroyed"], receipt["keys_elsewhere"]) == ([], [media.key_id])
    assert theirs.holds(media.file)
    assert await shred_asked(ours, journal, timeline) == 0
    assert await shred_asked(theirs, journal, timeline) == 1
    assert not theirs.holds(media.file)
    assert await shred_asked(theirs, journal, timeline) == 0
    rows = await timeline.read(lambda c: c.execute(select(shredded.c.key_id, shredded.c.done_at)).all())
    assert [(key_id, done is not None) for key_id, done in rows] == [(media.key_id, True)]


async def test_what_is_kept_again_is_not_destroyed_for_an_earlier_deletion(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    here, away = shelf_in(tmp_path / "here"), shelf_in(tmp_path / "away")
    call = await a_call(journal, away)
    (media,) = await media_of(timeline, call)
    await Keeping(here, journal, timeline).delete(media, "an admin deleted it")
    here.put(media.file, SOUND)  # as an import of the call under another id brings it back
    stored = {"file": media.file, "bytes": len(SOUND), "sha512": "0", "duration_ms": 900}
    await journal.append("again", [Entry("call.started", {"line": "it"}), Entry("recording.stored", stored)])
    assert await shred_asked(here, journal, timeline) == 0
    assert here.holds(media.file)


async def test_recordings_of_before_are_read_as_they_are_and_encrypted_in_the_background(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    shelf, other = shelf_in(tmp_path / "ours"), shelf_in(tmp_path / "theirs")
    keeping = Keeping(shelf, journal, timeline)
    call = await a_call(journal, shelf, recordings=2, plain=True)
    there = await a_call(journal, other, plain=True)
    lost = (await media_of(timeline, call))[1]
    (shelf.folder / lost.file).unlink()
    before = (await media_of(timeline, call))[0]
    assert before.key_id == ""
    with keeping.open(before) as sound:
        assert sound.read() == SOUND
    assert await seal_plain(shelf, journal, timeline) == 1
    after = (await media_of(timeline, call))[0]
    assert after.key_id == shelf.key_id(after.file) != ""
    assert [path.name for path in shelf.folder.rglob("*") if path.is_file()] == [f"{call}-0.ogg.sealed"]
    with keeping.open(after) as sound:
        assert sound.read() == SOUND
    assert await seal_plain(shelf, journal, timeline) == 0
    assert (await media_of(timeline, there))[0].key_id == ""
    receipt = await erased(timeline, journal, keeping)
    assert receipt["keys_destroyed"] == [after.key_id]
    assert receipt["recordings_elsewhere"] == 2  # one is lost, the other on another server: nobody knows which


async def began(journal: Journal, shelf: Shelf, *, ended: bool = True) -> tuple[str, str]:
    """A call that was recorded by a server that died; another server ended it."""
    call = new_id()
    file = file_of(call, 1, datetime(2027, 3, 1, tzinfo=UTC))
    writer = shelf.begin(file)
    writer.write(SOUND)
    writer.abandon()
    started = {"line": "it", "door": "test", "language": "it", "caller": CALLER}
    told = [Entry("call.started", started), Entry("recording.started", {"file": file, "kept_days": 30}, 100)]
    await journal.append(call, told + ([Entry("call.ended", {"reason": "node_lost"}, 900)] if ended else []))
    return call, file


async def test_what_a_dead_server_recorded_is_found_when_it_is_back_though_another_ended_its_calls(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    ours, theirs = shelf_in(tmp_path / "ours"), shelf_in(tmp_path / "theirs")
    call, file = await began(journal, theirs)
    running, _ = await began(journal, theirs, ended=False)
    await a_call(journal, theirs)
    for _ in range(2):
        await Keeping(ours, journal, timeline).adopt_left()
        assert (await timeline.get(call)).media == ()
    for _ in range(2):
        await Keeping(theirs, journal, timeline).adopt_left()
        (media,) = await media_of(timeline, call)
    assert (media.file, media.reason, media.bytes) == (file, "node_lost", len(SOUND))
    assert media.key_id == theirs.key_id(file) != ""
    assert (await timeline.get(running)).media == ()


async def test_of_a_person_who_was_erased_meanwhile_nothing_is_found_again(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    shelf = shelf_in(tmp_path)
    keeping = Keeping(shelf, journal, timeline)
    call, file = await began(journal, shelf)
    assert (await erased(timeline, journal, keeping))["recordings_elsewhere"] == 1
    await keeping.adopt_left()
    assert not shelf.holds(file)
    assert [event.type for event in await timeline.events(call)][-1] == "recording.discarded"


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
async def test_a_recording_whose_disk_was_slow_is_left_to_its_own_server(
    journal: Journal, timeline: Timeline, tmp_path: Path
) -> None:
    ours, theirs = shelf_in(tmp_path / "ours"), shelf_in(tmp_path / "theirs")
    call, file = await began(journal, theirs, ended=False)
    unfinished = {"file": file, "reason": "caller_hung_up", "started_ms": 100, "keep": True}
    ended = Entry("call.ended", {"reason": "caller_hung_up"}, 900)
    await journal.append(call, [Entry("recording.unfinished", unfinished, 900), ended])
    await Keeping(ours, journal, timeline).adopt_unfinished(datetime.now(UTC))
    assert [event.type for event in await timeline.events(call)][-1] == "call.ended"
    await Keeping(theirs, journal, timeline).adopt_unfinished(datetime.now(UTC))
    assert [media.file for media in await media_of(timeline, call)] == [file]
