"""Writes the recordings of all calls, in one thread of its own: no call ever waits for a disk."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import structlog

from telephony.recording.opus_file import OpusFile, Written
from telephony.recording.sealing.master_key import KeysUnavailable
from telephony.recording.shelf import Shelf
from telephony.recording.two_tracks import Sound

log = structlog.get_logger()

SPARE_BYTES = 256 * 1024 * 1024
"""Free space below which nothing is recorded: the history needs what is left, and calls cannot go on without it."""
LOOK_S = 5.0
"""How often a recording looks at the free space."""
MOST_WAITING = 30
"""Blocks of half a second that a disk may be behind with one recording."""


class NotDestroyed(Exception):
    """A recording that is not to be kept is still there."""


class Recorder:
    """shelf: where recordings lie. free_bytes: how much room its disk has."""

    def __init__(
        self,
        shelf: Shelf,
        spare_bytes: int = SPARE_BYTES,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self.shelf, self._spare_bytes, self._free_bytes = shelf, spare_bytes, free_bytes
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def begin(self, file: str, rate_hz: int) -> Tape:
        """A new recording; file: relative to the folder. Never waits: what goes wrong is the tape's `failure`."""
        return Tape(self, file, rate_hz)

    def submit(self, work: Callable[[], None]) -> None:
        self._work.put(work)

    def has_room(self) -> bool:
        """Blocking."""
        folder = self.shelf.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._free_bytes(folder) >= self._spare_bytes

    async def close(self) -> None:
        """Write what was handed over so far."""
        self._work.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


class Tape:
    """One recording under way. Its methods are for the event loop and never block it."""

    def __init__(self, recorder: Recorder, name: str, rate_hz: int) -> None:
        self._recorder, self._name, self._rate_hz = recorder, name, rate_hz
        self._file: OpusFile | None = None
        self._looked_s = 0.0
        self._waiting = 0
        self.failure = ""
        """Why nothing more is written: 'no_key' | 'disk_full' | 'disk_failed' | 'disk_too_slow' | 'failed'."""
        recorder.submit(self._open)

    def write(self, sound: Sound) -> None:
        """Queue it; dropped after a failure."""
        if self._waiting >= MOST_WAITING and not self.failure:
            self._fail("disk_too_slow", f"{self._waiting} blocks wait to be written")
        if self.failure or not len(sound):
            return
        self._waiting += 1
        self._recorder.submit(lambda: self._write(sound))

    async def finish(self, keep: bool = True) -> Written | None:
        """Write the last page; None when there is no file, or it is not to be kept. Raises NotDestroyed."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Written | None] = loop.create_future()

        def tell(written: Written | None, left: bool) -> None:
            if done.done():
                return
            if left:
                done.set_exception(NotDestroyed(self._name))
            else:
                done.set_result(written)

        def close() -> None:
            written = self._close()
            left = not keep and not self._destroyed()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, written if keep else None, left)

        self._recorder.submit(close)
        return await done

    # ---------------------------------------------------------------------------------------------- in the thread

    def _open(self) -> None:
        with self._told():
            if self._roomy():
                self._file = OpusFile(self._recorder.shelf.begin(self._name), self._rate_hz)

    def _write(self, sound: Sound) -> None:
        self._waiting -= 1
        with self._told():
            if self._file and not self.failure and self._roomy():
                self._file.write(sound)

    def _close(self) -> Written | None:
        written = None
        with self._told():
            if self._file:
                written = self._file.close()
                if self._file.failure and not self.failure:
                    raise self._file.failure
        return written

    def _destroyed(self) -> bool:
        with self._told():
            if self._file:
                self._recorder.shelf.destroy(self._name)
            return True
        return False

    def _roomy(self) -> bool:
        if time.monotonic() - self._looked_s >= LOOK_S:
            self._looked_s = time.monotonic()
            if not self._recorder.has_room():
                self._fail("disk_full", "too little free space is left")
        return not self.failure

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except KeysUnavailable as error:
            self._fail("no_key", str(error))
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            self._fail("disk_full" if full else "disk_failed", str(error))
        except Exception as error:
            log.exception("recording.failed", file=self._name)
            self._fail("failed", type(error).__name__)

    def _fail(self, reason: str, detail: str) -> None:
        if not self.failure:
            self.failure = reason
            log.error("recording.stopped", file=self._name, reason=reason, detail=detail, what="the call goes on")
