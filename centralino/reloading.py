"""A company that is edited while it is served: read anew in full, made ready, then put in the place of the old one.

New calls get the new lines in one step; running ones keep the line, the flowbook and the articles they began with. What
is wrong changes nothing: the old lines stay, and what is to be mended is told with file and line.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from centralino.company import Company, load_company
from centralino.revisions import Revisions
from centralino.settings import SettingsError
from centralino.watching import Look, look_at
from dialogs.problems import FlowbookErrors
from knowledge.articles import ArticlesUnreadable
from telephony.lines import Line, Lines
from voice.listening.workers import Recognizers, RecognizersUnavailable
from voice.models import ModelStore
from voice.speaking.engines import load_synthesizers
from voice.speaking.prompts import Speaker

log = structlog.get_logger()

LOOK_S = 1.0
"""How often the files are looked at; a change is taken up once they have stayed the same from one look to the next."""


@dataclass(frozen=True)
class Outcome:
    """Of the last try. serial: counts tries; lines: by id, as they are served now; errors: why nothing was changed."""

    serial: int
    at: str
    ok: bool
    lines: Mapping[str, Mapping[str, str]]
    errors: tuple[str, ...] = ()
    prompts_made: int = 0


@dataclass
class Reloading:
    """take_up: puts new lines in the place of the old ones. status: a file that tells others of each outcome."""

    folder: Path
    company: Company
    revisions: Revisions
    recognizers: Recognizers
    speaker: Speaker
    store: ModelStore
    take_up: Callable[[Lines], None]
    status: Path
    outcome: Outcome = field(init=False)

    def __post_init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self.outcome = Outcome(0, _now(), True, served(self.company.lines))

    async def begin(self) -> None:
        """The company that the server started with is in use: its flowbooks are kept, its lines told."""
        await asyncio.to_thread(self._keep, self.company)
        await asyncio.to_thread(self._tell)

    async def watch(self) -> None:
        """Take up what is edited, until cancelled."""
        seen = tried = await self._look()
        while True:
            await asyncio.sleep(LOOK_S)
            before, seen = seen, await self._look()
            if seen == before and seen != tried:
                tried = seen
                await self.reload("files changed")

    async def reload(self, why: str) -> Outcome:
        """Read, check and take up the folder as it is now. Never raises for what is wrong in it."""
        async with self._one_at_a_time:
            serial = self.outcome.serial + 1
            try:
                company = await asyncio.to_thread(load_company, self.folder, None, self.revisions)
                made = await self._make_ready(company)
                await asyncio.to_thread(self._keep, company)
            except Exception as error:
                errors = _told(error)
                if not isinstance(error, EXPECTED):
                    log.exception("lines.reload_failed")
                self.outcome = Outcome(serial, _now(), False, served(self.company.lines), errors)
                log.error("lines.not_reloaded", why=why, errors=list(errors))
            else:
                self.take_up(company.lines)
                self.company = company
                self.outcome = Outcome(serial, _now(), True, served(company.lines), prompts_made=made)
                log.info("lines.reloaded", why=why, prompts_made=made, lines=self.outcome.lines)
            await asyncio.to_thread(self._tell)
            return self.outcome

    async def _make_ready(self, company: Company) -> int:
        """Whatever calls on the new lines need is here before the first of them; returns how many prompts were made.

        Raises SettingsError and RecognizersUnavailable.
        """
        for line in company.lines:
            choice = self.recognizers.choice(line.language)
            wanted = company.engines[line.language]
            if wanted and wanted != choice.engine:
                why = f"its language is heard by {choice.engine} since the server started"
                raise SettingsError(f"line {line.id!r}: recognizer {wanted!r}: {why}; restart the server for that")
        self.speaker.add(load_synthesizers((line.voice.engine for line in company.lines), self.store))
        for rate_hz in (8000, 16000):
            await asyncio.to_thread(company.music.loop, rate_hz)
        prompts = await self.speaker.prerender(company.prompts())
        if prompts.failed:
            raise SettingsError("prompts cannot be spoken: " + "; ".join(prompts.failed[:5]))
        await self.speaker.warm_up(line.voice for line in company.lines)
        return prompts.made

    def _keep(self, company: Company) -> None:
        try:
            for book, text in company.books:
                self.revisions.keep(book, text)
        except OSError as error:
            log.error("lines.revision_not_kept", error=str(error))

    async def _look(self) -> Look:
        return await asyncio.to_thread(look_at, (*self.company.files, self.folder / "company.toml"))

    def _tell(self) -> None:
        part = self.status.with_suffix(".part")
        try:
            part.write_text(json.dumps({"pid": os.getpid(), **asdict(self.outcome)}, ensure_ascii=False, indent=1))
            os.replace(part, self.status)
        except OSError as error:
            log.error("lines.status_not_written", file=str(self.status), error=str(error))


EXPECTED = (SettingsError, FlowbookErrors, ArticlesUnreadable, RecognizersUnavailable, LookupError, OSError)


def served(lines: Iterable[Line]) -> dict[str, dict[str, str]]:
    """What is told of each line, by its id."""
    return {
        line.id: {
            "number": line.number,
            "flowbook": line.book.id,
            "revision": line.book.revision,
            "file": line.book.file,
        }
        for line in lines
    }


def _told(error: Exception) -> tuple[str, ...]:
    return tuple(str(error).splitlines()) if isinstance(error, EXPECTED) else (f"{type(error).__name__}: {error}",)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
