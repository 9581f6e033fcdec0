"""Other systems, an SMS gateway and a mail server that really listen, on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, cast

import pytest

from dialogs.events import Message, Request
from telephony.errands import LARGEST_ANSWER, Allowed, Errands, MailGateway, SmsGateway
from telephony.reachable import Refused, checked, may_be_asked
from telephony.running import Running

REQUEST = Request(
    1,
    "POST",
    "{env.CRM}/orders/{code}",
    query={"lang": "{call.language}"},
    headers={"Authorization": "Bearer {env.TOKEN}"},
    body={"code": "{code}", "copies": "{copies}", "note": "da {name}", "gift": True},
    values={"code": "a/b {env.TOKEN}", "call.language": "it", "copies": 12, "name": "{env.TOKEN}"},
    timeout_ms=2000,
)


@dataclass
class System:
    """answers: the raw bytes for each connection, the last one again and again; None: it hangs up without a word."""

    answers: list[bytes | None]
    heard: list[bytes] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        self.heard.append(head + await reader.readexactly(length))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        writer.close()


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body


@asynccontextmanager
async def system(*answers: bytes | None) -> AsyncIterator[System]:
    there = System(list(answers))
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.port = server.sockets[0].getsockname()[1]
    async with server:
        yield there


def errands(there: System, **more: object) -> Errands:
    allowed = Allowed(inside=frozenset({"localhost"}), variables=frozenset({"CRM", "TOKEN"}))
    environment = {"CRM": f"http://localhost:{there.port}", "TOKEN": "s3cret"}
    return Errands(allowed, environment=environment, **more)  # type: ignore[arg-type]


async def test_everything_is_filled_in_once_and_the_answer_comes_back() -> None:
    async with system(http(b'{"state": "shipped", "days": 2}')) as there:
        answer = await errands(there).ask(REQUEST, "call-7", 500)
    assert (answer.ok, answer.status, answer.value) == (True, 200, {"state": "shipped", "days": 2})
    assert answer.at_ms >= 500
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /orders/a%2Fb%20%7Benv.TOKEN%7D?lang=it HTTP/1.1")
    assert b"authorization: bearer s3cret" in head.lower()
    assert f"host: localhost:{there.port}".encode() in head.lower()
    assert b"idempotency-key: call-7-1" in head.lower()
    assert json.loads(body) == {"code": "a/b {env.TOKEN}", "copies": 12, "note": "da {env.TOKEN}", "gift": True}


async def test_what_was_told_in_confidence_comes_from_the_call_alone() -> None:
    request = replace(REQUEST, body={"pin": "{pin}"})
    async with system(http(b"{}")) as there:
        assert (await errands(there).ask(request, "c", 0, {"pin": "0417"})).ok
    assert there.heard[0].endswith(b'{"pin": "0417"}')


@pytest.mark.parametrize(
    ("answers", "error", "asked"),
    [
        ((None, http(b"{}")), "", 2),  # one more attempt
        ((http(b"", "503 Busy"), http(b"{}")), "", 2),
        ((None,), "no answer", 2),
        ((http(b"", "404 Not Found"),), "status 404", 1),
        ((http(b"", "302 Found", "Location: http://127.0.0.1/\r\n"),), "status 302", 1),  # redirects lead nowhere
        ((http(b"<html>"),), "no JSON", 1),
        ((http(b"[" * 5000 + b"]" * 5000),), "no JSON", 1),
        ((http(b"[" * 50 + b"]" * 50),), "deep", 1),
        ((http(b'"' + b"x" * LARGEST_ANSWER + b'"'),), "larger than", 1),
    ],
)
async def test_what_goes_wrong_is_told(answers: tuple[bytes | None, ...], error: str, asked: int) -> None:
    async with system(*answers) as there:
        answer = await errands(there).ask(REQUEST, "c", 0)
    assert answer.ok is not bool(error)
    assert error in answer.error
    assert len(there.heard) == asked
    assert len({head.split(b"dempotency-")[1].split(b"\r\n")[0] for head in there.heard}) == 1


async def test_a_system_that_is_silent_is_waited_for_no_longer_than_agreed() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        there = System([], port=server.sockets[0].getsockname()[1])
        answer = await errands(there).ask(replace(REQUEST, timeout_ms=50, retries=0), "c", 0)
    assert answer.error == "no answer within 50 ms"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://evil.example/x", "not among those"),
        ("http://localhost@evil.example/", "not http"),
        ("ftp://localhost/", "not http"),
        ("http://localhost:99999/", "no URL"),
    ],
)
async def test_only_named_hosts_are_asked(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        await checked(url, {"localhost"}, {"localhost"})


async def test_a_name_that_leads_inside_is_refused_unless_it_was_named_as_inside() -> None:
    with pytest.raises(Refused, match="may not be asked"):
        await checked("http://localhost:80/", {"localhost"}, set())
    target = await checked("http://LOCALHOST:8080/a?b=c", set(), {"localhost:8080"})
    assert target.url in ("http://127.0.0.1:8080/a?b=c", "http://[::1]:8080/a?b=c")
    assert (target.host, target.name) == ("localhost:8080", "localhost")


@pytest.mark.parametrize(
    ("address", "public", "inside"),
    [
        ("8.8.8.8", True, True),
        ("10.0.0.1", False, True),
        ("192.168.1.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("169.254.169.254", False, False),
        ("fd00:ec2::254", False, False),
        ("100.100.100.200", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("::ffff:127.0.0.1", False, True),
        ("2002:7f00:1::", False, True),  # 6to4 of 127.0.0.1
    ],
)
def test_which_addresses_may_be_asked(address: str, public: bool, inside: bool) -> None:
    assert may_be_asked(ip_address(address), private_too=False) is public
    assert may_be_asked(ip_address(address), private_too=True) is inside


async def test_variables_that_were_not_named_are_not_read() -> None:
    async with system(http(b"{}")) as there:
        answer = await errands(there).ask(replace(REQUEST, url="{env.HOME}/x"), "c", 0)
    assert "{env.HOME} is not among the variables" in answer.error
    assert there.heard == []


# ----------------------------------------------------------------------------------------------------------- messages
SMS = Message(3, "sms", "+39333", "La aspettiamo domani.", "it")
MAIL = Message(0, "email", "a@example.org", "Città alta, è prenotato.", "it", subject="La sua prenotazione")


async def test_an_sms_goes_to_the_gateway() -> None:
    async with system(http(b"", "202 Accepted")) as there:
        gateway = SmsGateway(f"http://127.0.0.1:{there.port}/sms", "tok", "Tavola")
        sent = await errands(there, sms=gateway).send(SMS, "call-7-3", 9)
    assert (sent.ok, sent.request) == (True, 3)
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert b"Authorization: Bearer tok" in head
    assert b"Idempotency-Key: call-7-3" in head
    assert json.loads(body) == {"to": "+39333", "text": SMS.text, "from": "Tavola", "id": "call-7-3"}


class Written:
    """What a call writes."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, Any]]] = []

    async def add(self, kind: str, payload: dict[str, Any]) -> int:
        self.entries.append((kind, payload))
        return len(self.entries)


async def test_messages_of_a_call_that_nobody_waits_for_have_ids_of_their_own_and_no_tags() -> None:
    record, begun = Written(), []
    async with system(http(b"", "202 Accepted")) as there:
        ours = errands(there, sms=SmsGateway(f"http://127.0.0.1:{there.port}/sms"))
        none = cast(Any, None)
        running = Running("call-7", none, ours, cast(Any, record), none, none, lambda: 9, none, begun.append)
        for text in ("La aspettiamo <break time='300ms'/> domani.", "A presto."):
            await running.run(Message(0, "sms", "+39333", text, "it"), none)
        for sending in begun:
            await sending
    told = [json.loads(one.partition(b"\r\n\r\n")[2]) for one in there.heard]
    assert [one["text"] for one in told] == ["La aspettiamo domani.", "A presto."]
    assert len({one["id"] for one in told}) == 2
    assert [payload["text"] for _, payload in record.entries] == ["La aspettiamo domani.", "A presto."]


async def test_a_gateway_that_refuses_and_one_that_is_not_there() -> None:
    async with system(http(b"", "400 Bad")) as there:
        refused = await errands(there, sms=SmsGateway(f"http://127.0.0.1:{there.port}/")).send(SMS, "c", 0)
        none = await errands(there).send(SMS, "c", 0)
        no_mail = await errands(there).send(MAIL, "c", 0)
    assert refused.error == "the SMS gateway answered 400"
    assert "no SMS gateway is configured" in none.error
    assert "no mail server is configured" in no_mail.error


@asynccontextmanager
async def mail_server(said: list[str], answer: Callable[[str], str]) -> AsyncIterator[int]:
    """As much of RFC 5321 as one message needs."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        data = False
        while line := (await reader.readline()).decode():
            said.append(line.rstrip())
            if data and line != ".\r\n":
                continue
            data = line.upper().startswith("DATA")
            writer.write((answer(line.split()[0].upper()) + "\r\n").encode())
            if line.upper().startswith("QUIT"):
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_an_email_goes_to_the_mail_server() -> None:
    said: list[str] = []
    replies = {"DATA": "354 go on", "QUIT": "221 bye"}
    async with mail_server(said, lambda word: replies.get(word, "250 ok")) as port, system(http(b"")) as there:
        gateway = MailGateway("127.0.0.1", "tavola@example.org", port, starttls=False)
        sent = await errands(there, mail=gateway).send(MAIL, "c-1", 0)
    assert sent.ok
    assert any(line.lower().startswith("rcpt to:<a@example.org>") for line in said)
    assert "Subject: La sua prenotazione" in said
    assert f"Message-ID: <{sha256(b'c-1').hexdigest()[:32]}@example.org>" in said
    assert any(line.startswith("Date: ") for line in said)


async def test_a_mail_server_that_refuses() -> None:
    said: list[str] = []
    replies = {"RCPT": "550 no", "QUIT": "221 bye"}
    async with mail_server(said, lambda word: replies.get(word, "250 ok")) as port, system(http(b"")) as there:
        gateway = MailGateway("127.0.0.1", "tavola@example.org", port, starttls=False)
        sent = await errands(there, mail=gateway).send(MAIL, "c", 0)
    assert sent.error == "not sent: SMTPRecipientsRefused"
