"""FreeSWITCH's event socket, as far as call control asks it: `api`, `bgapi originate`, and the events of jobs.

Wire format: FreeSWITCH's documentation "mod_event_socket" and the replies of its mod_commands.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from centralino.calling.rung.answering import ANSWERS, BUSY, DECLINED, FAILED, NO_ANSWER, People

CAUSES = {BUSY: "USER_BUSY", DECLINED: "CALL_REJECTED", FAILED: "DESTINATION_OUT_OF_ORDER", NO_ANSWER: "NO_ANSWER"}


@dataclass
class EventSocketServer:
    """commands: the `api` and `bgapi` lines it got. channels: uuids that are up. broken: said instead of a reply."""

    password: str
    people: People
    commands: list[str] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)
    broken: bytes = b""

    @contextlib.asynccontextmanager
    async def at(self, port: int) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Content-Type: auth/request\n\n")
        known = False
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                line = (await reader.readuntil(b"\n\n")).decode().strip()
                word, _, rest = line.partition(" ")
                if not known:
                    known = (word, rest) == ("auth", self.password)
                    self._reply(writer, "+OK accepted" if known else "-ERR invalid")
                elif self.broken:
                    writer.write(self.broken)
                elif word == "event":
                    self._reply(writer, "+OK event listener enabled plain")
                elif word == "bgapi":
                    self._background(writer, rest)
                else:
                    self._api(writer, rest)
        writer.close()

    def _reply(self, writer: asyncio.StreamWriter, text: str, more: str = "") -> None:
        writer.write(f"Content-Type: command/reply\nReply-Text: {text}\n{more}\n".encode())

    def _api(self, writer: asyncio.StreamWriter, command: str) -> None:
        self.commands.append(command)
        words = command.split()
        ref = words[2] if words[1] == "off" else words[1]
        body = "+OK\n" if ref in self.channels else "-ERR No such channel!\n"
        if words[0] == "uuid_kill":
            self.channels.discard(ref)
        writer.write(f"Content-Type: api/response\nContent-Length: {len(body)}\n\n{body}".encode())

    def _background(self, writer: asyncio.StreamWriter, command: str) -> None:
        self.commands.append(command)
        job = str(uuid.uuid4())
        self._reply(writer, f"+OK Job-UUID: {job}", f"Job-UUID: {job}\n")
        variables, _, rest = command.removeprefix("originate {").partition("}")
        given = dict(pair.partition("=")[::2] for pair in variables.split(","))
        does = self.people.asked(rest.split()[0])
        if does == ANSWERS:
            self.channels.add(given["origination_uuid"])
        body = f"+OK {given['origination_uuid']}\n" if does == ANSWERS else f"-ERR {CAUSES[does]}\n"
        event = f"Event-Name: BACKGROUND_JOB\nJob-UUID: {job}\nContent-Length: {len(body)}\n\n{body}"
        writer.write(f"Content-Type: text/event-plain\nContent-Length: {len(event)}\n\n{event}".encode())
