"""One journal for each file: a second process that writes is turned away before it touches the database."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path

from history.database import HistoryUnavailable

_held: set[Path] = set()


class SoleWriter:
    """The right to write `path`, held until `release` or the end of the process, however it ends.

    A POSIX record lock on `path` + '.lock': unlike flock it is not inherited by forked workers, which may outlive a
    killed server by a moment. Such a lock does not keep out the process that holds it, hence `_held`.
    """

    def __init__(self, path: Path, *, node: str) -> None:
        """Raises HistoryUnavailable naming the holder; OSError when the lock file cannot be written."""
        self._path = path.resolve()
        if self._path in _held:
            raise HistoryUnavailable(f"history {path} is already open in this process: use that Journal")
        lock = path.with_name(path.name + ".lock")
        self._file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 200).decode(errors="replace").strip() or "another process"
            os.close(self._file)
            raise HistoryUnavailable(
                f"history {path} is being written by {holder}: stop it, or choose another data folder"
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"node {node}, process {os.getpid()}\n".encode(), 0)
        _held.add(self._path)

    def release(self) -> None:
        _held.discard(self._path)
        os.close(self._file)


def writer_of(path: Path) -> int | None:
    """The process that writes the history at `path` at this moment; None when nobody does."""
    lock = path.with_name(path.name + ".lock")
    try:
        with lock.open("rb") as file:
            holder = re.search(rb"process (\d+)", file.read(200))
            try:
                fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(holder[1]) if holder else None
    except OSError:
        return None
    return None
