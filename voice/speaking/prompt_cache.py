"""Rendered prompts on disk: WAV files that anybody can play, each with a checksum behind its sound."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import wave
from pathlib import Path

import structlog

from voice.speaking.synthesizer import Sound

log = structlog.get_logger(__name__)

MOST_BYTES = 1 << 30
"""About nine hours of speech at 16 kHz."""
_CHUNK = b"sha2" + (32).to_bytes(4, "little")
"""A chunk behind the RIFF container: players ignore it."""


class PromptCache:
    """Sounds by key (a name safe for a file). Several processes may share the folder. Blocking: call it in a thread.

    most_bytes: when the folder grows beyond it, the sounds that were not used for longest are dropped.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self._most_bytes = most_bytes
        self._size: int | None = None

    def has(self, key: str) -> bool:
        """Whether there is a file; `get` tells whether it is sound."""
        return self._path(key).is_file()

    def get(self, key: str) -> Sound | None:
        """None when it is not here, or cannot be read or is damaged (which is logged; a damaged file is removed)."""
        path = self._path(key)
        try:
            stored = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("prompt_unreadable", file=str(path), error=str(error))
            return None
        riff, check = stored[:-40], stored[-40:]
        if check != _CHUNK + hashlib.sha256(riff).digest():
            log.warning("prompt_damaged", file=str(path), bytes=len(stored), what="made again")
            path.unlink(missing_ok=True)
            return None
        with wave.open(io.BytesIO(riff)) as file:
            sound = Sound(file.readframes(file.getnframes()), file.getframerate())
        os.utime(path)
        return sound

    def put(self, key: str, sound: Sound) -> None:
        """Store it, whole or not at all. Raises OSError."""
        riff = io.BytesIO()
        with wave.open(riff, "wb") as file:
            file.setparams((1, 2, sound.rate_hz, 0, "NONE", ""))
            file.writeframes(sound.pcm)
        stored = riff.getvalue() + _CHUNK + hashlib.sha256(riff.getvalue()).digest()
        self._make_room(len(stored))
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file_:
                file_.write(stored)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.wav"

    def _make_room(self, coming: int) -> None:
        if self._size is None:
            self._size = sum(size for _, size, _ in self._files())
        self._size += coming
        if self._size <= self._most_bytes:
            return
        files = sorted(self._files())
        self._size = coming + sum(size for _, size, _ in files)
        for _, size, path in files:
            # A tenth below the bound, so that the next sound does not count the folder again.
            if self._size <= self._most_bytes * 0.9:
                break
            path.unlink(missing_ok=True)
            self._size -= size

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self.folder.glob("*/*.wav"):
            try:
                stat = path.stat()
            except FileNotFoundError:  # dropped by another process
                continue
            found.append((stat.st_mtime, stat.st_size, path))
        return found
