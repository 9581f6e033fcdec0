"""A worker: one process, one connection to the server, and the recognizers that its one thread alone uses."""

from __future__ import annotations

import os
import socket
from typing import Any

from voice.listening.engines import Engine, EngineRecognizer
from voice.listening.inbox import Inbox
from voice.listening.wire import Header, encode, recognition_to_json


def serve(connection: socket.socket, engine: Engine) -> None:
    """Answer requests, the urgent ones first, until the server hangs up or dies."""
    connection.sendall(encode({"pid": os.getpid()}))
    engine.start()
    recognizers: dict[int, EngineRecognizer] = {}
    with connection.makefile("rb") as requests:
        inbox = Inbox(requests)
        while frame := inbox.take():
            header, pcm = frame
            number = int(header.get("recognizer", 0))
            try:
                answer = _answer(engine, recognizers, number, header, pcm)
            except Exception as failure:
                # Whatever state it is in, it is not used again; the server opens another.
                recognizers.pop(number, None)
                answer = {"error": f"{type(failure).__name__}: {failure}"}
            connection.sendall(encode({"id": header["id"], **answer}))


def _answer(
    engine: Engine, recognizers: dict[int, EngineRecognizer], number: int, header: Header, pcm: bytes
) -> dict[str, Any]:
    """What the header asks: `op` is a method of EngineRecognizer, 'open' or 'ping'."""
    match header["op"]:
        case "ping":
            return {}
        case "open":
            recognizers[number] = engine.open(header["language"])
            return {"unknown": recognizers[number].expect(header["phrases"])}
        case "accept":
            recognizers[number].accept(pcm)
            return {}
        case "partial" | "look" | "final" as operation:
            return {"recognition": recognition_to_json(getattr(recognizers[number], operation)())}
        case "expect":
            return {"unknown": recognizers[number].expect(header["phrases"])}
        case "close":
            if closed := recognizers.pop(number, None):
                closed.close()
            return {}
        case unknown:
            raise ValueError(f"unknown operation {unknown!r}")
