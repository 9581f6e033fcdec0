"""`centralino history import --imap`: new messages of a mail folder come into the history."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from centralino.commands.console import err
from centralino.settings import Settings
from history.ingestion.envelope import Received, received
from history.ingestion.formats import FORMATS
from history.ingestion.mail_folder import MailFolder, Position, Positions, new_mails, signed_in

POSITIONS = "mail_folders.json"
TOGETHER = 25
"""Messages that are stored before the position is kept, so that a run that is broken off loses little."""

Send = Callable[[list[Received]], Coroutine[Any, Any, dict[str, int]]]


def import_mail(settings: Settings, url: str, source: str, password: str, most: int, send: Send) -> dict[str, int]:
    """At most so many messages that arrived since the last run; a message that is no mail is left out, by name.

    The position is kept after its messages are stored: whatever happens in between, none is missed, and what is taken
    twice counts once. Raises MailFolderError, HistoryUnavailable.
    """
    folder = MailFolder.at(url)
    positions = Positions(settings.data_dir / POSITIONS)
    counts: Counter[str] = Counter(stored=0, duplicate=0, conflict=0)
    waiting: list[Received] = []
    reached: Position | None = None

    def store() -> None:
        nonlocal reached
        if waiting:
            counts.update(asyncio.run(send(waiting)))
            waiting.clear()
        if reached is not None:
            positions.keep(folder, reached)
            reached = None

    with signed_in(folder, password) as server:
        for mail in new_mails(server, folder, positions.of(folder), most):
            try:
                if mail.raw is None:
                    raise ValueError("it is too large")
                waiting += [received(event) for event in FORMATS["email"](mail.raw, source)]
            except ValueError as error:
                counts["left out"] += 1
                err.print(f"message {mail.position.uid} is left out: {error}", markup=False, soft_wrap=True)
            reached = mail.position
            if len(waiting) >= TOGETHER:
                store()
        store()
    return dict(counts)
