"""A crash between publishing a revision and writing it to its file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from centralino.placing import finish_placing, move_to, written_beside
from knowledge.revision import FLOWBOOK, Document
from knowledge.revisions import Revisions

BOOK = Document(FLOWBOOK, "libreria")
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@pytest.fixture
def revisions(tmp_path: Path) -> Revisions:
    """Revision 1 is in the file; revision 2 was published, then the process died."""
    store = Revisions(tmp_path / "revisions.db")
    (tmp_path / "flowbook.yaml").write_text("uno")
    store.found(BOOK, b"uno", at=NOW)
    store.publish(BOOK, b"due", who="anna", at=NOW, message="", base=1, place="flowbook.yaml")
    return store


def test_the_file_is_written_at_the_next_start(revisions: Revisions, tmp_path: Path) -> None:
    finish_placing(tmp_path, revisions, FLOWBOOK)
    assert (tmp_path / "flowbook.yaml").read_text() == "due"
    assert revisions.unplaced(FLOWBOOK) == []


def test_a_file_that_was_edited_since_stays_as_it_is(revisions: Revisions, tmp_path: Path) -> None:
    (tmp_path / "flowbook.yaml").write_text("tre")
    finish_placing(tmp_path, revisions, FLOWBOOK)
    assert (tmp_path / "flowbook.yaml").read_text() == "tre"
    assert revisions.unplaced(FLOWBOOK) == []
    assert revisions.found(BOOK, b"tre", at=NOW).number == 3


def test_the_process_may_die_once_the_file_is_written(revisions: Revisions, tmp_path: Path) -> None:
    (tmp_path / "flowbook.yaml").write_text("due")
    finish_placing(tmp_path, revisions, FLOWBOOK)
    assert revisions.unplaced(FLOWBOOK) == []
    assert revisions.found(BOOK, b"due", at=NOW).number == 2


def test_a_file_that_is_not_written_in_full_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "flowbook.yaml"
    path.write_text("uno")
    path.chmod(0o640)
    with pytest.raises(RuntimeError), written_beside(path, b"due"):
        raise RuntimeError("the disk is full")
    assert (path.read_text(), len(list(tmp_path.iterdir()))) == ("uno", 1)
    with written_beside(path, b"due") as part:
        move_to(part, path)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("due", 0o640)
