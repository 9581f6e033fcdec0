"""An encrypted recording: written record by record as the call goes, read from anywhere in it.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as age and Tink have it, with AES-256-GCM and
records of differing length:

    header   MAGIC, one byte: length of the key's id, the id (ASCII), 16 bytes of salt
    record   4 bytes, big-endian: length of the plain bytes, highest bit set in the last one; cipher text; 16 bytes tag

The file's key is HKDF-SHA-256 of the recording's key and the salt, with the whole header as info. A record's nonce is
its number (11 bytes) and 1 for the last one, else 0: records cannot be moved, left out or added, and a file that was
cut off is told from a whole one. What was written before a crash can be read; a torn record at the end is left out.
"""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"centralino sealed 1\n"
RECORD_BYTES = 64 * 1024
"""The most plain bytes of one record."""
KEY_BYTES = 32
_SALT_BYTES, _TAG_BYTES, _LENGTH_BYTES = 16, 16, 4
_LAST = 1 << 31
_LONGEST_ID = 64


class NotSealed(ValueError):
    """The file is none of ours, or was altered; the message names it."""


class SealedWriter:
    """A new file at `path`, which must not exist, for this user only. Blocking; raises OSError when the disk does."""

    def __init__(self, path: Path, key_id: str, key: bytes) -> None:
        self.key_id = key_id
        header = MAGIC + bytes([len(key_id)]) + key_id.encode("ascii") + os.urandom(_SALT_BYTES)
        self._cipher, self._number = _cipher(key, header), 0
        self._descriptor: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            self._put(header)
        except BaseException:
            self.abandon()
            path.unlink()
            raise

    def write(self, plain: bytes) -> None:
        """On its way to the disk when this returns. Nothing may be written after an error."""
        for start in range(0, len(plain), RECORD_BYTES):
            self._record(plain[start : start + RECORD_BYTES], last=False)

    def close(self) -> None:
        """Whole, and on the disk."""
        assert self._descriptor is not None
        try:
            self._record(b"", last=True)
            os.fsync(self._descriptor)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """After an error: what is there is left as it is."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _record(self, plain: bytes, last: bool) -> None:
        length = (len(plain) | (_LAST if last else 0)).to_bytes(_LENGTH_BYTES, "big")
        self._put(length + self._cipher.encrypt(_nonce(self._number, last), plain, None))
        self._number += 1

    def _put(self, data: bytes) -> None:
        assert self._descriptor is not None
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]


@dataclass(frozen=True)
class _Record:
    """plain_at: where its bytes are in the recording. at: where its cipher text is in the file."""

    plain_at: int
    at: int
    length: int
    last: bool


class SealedSound(io.RawIOBase):
    """The plain bytes of the file at `path`, as a binary file that is read and sought; nothing plain is written.

    key_of: the key with an id. Raises FileNotFoundError, NotSealed, and what key_of raises. `whole`: False for one
    whose writer was cut off.
    """

    def __init__(self, path: Path, key_of: Callable[[str], bytes]) -> None:
        super().__init__()
        self._path, self._at, self._descriptor = path, 0, -1
        self._descriptor = os.open(path, os.O_RDONLY)
        try:
            self.key_id, header = _header(self._descriptor, path)
            self._cipher = _cipher(key_of(self.key_id), header)
            self._records = self._found(len(header))
        except BaseException:
            self.close()
            raise
        self.whole = bool(self._records) and self._records[-1].last
        self.size = sum(record.length for record in self._records)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        """At most one record's worth. Raises NotSealed when it was altered."""
        if self._at >= self.size:
            return 0
        number = bisect_right(self._records, self._at, key=lambda record: record.plain_at) - 1
        record = self._records[number]
        start = self._at - record.plain_at
        piece = self._plain(number)[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        super().close()

    def _found(self, at: int) -> list[_Record]:
        records: list[_Record] = []
        end, plain_at = os.fstat(self._descriptor).st_size, 0
        while at + _LENGTH_BYTES + _TAG_BYTES <= end and not (records and records[-1].last):
            told = int.from_bytes(os.pread(self._descriptor, _LENGTH_BYTES, at), "big")
            length, last = told & ~_LAST, bool(told & _LAST)
            following = at + _LENGTH_BYTES + length + _TAG_BYTES
            if length > RECORD_BYTES or following > end or (not length and not last):
                break
            records.append(_Record(plain_at, at + _LENGTH_BYTES, length, last))
            at, plain_at = following, plain_at + length
        self._records = records
        while records and not records[-1].last and not self._right(len(records) - 1):
            records.pop()  # the power failed before the disk had it
        return records

    def _right(self, number: int) -> bool:
        try:
            self._plain(number)
        except NotSealed:
            return False
        return True

    def _plain(self, number: int) -> bytes:
        record = self._records[number]
        sealed = os.pread(self._descriptor, record.length + _TAG_BYTES, record.at)
        try:
            return self._cipher.decrypt(_nonce(number, record.last), sealed, None)
        except InvalidTag:
            raise NotSealed(f"{self._path}: record {number} was altered, or another key made it") from None


def key_id_of(path: Path) -> str:
    """Which key opens it. Raises FileNotFoundError, NotSealed."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return _header(descriptor, path)[0]
    finally:
        os.close(descriptor)


def _header(descriptor: int, path: Path) -> tuple[str, bytes]:
    head = os.pread(descriptor, len(MAGIC) + 1 + _LONGEST_ID + _SALT_BYTES, 0)
    length = head[len(MAGIC)] if len(head) > len(MAGIC) else 0
    whole = len(MAGIC) + 1 + length + _SALT_BYTES
    if not head.startswith(MAGIC) or not 0 < length <= _LONGEST_ID or len(head) < whole:
        raise NotSealed(f"{path} is not an encrypted recording, or its beginning is missing")
    try:
        return head[len(MAGIC) + 1 : whole - _SALT_BYTES].decode("ascii"), head[:whole]
    except UnicodeDecodeError:
        raise NotSealed(f"{path}: the id of its key is damaged") from None


def _cipher(key: bytes, header: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=header[-_SALT_BYTES:], info=header).derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
