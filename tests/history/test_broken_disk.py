"""What fails says so to whoever appended, harms nothing that was committed, and heals by itself."""

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

import history
from history import Entry, HistoryUnavailable, Journal, Timeline, new_id
from history.transaction import Append, Group
from history.writer import Writer

BIG = Entry("note", {"text": "x" * 20_000})


class Quota:
    """A limit of SQLite's own on the pages of every database opened, None = none."""

    max_pages: int | None = None

    def apply(self, connection: sqlite3.Connection, _record: Any) -> None:
        if self.max_pages is not None:
            connection.execute(f"PRAGMA max_page_count={self.max_pages}")


@pytest.fixture
def quota() -> Iterator[Quota]:
    limit = Quota()
    event.listen(Pool, "connect", limit.apply)
    yield limit
    event.remove(Pool, "connect", limit.apply)


async def append_until_refused(journal: Journal, call: str) -> tuple[int, HistoryUnavailable]:
    acknowledged = 0
    for _ in range(1000):
        try:
            acknowledged = await journal.append(call, [BIG])
        except HistoryUnavailable as error:
            return acknowledged, error
    raise AssertionError("the disk never filled")


async def test_a_full_disk_is_reported_and_recording_goes_on_when_there_is_room(path: Path, quota: Quota) -> None:
    quota.max_pages = 150
    journal, call = await Journal.open(path, node="n1"), new_id()
    acknowledged, error = await append_until_refused(journal, call)
    assert acknowledged > 5
    assert str(path) in str(error)
    assert "free space on its disk" in str(error)
    results = await asyncio.gather(*(journal.append(new_id(), [BIG]) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, HistoryUnavailable) for result in results), "every call hears of it"
    timeline = Timeline(path)
    assert [e.seq for e in await timeline.events(call)] == list(range(1, acknowledged + 1))

    quota.max_pages = 10_000
    assert await journal.append(call, [BIG, BIG]) == acknowledged + 2, "no seq was lost to the failure"
    assert len(await timeline.events(call)) == acknowledged + 2
    await timeline.close()
    await journal.close()


FILE_LIMIT_DRIVER = """
import asyncio, resource, sys
from pathlib import Path
from history import Entry, HistoryUnavailable, Journal, new_id

async def main(path):
    journal, call, acknowledged = await Journal.open(path, node="n1"), new_id(), 0
    written = path.with_name(path.name + "-wal").stat().st_size  # the migrations, more of them with every version
    resource.setrlimit(resource.RLIMIT_FSIZE, (written + 300_000, resource.RLIM_INFINITY))
    try:
        for _ in range(1000):
            acknowledged = await journal.append(call, [Entry("note", {"text": "x" * 20_000})])
    except HistoryUnavailable as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(acknowledged, await journal.append(call, [Entry("note")]))
    await journal.close()

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_a_write_the_system_refuses_half_way_loses_nothing(path: Path) -> None:
    """RLIMIT_FSIZE makes the write() into the WAL itself fail, as a quota or a dying disk does."""
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", FILE_LIMIT_DRIVER, str(path)],
        env=os.environ | {"PYTHONPATH": str(Path(history.__file__).parents[1])},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    message, counts = ran.stdout.strip().splitlines()
    assert str(path) in message
    assert "the disk refused it: check space, quota, file size limit" in message
    acknowledged, after = map(int, counts.split())
    assert acknowledged > 5
    assert after == acknowledged + 1
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*), max(seq) FROM interaction_event").fetchone() == (after, after)
    connection.close()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


async def test_a_commit_that_failed_after_reaching_the_disk_is_not_written_twice(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite may report an I/O error for a commit that did reach the disk: the next seq comes from the file."""
    journal = await Journal.open(path, node="n1")
    timeline = Timeline(path)
    real, call = Writer._transact, new_id()
    await journal.append(call, [Entry("a")])

    def committed_then_failed(writer: Writer, appends: Sequence[Append]) -> Group:
        monkeypatch.setattr(Writer, "_transact", real)
        real(writer, appends)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Writer, "_transact", committed_then_failed)
    with pytest.raises(HistoryUnavailable, match="disk I/O error"):
        await journal.append(call, [Entry("b")])
    assert await journal.append(call, [Entry("c")]) == 3
    assert [(e.seq, e.type) for e in await timeline.events(call)] == [(1, "a"), (2, "b"), (3, "c")]
    await timeline.close()
    await journal.close()


async def test_an_error_never_tells_the_log_what_a_caller_said(path: Path, quota: Quota) -> None:
    quota.max_pages = 150
    journal = await Journal.open(path, node="n1")
    _, error = await append_until_refused(journal, new_id())
    assert "free space" in "".join(traceback.format_exception(error))
    assert "xxx" not in "".join(traceback.format_exception(error))
    await journal.close()


async def test_a_locked_file_is_reported_and_works_again_when_released(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await Journal.open(path, node="n1")
    monkeypatch.setattr("history.sqlite_file.BUSY_MS", 100)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryUnavailable, match=r"SQLITE_BUSY\): another program keeps it locked"):
        await journal.append(new_id(), [Entry("n")])
    other.execute("ROLLBACK")
    other.close()
    assert await journal.append(new_id(), [Entry("n")]) == 1
    await journal.close()


async def test_a_history_deleted_under_the_server_is_an_error_not_a_new_history(path: Path, quota: Quota) -> None:
    quota.max_pages = 150
    journal, call = await Journal.open(path, node="n1"), new_id()
    await append_until_refused(journal, call)
    for file in path.parent.glob("history.db*"):
        file.unlink()
    with pytest.raises(HistoryUnavailable, match="SQLITE_CANTOPEN"):
        await journal.append(call, [Entry("n")])
    assert not path.exists()
    await journal.close()


async def test_places_that_cannot_hold_a_history(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(HistoryUnavailable, match=r"Is a directory.*: check that it is a file"):
        await Journal.open(folder, node="n1")
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryUnavailable, match="check that it is a file in a folder"):
        await Journal.open(tmp_path / "file" / "history.db", node="n1")
    letter = tmp_path / "letter.db"
    letter.write_text("Caro diario, " * 500)
    with pytest.raises(HistoryUnavailable, match=r"letter\.db.*this is not a history"):
        await Journal.open(letter, node="n1")
    assert letter.read_text().startswith("Caro diario"), "what is not ours is left as it was"
    with pytest.raises(HistoryUnavailable, match="this is not a history"):
        Timeline(letter)
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE interaction (x)")
    connection.commit()
    connection.close()
    with pytest.raises(HistoryUnavailable, match=r"foreign\.db"):
        await Journal.open(foreign, node="n1")
    await (await Journal.open(tmp_path / "good.db", node="n1")).close()


async def test_a_damaged_file_is_reported(path: Path) -> None:
    journal = await Journal.open(path, node="n1")
    for _ in range(30):
        await journal.append(new_id(), [BIG])
    await journal.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096 * 12))
    with pytest.raises(HistoryUnavailable, match="restore a backup"):
        await Journal.open(path, node="n1")
