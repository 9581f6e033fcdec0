"""One recording: Opus in an Ogg file, page by page.

libsndfile codes the sound and hands over whole pages, about one a second, and never goes back: what a killed writer
left is playable up to its last page. The pages are handed to a `Sink` here, so that its errors are seen as they are and
the checksum is ready when the last page is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import soundfile

from telephony.recording.two_tracks import Sound

RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
"""What Opus takes."""
COMPRESSION = 0.95
"""libsndfile's scale, 0 to 1: about 19 kbit/s a channel. Measured (docs/recording.md): at 0.97 the two channels begin
to be heard in each other, because Opus then codes what they have in common."""


@dataclass(frozen=True)
class Written:
    """bytes_, sha512: of the Ogg file, as a listener gets it. duration_ms: of the sound that was given to it. key_id:
    of the key that opens it."""

    bytes_: int
    sha512: str
    duration_ms: int
    key_id: str = ""


PIECE_BYTES = 4096
"""What a sink is given at once: of a piece that the disk refuses nothing counts."""


class Sink(Protocol):
    """Where pages go. All raise OSError when the disk does; abandon: after such an error, instead of close."""

    key_id: str

    def write(self, plain: bytes) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


class _Pages:
    """A file as libsndfile wants it. Pages wait here until libsndfile is done: an error raised within its callback
    would only be printed."""

    def __init__(self) -> None:
        self.size = 0
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken

    def read(self, size: int) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.size

    def tell(self) -> int:
        return self.size


class OpusFile:
    """Blocking: for a thread. `write` raises OSError when the disk does."""

    def __init__(self, sink: Sink, rate_hz: int, compression: float = COMPRESSION) -> None:
        self._sink, self._rate_hz = sink, rate_hz
        self._hash, self._size, self._samples = hashlib.sha512(), 0, 0
        self.failure: OSError | None = None
        """What the disk refused: nothing is written any more."""
        self._pages = _Pages()
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
        self._hand_over()
        if self.failure is not None:
            raise self.failure

    def close(self) -> Written:
        """Write the last page; see `failure`. After one, what is there is left as it is."""
        self._sound.close()
        self._hand_over()
        if self.failure is None:
            try:
                self._sink.close()
            except OSError as error:
                self.failure = error
        duration_ms = self._samples * 1000 // self._rate_hz
        return Written(self._size, self._hash.hexdigest(), duration_ms, self._sink.key_id)

    def _hand_over(self) -> None:
        pages = self._pages.take()
        for start in range(0, len(pages), PIECE_BYTES):
            if self.failure is not None:
                return
            piece = pages[start : start + PIECE_BYTES]
            try:
                self._sink.write(piece)
            except OSError as error:
                self.failure = error
                self._sink.abandon()
                return
            self._hash.update(piece)
            self._size += len(piece)
