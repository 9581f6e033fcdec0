"""A worker: one process, one connection to the server, and the recognizers that live in it.

Several threads share the work where the engine allows it: a recognizer is used by one of them at a time, whichever is
free, so that no core idles while a caller waits.
"""

from __future__ import annotations

import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from voice.listening.engines import Engine, EngineRecognizer
from voice.listening.inbox import Inbox
from voice.listening.wire import Header, encode, recognition_to_json


def serve(connection: socket.socket, engine: Engine, threads: int) -> None:
    """Answer requests, the urgent ones first, until the server hangs up or dies. Raises BadFrame."""
    connection.sendall(encode({"pid": os.getpid()}))
    engine.start()
    recognizers: dict[int, EngineRecognizer] = {}
    sending = threading.Lock()

    def work() -> None:
        while request := inbox.take():
            header, pcm = request
            number = int(header.get("recognizer", 0))
            try:
                answer = _answer(engine, recognizers, number, header, pcm, inbox)
            except Exception as failure:
                # Whatever state it is in, it is not used again; the server opens another.
                recognizers.pop(number, None)
                answer = {"error": f"{type(failure).__name__}: {failure}"}
            finally:
                inbox.done(request)
            with sending:
                connection.sendall(encode({"id": header["id"], **answer}))

    with connection.makefile("rb") as requests:
        inbox = Inbox(requests)
        with ThreadPoolExecutor(threads, thread_name_prefix="decoder") as pool:
            for thread in [pool.submit(work) for _ in range(threads)]:
                thread.result()


def _answer(
    engine: Engine, recognizers: dict[int, EngineRecognizer], number: int, header: Header, pcm: bytes, inbox: Inbox
) -> dict[str, Any]:
    """What the header asks: `op` is a method of EngineRecognizer, 'open', 'unknown' or 'ping'."""
    match header["op"]:
        case "ping":
            return {}
        case "open":
            recognizers[number] = engine.open(header["language"])
            return {"unknown": recognizers[number].expect(header["phrases"]), "step_ms": engine.step_ms}
        case "unknown":
            return {"unknown": engine.unknown(header["words"])}
        case "accept":
            recognizers[number].accept(pcm)
            return {}
        case "partial" | "look" | "final" as operation:
            if pcm:
                recognizers[number].accept(pcm)
            said = getattr(recognizers[number], operation)()
            return {"recognition": recognition_to_json(said), "step_ms": engine.step_ms}
        case "glance":
            glanced = recognizers[number].glance(lambda: inbox.pressed)
            return {"recognition": recognition_to_json(glanced) if glanced else None, "step_ms": engine.step_ms}
        case "expect":
            return {"unknown": recognizers[number].expect(header["phrases"])}
        case "close":
            if closed := recognizers.pop(number, None):
                closed.close()
            return {}
        case unknown:
            raise ValueError(f"unknown operation {unknown!r}")
