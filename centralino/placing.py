"""Published revisions get into the files that they are served from, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from dialogs.loading import text_of
from dialogs.problems import FlowbookErrors
from knowledge.revision import Document, NoSuchRevision, sha256_of
from knowledge.revisions import Revisions

log = structlog.get_logger()


@contextmanager
def written_beside(path: Path, body: bytes) -> Iterator[Path]:
    """A file beside `path` with this content, on the disk already, to be moved to it; it is gone afterwards. Raises
    OSError: then nothing was published yet."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        yield part
    finally:
        part.unlink(missing_ok=True)


def move_to(part: Path, path: Path) -> None:
    """In one step, so that whoever reads `path` has the old content or the new one. Raises OSError."""
    os.replace(part, path)
    with suppress(OSError):  # not every file system can do this to a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def finish_placing(folder: Path, revisions: Revisions, kind: str) -> None:
    """What was published before a crash, but not yet written to its file, is written now; unless somebody has edited
    the file since, which stays and becomes a revision. Raises OSError and RevisionsUnavailable."""
    for revision, place in revisions.unplaced(kind):
        path = (folder / place).resolve()
        if not path.parent.is_dir():
            continue  # of another company
        now = _content(path)
        if now == _before(revisions, revision.document, revision.number):
            body = revisions.read(revision.document, revision.number)
            with written_beside(path, body) as part:
                move_to(part, path)
            log.warning("publishing.finished", document=str(revision.document), number=revision.number, file=place)
        elif now != revision.sha256:
            log.warning("publishing.file_was_edited", document=str(revision.document), file=place)
        revisions.placed(revision)


def _content(path: Path) -> str:
    """The hash of what is there, '' for nothing."""
    try:
        return sha256_of(text_of(path).encode())
    except FlowbookErrors:
        return "unreadable"
    except FileNotFoundError:
        return ""


def _before(revisions: Revisions, document: Document, number: int) -> str:
    try:
        return revisions.revision(document, number - 1).sha256
    except NoSuchRevision:
        return ""
