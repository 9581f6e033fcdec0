"""A folder of a mail server (IMAP, RFC 3501): new messages since the last look, read without marking them as read."""

from __future__ import annotations

import imaplib
import ipaddress
import json
import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

ANSWER_S = 60.0
LARGEST_MAIL_BYTES = 25 * 1024 * 1024
"""What most servers accept at all; a larger message is left out, by name."""


class MailFolderError(Exception):
    """The folder cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class MailFolder:
    """way: 'tls', 'starttls', or 'plain', which is allowed on this machine only."""

    host: str
    port: int
    user: str
    folder: str
    way: str

    @classmethod
    def at(cls, url: str) -> MailFolder:
        """imaps://user@host/INBOX; imap:// begins in the open and must then encrypt; imap-plain:// for this machine.
        Raises MailFolderError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise MailFolderError("the address of the mail folder is no URL") from None
        ways = {"imaps": ("tls", 993), "imap": ("starttls", 143), "imap-plain": ("plain", 143)}
        if parts.scheme not in ways or not parts.hostname or not parts.username or parts.password is not None:
            raise MailFolderError(
                "a mail folder is written imaps://user@host/INBOX; the password comes from CENTRALINO_IMAP_PASSWORD"
            )
        way, usual = ways[parts.scheme]
        if way == "plain" and not _this_machine(parts.hostname):
            raise MailFolderError("imap-plain:// is for this machine only: a password would cross the net readable")
        folder = unquote(parts.path.strip("/")) or "INBOX"
        if not folder.isprintable() or not folder.isascii() or '"' in folder or "\\" in folder:
            raise MailFolderError("write the folder's name in modified UTF-7 (RFC 3501 5.1.3)")
        return cls(parts.hostname, port or usual, unquote(parts.username), folder, way)

    @property
    def name(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True)
class Position:
    """uid_validity: of the folder; another one means that its numbers begin anew. uid: the last message taken."""

    uid_validity: int = 0
    uid: int = 0


class Positions:
    """Where the last look ended, in a JSON file of its own beside the history."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, folder: MailFolder) -> Position:
        """Raises MailFolderError when the file is broken."""
        found = self._all().get(folder.name)
        return Position(**found) if found else Position()

    def keep(self, folder: MailFolder, position: Position) -> None:
        """Raises MailFolderError when it cannot be written."""
        whole = {**self._all(), folder.name: asdict(position)}
        fresh = self._path.with_suffix(".new")
        try:
            with fresh.open("w") as file:
                json.dump(whole, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            raise MailFolderError(f"{self._path} cannot be written: {error}") from error

    def _all(self) -> dict[str, dict[str, int]]:
        if not self._path.exists():
            return {}
        try:
            return dict(json.loads(self._path.read_text()))
        except (ValueError, TypeError) as error:
            raise MailFolderError(f"{self._path} is broken: {error}; remove it, mails count once anyway") from error


@dataclass(frozen=True)
class Mail:
    """raw: the message, None when it is larger than `LARGEST_MAIL_BYTES`. position: after it."""

    position: Position
    raw: bytes | None


@contextmanager
def signed_in(folder: MailFolder, password: str) -> Iterator[imaplib.IMAP4]:
    """A connection on which nothing can be changed. Blocking. Raises MailFolderError."""
    try:
        context = ssl.create_default_context()
        if folder.way == "tls":
            server: imaplib.IMAP4 = imaplib.IMAP4_SSL(folder.host, folder.port, ssl_context=context, timeout=ANSWER_S)
        else:
            server = imaplib.IMAP4(folder.host, folder.port, timeout=ANSWER_S)
        with server:
            if folder.way == "starttls":
                server.starttls(context)
            server.login(folder.user, password)
            yield server
    except imaplib.IMAP4.error as error:
        raise MailFolderError(f"the mail server {folder.host} refuses: {str(error)[:200]}") from error
    except OSError as error:
        raise MailFolderError(f"the mail server {folder.host}:{folder.port} cannot be reached: {error}") from error


def new_mails(server: imaplib.IMAP4, folder: MailFolder, since: Position, most: int) -> Iterator[Mail]:
    """At most so many messages after that position, the oldest first. Blocking. Raises MailFolderError."""
    _asked(server.select(f'"{folder.folder}"', readonly=True), f"the folder {folder.folder!r} cannot be opened")
    validity = int(server.response("UIDVALIDITY")[1][0] or 0)
    after = since.uid if since.uid_validity == validity else 0
    found = _asked(server.uid("SEARCH", "UID", f"{after + 1}:*"), "the folder cannot be searched")
    # 'n:*' also names the last message when it is before n (RFC 3501 6.4.8)
    uids = sorted(uid for uid in map(int, b" ".join(one for one in found if one).split()) if uid > after)
    for uid in uids[:most]:
        position = Position(validity, uid)
        sizes = _asked(server.uid("FETCH", str(uid), "(RFC822.SIZE)"), f"message {uid} cannot be read")
        size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(one for one in sizes if isinstance(one, bytes)))
        if size is None:  # it was removed meanwhile
            continue
        if int(size[1]) > LARGEST_MAIL_BYTES:
            yield Mail(position, None)
            continue
        parts = _asked(server.uid("FETCH", str(uid), "(BODY.PEEK[])"), f"message {uid} cannot be read")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if raw is not None:
            yield Mail(position, raw)


def _asked(answer: tuple[str, list], what: str) -> list:  # type: ignore[type-arg]
    status, found = answer
    if status != "OK":
        raise MailFolderError(f"{what}: {str(found[0])[:200] if found else status}")
    return found


def _this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
