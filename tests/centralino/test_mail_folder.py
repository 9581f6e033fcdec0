"""A mail folder over a real socket, with a server that says what RFC 3501 says it says."""

from __future__ import annotations

import asyncio
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from centralino.cli import app
from history.ingestion.mail_folder import LARGEST_MAIL_BYTES, MailFolder, MailFolderError


def a_mail(number: int) -> bytes:
    return (
        f"From: Anna <anna{number}@example.org>\r\nDate: Mon, 4 May 2026 09:0{number}:00 +0000\r\n"
        f"Message-ID: <{number}@example.org>\r\nSubject: Domanda {number}\r\n\r\nBuongiorno\r\n"
    ).encode()


class Mailbox(socketserver.StreamRequestHandler):
    """One client; `server.mails`: uid → message, `server.validity`, `server.told`: what was asked."""

    def handle(self) -> None:
        self.say("* OK IMAP4rev1 ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode().rstrip("\r\n").partition(" ")
            self.server.told.append(command)  # type: ignore[attr-defined]
            self.answer(command.upper(), command)
            if command.upper() == "LOGIN ANNA WRONG":
                continue
            ok = "NO wrong" if "wrong" in command else "OK done"
            self.say(f"{tag} {ok}")
            if command.upper() == "LOGOUT":
                return

    def answer(self, asked: str, command: str) -> None:
        mails: dict[int, bytes] = self.server.mails  # type: ignore[attr-defined]
        if asked == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif asked.startswith("EXAMINE"):
            self.say(f"* {len(mails)} EXISTS\r\n* OK [UIDVALIDITY {self.server.validity}] valid")  # type: ignore[attr-defined]
        elif found := re.match(r"UID SEARCH UID (\d+):\*", asked):
            uids = [uid for uid in mails if uid >= int(found[1])] or list(mails)[-1:]
            self.say("* SEARCH " + " ".join(map(str, uids)))
        elif found := re.match(r"UID FETCH (\d+) \(RFC822.SIZE\)", asked):
            size = len(mails[int(found[1])]) if mails[int(found[1])] != b"huge" else LARGEST_MAIL_BYTES + 1
            self.say(f"* 1 FETCH (UID {found[1]} RFC822.SIZE {size})")
        elif found := re.match(r"UID FETCH (\d+) \(BODY.PEEK\[\]\)", asked):
            raw = mails[int(found[1])]
            self.wfile.write(b"* 1 FETCH (UID %s BODY[] {%d}\r\n%s)\r\n" % (found[1].encode(), len(raw), raw))
        elif asked == "LOGOUT":
            self.say("* BYE")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    mails: dict[int, bytes]
    told: list[str]
    validity = 7


@contextmanager
def served(mails: dict[int, bytes]) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Mailbox) as server:
        server.mails, server.told = mails, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ran(server: Server, *arguments: str) -> tuple[int, str]:
    url = f"imap-plain://anna@127.0.0.1:{server.server_address[1]}/INBOX"
    result = CliRunner().invoke(app, ["history", "import", "--imap", url, "--source", "mail", *arguments])
    return result.exit_code, " ".join(result.output.split())


async def test_new_mails_are_taken_once_and_the_place_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CENTRALINO_IMAP_PASSWORD", "secret words")
    monkeypatch.setenv("COLUMNS", "200")
    with served({3: a_mail(1), 5: a_mail(2)}) as server:
        assert await asyncio.to_thread(ran, server, "--limit", "1") == (0, "1 stored, 0 duplicate, 0 conflict")
        assert await asyncio.to_thread(ran, server) == (0, "1 stored, 0 duplicate, 0 conflict")
        assert await asyncio.to_thread(ran, server) == (0, "0 stored, 0 duplicate, 0 conflict")
        server.mails |= {8: b"nothing that was ever sent", 9: b"huge", 11: a_mail(3)}
        code, told = await asyncio.to_thread(ran, server)
        assert (code, "message 8 is left out" in told, "message 9 is left out: it is too large" in told) == (
            0,
            True,
            True,
        )
        assert "1 stored, 0 duplicate, 0 conflict, 2 left out" in told
        server.validity = 8  # its numbers begin anew
        code, told = await asyncio.to_thread(ran, server)
        assert "0 stored, 3 duplicate" in told
        assert not [one for one in server.told if "STORE" in one.upper() or one.upper().startswith("SELECT")]
        monkeypatch.setenv("CENTRALINO_IMAP_PASSWORD", "wrong")
        code, told = await asyncio.to_thread(ran, server)
        assert (code, "refuses" in told, "wrong" in (tmp_path / "mail_folders.json").read_text()) == (1, True, False)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("imap-plain://anna@mail.example.org/INBOX", "this machine only"),
        ("imaps://anna:secret@mail.example.org/INBOX", "CENTRALINO_IMAP_PASSWORD"),
        ("https://anna@mail.example.org", "imaps://"),
        ("imaps://mail.example.org/INBOX", "imaps://"),
        ("imaps://anna@mail.example.org/Caff%C3%A8", "UTF-7"),
    ],
)
def test_a_folder_s_address_is_checked(url: str, why: str) -> None:
    with pytest.raises(MailFolderError, match=why):
        MailFolder.at(url)


def test_a_folder_is_read_over_tls_unless_it_says_otherwise() -> None:
    assert MailFolder.at("imaps://anna@mail.example.org") == MailFolder("mail.example.org", 993, "anna", "INBOX", "tls")
    assert MailFolder.at("imap://anna%40x.org@mail.example.org/a/b").way == "starttls"
