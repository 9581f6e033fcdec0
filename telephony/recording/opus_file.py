"""One recording on disk: Opus in an Ogg file, page by page.

libsndfile codes the sound and hands over whole pages, about one a second, and never goes back: a file whose writer was
killed is playable up to its last page. The bytes are written here, so that the disk's errors are seen as they are and
the checksum is ready when the last page is.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import soundfile

from telephony.recording.two_tracks import Sound

RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
"""What Opus takes."""
COMPRESSION = 0.95
"""libsndfile's scale, 0 to 1: about 19 kbit/s a channel. Measured (docs/recording.md): at 0.97 the two channels begin
to be heard in each other, because Opus then codes what they have in common."""


@dataclass(frozen=True)
class Written:
    """bytes_, sha512: of the file. duration_ms: of the sound that was given to it."""

    bytes_: int
    sha512: str
    duration_ms: int


class _Pages:
    """A file as libsndfile wants it. An error is kept: raised within the callback it would only be printed."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._hash = hashlib.sha512()
        self.size = 0
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        while left and self.failure is None:
            try:
                done = os.write(self._descriptor, left)
            except OSError as error:
                self.failure = error
                break
            self._hash.update(left[:done])
            self.size += done
            left = left[done:]
        return len(data)

    def read(self, size: int) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.size

    def tell(self) -> int:
        return self.size

    def close(self) -> str:
        try:
            if self.failure is None:
                os.fsync(self._descriptor)
        finally:
            os.close(self._descriptor)
        return self._hash.hexdigest()


class OpusFile:
    """Blocking: for a thread. Makes the file, which must not exist, and its folder; both for this user only.

    Everything raises OSError when the disk does.
    """

    def __init__(self, path: Path, rate_hz: int, compression: float = COMPRESSION) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path, self._rate_hz, self._samples = path, rate_hz, 0
        self._pages = _Pages(path)
        self._sound = soundfile.SoundFile(
            self._pages,
            "w",
            samplerate=rate_hz,
            channels=2,
            format="OGG",
            subtype="OPUS",
            compression_level=compression,
        )

    def write(self, sound: Sound) -> None:
        self._sound.write(sound)
        self._samples += len(sound)
        self._raise_failure()

    def close(self) -> Written:
        """Write the last page. After a failure: what is there is left as it is."""
        self._sound.close()
        sha512 = self._pages.close()
        return Written(self._pages.size, sha512, self._samples * 1000 // self._rate_hz)

    def _raise_failure(self) -> None:
        if self._pages.failure is not None:
            raise self._pages.failure
