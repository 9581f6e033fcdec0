"""Documents that are drafted, published, rolled back, and by whom."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.revision import (
    LARGEST_BYTES,
    Conflict,
    Document,
    NoSuchRevision,
    NothingNew,
    Revision,
    RevisionsUnavailable,
)
from knowledge.revisions import Revisions

BOOK = Document("flowbook", "libreria")
ORARI = Document("article", "orari")
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Revisions:
    return Revisions(tmp_path / "data" / "revisions.db")


@pytest.fixture
def publish(store: Revisions) -> Callable[..., Revision]:
    def of(body: str, base: int, who: str = "anna", document: Document = BOOK, message: str = "") -> Revision:
        return store.publish(document, body.encode(), who=who, at=NOW, message=message, base=base)

    return of


def test_a_draft_is_published_with_a_message_and_is_then_done_with(store: Revisions) -> None:
    draft = store.save_draft(BOOK, b"uno", who="anna", at=NOW)
    assert (draft.base, draft.serial) == (0, 1)
    assert store.draft(BOOK) == draft
    later = NOW + timedelta(minutes=5)
    made = store.publish(BOOK, draft.body, who="bruno", at=later, message="primi orari", base=draft.base)
    assert (made.number, made.who, made.at, made.message, made.what) == (1, "bruno", later, "primi orari", "published")
    assert store.draft(BOOK) is None
    assert store.latest(BOOK) == store.revision(BOOK, 1) == store.revision(BOOK, made.sha256[:8]) == made
    assert store.read(BOOK, 1) == b"uno"
    assert [(entry.who, entry.what, entry.number, entry.message) for entry in store.audit(BOOK)] == [
        ("bruno", "published", 1, "primi orari"),
        ("anna", "draft", None, ""),
    ]


def test_documents_of_several_kinds_have_their_own_numbers(store: Revisions, publish: Callable[..., Revision]) -> None:
    publish("uno", 0)
    publish("due", 1)
    publish("apriamo alle nove", 0, document=ORARI)
    publish("no", 0, document=Document("article", "resi"))
    store.save_draft(ORARI, b"apriamo alle dieci", who="carla", at=NOW)
    assert [(one.document.name, one.number) for one in store.documents("article")] == [("orari", 1), ("resi", 1)]
    assert [one.document for one in store.drafts("article")] == [ORARI]
    assert [one.number for one in store.revisions(BOOK)] == [2, 1]
    assert [one.number for one in store.revisions(BOOK, before=2)] == [1]
    assert {entry.document.kind for entry in store.audit(kind="article")} == {"article"}
    newest, *others = store.audit()
    assert [entry.id for entry in store.audit(before=newest.id)] == [entry.id for entry in others]


def test_a_draft_whose_base_is_not_the_latest_any_more_is_not_published(
    store: Revisions, publish: Callable[..., Revision]
) -> None:
    publish("uno", 0)
    draft = store.save_draft(BOOK, b"uno, di Anna", who="anna", at=NOW)
    publish("due", 1, who="bruno")
    with pytest.raises(Conflict, match="revision 2 was published since revision 1") as conflict:
        publish("uno, di Anna", draft.base)
    assert conflict.value.latest
    assert conflict.value.latest.who == "bruno"
    assert store.read(BOOK, 2) == b"due"

    moved = store.save_draft(BOOK, b"due, di Anna", who="anna", at=NOW, base=2)
    assert publish("due, di Anna", moved.base).number == 3
    with pytest.raises(NoSuchRevision, match="there are 1 to 3"):
        store.save_draft(BOOK, b"x", who="anna", at=NOW, base=4)


def test_who_has_not_seen_the_latest_draft_does_not_write_over_it(store: Revisions) -> None:
    first = store.save_draft(BOOK, b"uno", who="anna", at=NOW, seen=0)
    store.save_draft(BOOK, b"uno e mezzo", who="bruno", at=NOW, seen=first.serial)
    with pytest.raises(Conflict, match="bruno has saved the draft") as conflict:
        store.save_draft(BOOK, b"due", who="anna", at=NOW, seen=first.serial)
    assert conflict.value.draft
    assert conflict.value.draft.body == b"uno e mezzo"
    with pytest.raises(Conflict):
        store.discard_draft(BOOK, who="anna", at=NOW, seen=first.serial)
    assert store.discard_draft(BOOK, who="anna", at=NOW, seen=2)
    assert not store.discard_draft(BOOK, who="anna", at=NOW)
    with pytest.raises(Conflict, match="the draft is gone"):
        store.save_draft(BOOK, b"due", who="bruno", at=NOW, seen=2)


def test_a_draft_changed_while_another_content_is_published_stays(
    store: Revisions, publish: Callable[..., Revision]
) -> None:
    store.save_draft(BOOK, b"due", who="anna", at=NOW)
    publish("uno", 0)
    kept = store.draft(BOOK)
    assert kept
    assert (kept.body, kept.base) == (b"due", 0)


def test_an_old_revision_comes_back_as_a_new_one(store: Revisions, publish: Callable[..., Revision]) -> None:
    publish("uno", 0)
    publish("due", 1)
    back = store.roll_back(BOOK, 1, who="anna", at=NOW, message="troppo presto", base=2)
    assert (back.number, back.of, back.what, store.read(BOOK, 3)) == (3, 1, "rolled_back", b"uno")
    assert store.revision(BOOK, back.sha256[:12]).number == 3
    with pytest.raises(NothingNew):
        store.roll_back(BOOK, 1, who="anna", at=NOW, message="", base=3)
    with pytest.raises(NoSuchRevision, match="no revision '9'; there are 1 to 3"):
        store.roll_back(BOOK, 9, who="anna", at=NOW, message="", base=3)
    with pytest.raises(NothingNew, match="revision 3 has exactly this content"):
        publish("uno", 3)


def test_a_withdrawn_document_has_no_content_until_it_comes_back(
    store: Revisions, publish: Callable[..., Revision]
) -> None:
    publish("apriamo alle nove", 0, document=ORARI)
    gone = store.withdraw(ORARI, who="anna", at=NOW, message="chiuso per sempre", base=1)
    assert (gone.number, gone.what, store.read(ORARI, 2)) == (2, "withdrawn", b"")
    with pytest.raises(NothingNew):
        store.withdraw(ORARI, who="anna", at=NOW, message="", base=2)
    assert store.roll_back(ORARI, 1, who="anna", at=NOW, message="riaperto", base=2).number == 3


def test_a_file_edited_by_hand_is_a_revision_of_its_own(store: Revisions, publish: Callable[..., Revision]) -> None:
    assert store.found(BOOK, b"uno", at=NOW).number == 1
    assert store.found(BOOK, b"uno", at=NOW).number == 1
    publish("due", 1)
    edited = store.found(BOOK, b"tre", at=NOW)
    assert (edited.number, edited.what, edited.who) == (3, "found", "")
    with pytest.raises(Conflict):
        publish("quattro", 2)


def test_what_was_published_but_not_written_to_its_file_is_told_until_it_is(store: Revisions) -> None:
    first = store.publish(BOOK, b"uno", who="anna", at=NOW, message="", base=0, place="a.yaml")
    second = store.publish(BOOK, b"due", who="anna", at=NOW, message="", base=1, place="b.yaml")
    assert store.unplaced("flowbook") == [(second, "b.yaml")]
    assert store.found(BOOK, b"uno", at=NOW) == first, "the file still has the old content, which nobody wrote anew"
    store.placed(first)
    assert store.unplaced("flowbook") == [(second, "b.yaml")]
    store.placed(second)
    assert store.unplaced("flowbook") == []


def test_revisions_and_audit_cannot_be_changed_even_in_the_file(
    store: Revisions, publish: Callable[..., Revision], tmp_path: Path
) -> None:
    publish("uno", 0)
    with sqlite3.connect(tmp_path / "data" / "revisions.db") as file:
        for statement in ("UPDATE revision SET who = 'x'", "DELETE FROM audit", "UPDATE body SET bytes = x'00'"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                file.execute(statement)
    file.close()
    assert (tmp_path / "data" / "revisions.db").stat().st_mode & 0o077 == 0


def test_of_many_who_publish_on_the_same_base_one_does(tmp_path: Path) -> None:
    def attempt(number: int) -> bool:
        try:
            Revisions(tmp_path / "revisions.db").publish(
                BOOK, str(number).encode(), who=f"n{number}", at=NOW, message="", base=0
            )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert len(Revisions(tmp_path / "revisions.db").audit()) == 1


def test_what_is_too_large_or_unusable_is_refused_with_a_reason(store: Revisions, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at most 1048576"):
        store.save_draft(BOOK, b"x" * (LARGEST_BYTES + 1), who="anna", at=NOW)
    with pytest.raises(ValueError, match="message"):
        store.publish(BOOK, b"x", who="anna", at=NOW, message="m" * 501, base=0)
    with pytest.raises(ValueError, match="a kind and a name"):
        store.save_draft(Document("flowbook", ""), b"x", who="anna", at=NOW)
    (tmp_path / "torn.db").write_bytes(b"this is no database " * 100)
    with pytest.raises(RevisionsUnavailable, match=r"torn\.db"):
        Revisions(tmp_path / "torn.db").latest(BOOK)
    newer = tmp_path / "newer.db"
    with sqlite3.connect(newer) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(RevisionsUnavailable, match="newer version"):
        Revisions(newer).latest(BOOK)


def test_what_was_said_to_be_published_is_there_after_the_process_was_killed(tmp_path: Path) -> None:
    store = Revisions(tmp_path / "revisions.db")
    reading, writing = os.pipe()
    publisher = os.fork()
    if not publisher:
        for base in range(10_000):
            made = store.publish(BOOK, str(base).encode(), who="anna", at=NOW, message="", base=base, place="a.yaml")
            os.write(writing, bytes([made.number % 256]))
        os._exit(0)
    os.close(writing)
    said = 0
    while said < 12:
        said += len(os.read(reading, 1))
    os.kill(publisher, signal.SIGKILL)
    os.waitpid(publisher, 0)
    while more := os.read(reading, 100):
        said += len(more)
    os.close(reading)
    latest = store.latest(BOOK)
    assert latest
    assert latest.number in (said, said + 1)
    assert store.unplaced("flowbook") == [(latest, "a.yaml")]
    assert [store.read(BOOK, number + 1) for number in range(said)] == [str(number).encode() for number in range(said)]
    assert len(store.audit(BOOK, most=1000)) == latest.number
