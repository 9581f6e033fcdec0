"""A nursery: a process of its own that loads one model and forks a worker for each connection.

The workers share the model's memory by copy-on-write. Nursery and workers live as long as the server: the one ends when
its standard input ends, the others when their connection does, however the server died.

Started by the server as `python -m voice.listening.nursery WISHES`, JSON with engine, model, threads, workers, socket;
prints one line of JSON when it is ready, or why it cannot be.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import traceback
from pathlib import Path

from voice.listening.engines import Engine, load_engine
from voice.listening.worker import serve

NICENESS = 5
"""Workers give way to the server's event loop: it needs its moment every 20 ms, they can wait for theirs."""


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's affair; it ends us when it is done.
    os.nice(NICENESS)
    wishes = json.loads(sys.argv[1])
    try:
        engine = load_engine(wishes["engine"])(Path(wishes["model"]), int(wishes["threads"]))
    except (LookupError, RuntimeError, OSError, ImportError) as failure:
        print(json.dumps({"error": str(failure)}), flush=True)
        return 1
    path = Path(wishes["socket"])
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        path.unlink(missing_ok=True)
        door.bind(str(path))
        door.listen(64)
        known = {name: getattr(engine, name) for name in ("rate_hz", "streaming", "parallel", "about")}
        print(json.dumps(known), flush=True)
        os.dup2(
            sys.stderr.fileno(), sys.stdout.fileno()
        )  # Nobody reads on; what a library prints must not fill the pipe.
        try:
            _keep_nursery(door, engine, -(-wishes["threads"] // wishes["workers"]) if engine.parallel else 1)
        finally:
            shutil.rmtree(path.parent, ignore_errors=True)
    return 0


def _keep_nursery(door: socket.socket, engine: Engine, threads: int) -> None:
    while True:
        ready, _, _ = select.select([door, sys.stdin], [], [], 1.0)
        _bury()
        if sys.stdin in ready and not os.read(sys.stdin.fileno(), 4096):
            return
        if door in ready:
            connection, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _live(connection, engine, threads)
            connection.close()


def _live(connection: socket.socket, engine: Engine, threads: int) -> None:
    """The rest of a worker's life; never returns into the nursery's code."""
    status = 1
    try:
        with connection, contextlib.suppress(ConnectionError):
            serve(connection, engine, threads)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _bury() -> None:
    """Wait for children that ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    sys.exit(main())
