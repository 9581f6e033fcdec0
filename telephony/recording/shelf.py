"""Where recordings lie: encrypted files in a folder, each opened by a key of its own that is kept elsewhere.

The recording `2027/03/01/CALL-1.ogg` is the file `2027/03/01/CALL-1.ogg.sealed`. One that was made before recordings
were encrypted lies there without the suffix, and is read as it is until `seal` has encrypted it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from telephony.recording.sealing.key_store import KeyStore
from telephony.recording.sealing.sealed_file import (
    RECORD_BYTES,
    NotSealed,
    SealedSound,
    SealedWriter,
    key_id_of,
)

SEALED = ".sealed"
UNFINISHED = ".sealing"
"""An old recording whose encryption has not come to its end."""


@dataclass(frozen=True)
class Destroyed:
    """What became of a recording here. here: its file or its key was on this server. key_ids: the keys destroyed."""

    here: bool
    key_ids: tuple[str, ...] = ()


class Shelf:
    """folder: of the recordings; keys: opens them. All methods block. `file`: relative to the folder; one that leads
    elsewhere is FileNotFoundError."""

    def __init__(self, folder: Path, keys: KeyStore) -> None:
        self.folder, self.keys = folder, keys

    def begin(self, file: str) -> SealedWriter:
        """A new recording. Raises KeysUnavailable, OSError."""
        return self._new(file, self._path(file, SEALED))

    def put(self, file: str, content: bytes) -> str | None:
        """A recording that comes from elsewhere, and the id of its key; None when there is one of that name already.

        Raises KeysUnavailable, OSError.
        """
        if self.has(file):
            return None
        pieces = (content[start : start + RECORD_BYTES] for start in range(0, len(content), RECORD_BYTES))
        return self._whole(file, pieces)

    def has(self, file: str) -> bool:
        return self._path(file, SEALED).is_file() or self._path(file).is_file()

    def open(self, file: str) -> io.BufferedReader:
        """Its sound, to be read and sought. Raises FileNotFoundError, KeyDestroyed, KeysUnavailable, NotSealed."""
        with suppress(FileNotFoundError):
            return io.BufferedReader(SealedSound(self._path(file, SEALED), self.keys.key), RECORD_BYTES)
        return self._path(file).open("rb")

    def key_id(self, file: str) -> str:
        """Of the key that opens it, '' for a plain file and for none. Raises NotSealed."""
        with suppress(FileNotFoundError):
            return key_id_of(self._path(file, SEALED))
        return ""

    def holds(self, file: str) -> bool:
        """Whether its file or its key is here. Raises KeysUnavailable."""
        return self.has(file) or self.keys.has(file)

    def destroy(self, file: str) -> Destroyed:
        """First its key, so that no copy of the file can be opened, then the file. Raises KeysUnavailable, OSError;
        trying again does no harm."""
        paths = [self._path(file, suffix) for suffix in (SEALED, UNFINISHED, "")]
        here = [path for path in paths if path.is_file()]
        gone = self.keys.destroy(file)
        for path in here:
            path.unlink(missing_ok=True)
        return Destroyed(bool(here or gone), tuple(gone))

    def seal(self, file: str) -> str:
        """Encrypt a plain recording, and read it again; the id of its key, '' when it is not here. The plain file stays
        until `drop_plain`. Raises KeysUnavailable, KeyDestroyed, NotSealed, OSError."""
        plain = self._path(file)
        if plain.is_file() and not self._path(file, SEALED).is_file():
            self._whole(file, _pieces(plain))
        if plain.is_file():
            with plain.open("rb") as was, self.open(file) as now:
                if file_digest(was, "sha512").digest() != file_digest(now, "sha512").digest():
                    raise NotSealed(f"{plain}: encrypted it is not the same; both files are left")
        return self.key_id(file)

    def drop_plain(self, file: str) -> None:
        """The plain file of a recording that is encrypted."""
        if self._path(file, SEALED).is_file():
            self._path(file).unlink(missing_ok=True)

    def _whole(self, file: str, pieces: Iterable[bytes]) -> str:
        """Under its name only when all of it is on the disk; what a crash left of an earlier try is made anew."""
        unfinished = self._path(file, UNFINISHED)
        unfinished.unlink(missing_ok=True)
        self.keys.destroy(file)
        writer = self._new(file, unfinished)
        try:
            for piece in pieces:
                writer.write(piece)
            writer.close()
        except BaseException:
            writer.abandon()
            unfinished.unlink(missing_ok=True)
            self.keys.destroy(file)
            raise
        os.replace(unfinished, self._path(file, SEALED))
        return writer.key_id

    def _new(self, file: str, path: Path) -> SealedWriter:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key_id, key = self.keys.make(file)
        try:
            return SealedWriter(path, key_id, key)
        except BaseException:
            self.keys.destroy(file, key_id)
            raise

    def _path(self, file: str, suffix: str = "") -> Path:
        path = (self.folder / (file + suffix)).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise FileNotFoundError(file)
        return path


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(RECORD_BYTES):
            yield piece
