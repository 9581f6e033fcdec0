"""The server's side of a nursery: start it, and start it again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import structlog

log = structlog.get_logger()

_LOADING_S = 120.0
"""Loading a model takes 3-6 s on two busy cores; a large one from a slow disk more."""
_BACKOFF_S = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)


class RecognizersUnavailable(RuntimeError):
    """Nobody can listen: a model is missing or broken, or its processes do not start. One line with the way out."""


class NurseryProcess:
    """One nursery. `start` once, then `connect` for each worker, `close` at the end.

    threads: for all its workers together. rate_hz, streaming, parallel: of its engine, known once it started.
    """

    def __init__(self, engine: str, model: str, folder: Path, threads: int, workers: int = 1) -> None:
        self.engine = engine
        self.model = model
        self.rate_hz = 0
        self.streaming = self.parallel = False
        self.restarts = 0
        self._folder = folder
        self._threads, self._workers = threads, workers
        self._process: asyncio.subprocess.Process | None = None
        self._socket = ""
        self._ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Until it is ready. Raises RecognizersUnavailable with its reason."""
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new worker, as the two ends of its connection; waits for a nursery that is being restarted."""
        while True:
            await self._ready.wait()
            try:
                return await asyncio.open_unix_connection(self._socket)
            except OSError:
                await asyncio.sleep(0.05)  # It died just now: its keeper sees that, and clears `_ready`.

    async def close(self) -> None:
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._end()

    async def _spawn(self) -> None:
        self._socket = str(Path(tempfile.mkdtemp(prefix="centralino-"), "nursery"))
        wishes = {
            "engine": self.engine,
            "model": str(self._folder),
            "threads": self._threads,
            "workers": self._workers,
            "socket": self._socket,
        }
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "voice.listening.nursery", json.dumps(wishes)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(),
            # Ctrl-C on the terminal is for the server, which lets calls end first.
            process_group=0,
        )
        assert self._process.stdout
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), _LOADING_S)
            said = json.loads(line) if line else {"error": "it ended without a word; its log is above"}
        except (TimeoutError, ValueError) as failure:
            said = {"error": f"it gave no answer in {_LOADING_S:.0f} s ({failure or type(failure).__name__})"}
        if "error" in said:
            await self._end()
            raise RecognizersUnavailable(
                f"{self.engine} cannot listen with {self.model}: {said['error']}; "
                f"check the model with: centralino models verify {self.model}"
            )
        self.rate_hz, self.streaming, self.parallel = (
            int(said["rate_hz"]),
            bool(said["streaming"]),
            bool(said["parallel"]),
        )
        if said["about"]:
            log.info("recognizer.loaded", engine=self.engine, model=self.model, about=said["about"])
        self._ready.set()

    async def _keep(self) -> None:
        failures = 0
        while True:
            assert self._process
            await self._process.wait()
            self._ready.clear()
            shutil.rmtree(Path(self._socket).parent, ignore_errors=True)
            self.restarts += 1
            log.error("recognizer.nursery_died", engine=self.engine, model=self.model, status=self._process.returncode)
            while not self._ready.is_set():
                await asyncio.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                try:
                    await self._spawn()
                except RecognizersUnavailable as failure:
                    failures += 1
                    log.error("recognizer.nursery_down", error=str(failure))
            failures = 0

    async def _end(self) -> None:
        self._ready.clear()
        if process := self._process:
            assert process.stdin
            process.stdin.close()
            with contextlib.suppress(ProcessLookupError):
                try:
                    await asyncio.wait_for(process.wait(), 2.0)
                except TimeoutError:
                    process.kill()
                    await process.wait()
        shutil.rmtree(Path(self._socket).parent, ignore_errors=True)


def _environment() -> dict[str, str]:
    """Finds this very package; no thread pools before the fork; macOS allows forking once its libraries are in use."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "OPENBLAS_NUM_THREADS": "1",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    }
