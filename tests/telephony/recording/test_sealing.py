"""Encrypted recordings: what opens them, what is noticed, and that a destroyed key is nowhere any more."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from telephony.recording.sealing.key_store import KeyDestroyed, KeyStore
from telephony.recording.sealing.master_key import KeysUnavailable, MasterKey
from telephony.recording.sealing.sealed_file import RECORD_BYTES, NotSealed, SealedSound, SealedWriter
from telephony.recording.shelf import Shelf
from tests.shelves import shelf_in

KEY = bytes(range(32))
PIECES = [random.Random(n).randbytes(size) for n, size in enumerate((1, 5000, RECORD_BYTES, RECORD_BYTES + 1, 70))]
PLAIN = b"".join(PIECES)


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "a.sealed"
    writer = SealedWriter(path, "k1", KEY)
    for piece in PIECES:
        writer.write(piece)
    writer.close()
    return path


def opened(path: Path, key: bytes = KEY) -> SealedSound:
    return SealedSound(path, {"k1": key}.__getitem__)


def test_any_piece_is_read_from_anywhere_and_nothing_plain_is_in_the_file(sealed: Path) -> None:
    with opened(sealed) as sound:
        assert (sound.size, sound.whole, sound.key_id) == (len(PLAIN), True, "k1")
        assert sound.readall() == PLAIN
        some = random.Random(3)
        for _ in range(50):
            start, length = some.randrange(len(PLAIN) + 10), some.randrange(1, 6000)
            sound.seek(start)
            found = sound.read(length)
            assert found is not None
            assert PLAIN[start : start + length].startswith(found)
            assert found or start >= len(PLAIN)
    whole = sealed.read_bytes()
    assert all(PLAIN[at : at + 32] not in whole for at in range(0, len(PLAIN) - 32, 4999))
    assert sealed.stat().st_mode & 0o077 == 0


def test_what_was_altered_moved_or_left_out_is_noticed(sealed: Path) -> None:
    whole = sealed.read_bytes()
    header = len(b"centralino sealed 1\n") + 1 + 2 + 16
    first = 4 + 1 + 16
    second = 4 + 5000 + 16
    altered = {
        "a bit": whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:],
        "the salt": whole[: header - 1] + bytes([whole[header - 1] ^ 1]) + whole[header:],
        "the first record": whole[:header] + whole[header + first :],
        "two changed places": whole[:header]
        + whole[header + first : header + first + second]
        + whole[header : header + first]
        + whole[header + first + second :],
    }
    for what, content in altered.items():
        sealed.write_bytes(content)
        with pytest.raises(NotSealed), opened(sealed) as sound:
            raise AssertionError(f"{what}: {len(sound.readall())} bytes")
    sealed.write_bytes(whole)
    with pytest.raises(NotSealed, match="another key"), opened(sealed, bytes(32)) as sound:
        sound.readall()
    for content in (b"", b"OggS" * 50, whole[:30]):
        sealed.write_bytes(content)
        with pytest.raises(NotSealed, match="not an encrypted recording"):
            opened(sealed)


def test_one_that_was_cut_off_is_read_up_to_its_last_whole_record_and_says_so(sealed: Path) -> None:
    whole = sealed.read_bytes()
    for cut in sorted(random.Random(1).sample(range(39, len(whole) - 1), 40)):
        sealed.write_bytes(whole[:cut])
        with opened(sealed) as sound:
            assert not sound.whole
            found = sound.readall()
        assert PLAIN.startswith(found)
        assert len(found) >= cut - 39 - 5 * 20 - RECORD_BYTES - 20


def test_a_destroyed_key_is_in_no_byte_of_the_folder_and_opens_no_copy(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    for file in ("kept.ogg", "gone.ogg"):
        shelf.put(file, PLAIN)
    wrapped = wrapped_keys(shelf.keys.path)
    copy = (shelf.folder / "gone.ogg.sealed").read_bytes()
    key = shelf.keys.key(shelf.key_id("gone.ogg"))
    gone = shelf.destroy("gone.ogg")
    assert (gone.here, list(gone.key_ids)) == (True, [key_id for key_id, file in wrapped if file == "gone.ogg"])
    (shelf.folder / "gone.ogg.sealed").write_bytes(copy)  # from a backup
    with pytest.raises(KeyDestroyed, match="was destroyed"):
        shelf.open("gone.ogg")
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    of_gone = next(blob for (_, file), blob in wrapped.items() if file == "gone.ogg")
    of_kept = next(blob for (_, file), blob in wrapped.items() if file == "kept.ogg")
    assert of_kept in left  # so that the search is one that finds
    assert of_gone not in left
    assert key not in left
    with shelf.open("kept.ogg") as sound:
        assert sound.read() == PLAIN
    assert not shelf.destroy("never.ogg").here


def wrapped_keys(path: Path) -> dict[tuple[str, str], bytes]:
    with closing(sqlite3.connect(path)) as file:
        return {(row[0], row[1]): row[2] for row in file.execute("SELECT id, file, wrapped FROM recording_key")}


def test_recordings_and_keys_are_of_no_use_without_the_master_key(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    shelf.put("a.ogg", PLAIN)
    master = tmp_path / "recording_master.key"
    assert (master.stat().st_mode & 0o777, shelf.keys.path.stat().st_mode & 0o777) == (0o600, 0o600)
    kept = master.rename(tmp_path / "elsewhere.key")
    with pytest.raises(KeysUnavailable, match=r"recording_master.key, is missing: put it back"):
        shelf.open("a.ogg")
    with pytest.raises(KeysUnavailable, match="put it back"):
        shelf.begin("b.ogg")
    assert not master.exists()  # none is made anew beside keys that another one wrapped
    with shelf_with(tmp_path, MasterKey(kept, own=False)).open("a.ogg") as sound:
        assert sound.read() == PLAIN
    wrong = shelf_with(tmp_path, MasterKey(master, given="A" * 43 + "="))
    for tried in (wrong.open, wrong.begin):
        with pytest.raises(KeysUnavailable, match=r"recording_keys.master_key is not the master key that"):
            tried("a.ogg")
    for text in ("short", "ü" * 32, ""):
        kept.write_text(text)
        with pytest.raises(KeysUnavailable, match=r"openssl rand -base64 32|cannot be read"):
            shelf_with(tmp_path, MasterKey(kept, own=False)).open("a.ogg")
    assert shelf.destroy("a.ogg").key_ids  # which nobody needs the master key for


def shelf_with(data: Path, master: MasterKey) -> Shelf:
    return Shelf(data / "recordings", KeyStore(data / "recording_keys.db", master))


def test_lost_and_damaged_keys_say_what_to_do(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    shelf.put("a.ogg", PLAIN)
    shelf.keys.path.write_bytes(os.urandom(5000))
    for tried in (shelf.open, shelf.begin, shelf.destroy):
        with pytest.raises(KeysUnavailable, match="restore it from its backup"):
            tried("a.ogg")
    assert shelf.has("a.ogg")
    shelf.keys.path.unlink()
    with pytest.raises(KeysUnavailable, match="are missing: restore them"):
        shelf.open("a.ogg")


def test_an_old_plain_recording_is_read_then_encrypted_also_after_a_crash_in_between(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    plain = shelf.folder / "2026/old.ogg"
    plain.parent.mkdir(parents=True)
    plain.write_bytes(PLAIN)
    with shelf.open("2026/old.ogg") as sound:
        assert sound.read() == PLAIN
    (shelf.folder / "2026/old.ogg.sealing").write_bytes(b"half of it")  # the crash
    key_id = shelf.seal("2026/old.ogg")
    assert key_id == shelf.seal("2026/old.ogg") == shelf.key_id("2026/old.ogg")
    shelf.drop_plain("2026/old.ogg")
    assert [path.name for path in plain.parent.iterdir()] == ["old.ogg.sealed"]
    with shelf.open("2026/old.ogg") as sound:
        assert sound.read() == PLAIN
    assert shelf.seal("none.ogg") == ""
    assert len(wrapped_keys(shelf.keys.path)) == 1
    with pytest.raises(FileNotFoundError):
        shelf.open("../recording_master.key")


def test_keys_are_wrapped_anew_and_the_old_master_key_opens_nothing_any_more(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    with pytest.raises(KeysUnavailable, match="no keys to be wrapped"):
        shelf.keys.rewrap(MasterKey(tmp_path / "old.key", own=False))
    for file in ("a.ogg", "b.ogg"):
        shelf.put(file, PLAIN)
    before = list(wrapped_keys(shelf.keys.path).values())
    old = MasterKey((tmp_path / "recording_master.key").rename(tmp_path / "old.key"), own=False)
    other = MasterKey(tmp_path / "x", given="A" * 43 + "=")
    with pytest.raises(KeysUnavailable, match="is not the master key"):
        shelf.keys.rewrap(other)
    assert list(wrapped_keys(shelf.keys.path).values()) == before
    assert shelf.keys.rewrap(old) == 2
    with shelf.open("b.ogg") as sound:
        assert sound.read() == PLAIN
    assert not any(wrapped in shelf.keys.path.read_bytes() for wrapped in before)
    with pytest.raises(KeysUnavailable, match="is not the master key"):
        shelf_with(tmp_path, old).open("a.ogg")
