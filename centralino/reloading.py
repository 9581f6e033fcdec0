"""A company that is edited while it is served: read anew in full, made ready, then put in the place of the old one.

New calls get the new lines in one step; running ones keep the line, the flowbook and the articles they began with. What
is wrong changes nothing: the old lines stay, and what is to be mended is told with file and line.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from centralino.company import Company, load_company
from centralino.flow_files import FlowFile
from centralino.publishing import Publishing
from centralino.settings import SettingsError
from centralino.watching import Look, look_at
from dialogs.problems import FlowbookErrors, Located
from knowledge.articles import ArticlesUnreadable
from knowledge.revision import Revision, RevisionsUnavailable
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


class RestartNeeded(SettingsError):
    """What is written can be used, but not by a server that runs: its models are loaded at the start."""


@dataclass
class Reloading:
    """publishing: of the company in `folder`. take_up: puts new lines in the place of the old ones. status: a file that
    tells others of each outcome."""

    folder: Path
    company: Company
    publishing: Publishing
    recognizers: Recognizers
    speaker: Speaker
    store: ModelStore
    take_up: Callable[[Lines], None]
    status: Path
    outcome: Outcome = field(init=False)

    def __post_init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._tried: Look = frozenset()
        self.outcome = Outcome(0, _now(), True, served(self.company.lines))

    async def begin(self) -> None:
        """The company that the server started with is in use: its flowbooks have numbers, its lines are told."""
        self.company = await asyncio.to_thread(self._numbered, self.company)
        self.take_up(self.company.lines)
        self.outcome = replace(self.outcome, lines=served(self.company.lines))
        self._tried = await self._look()
        await asyncio.to_thread(self._tell)

    async def watch(self) -> None:
        """Take up what is edited, until cancelled."""
        seen = await self._look()
        while True:
            await asyncio.sleep(LOOK_S)
            before, seen = seen, await self._look()
            if seen == before and seen != self._tried:
                await self.reload("files changed")

    async def reload(self, why: str) -> Outcome:
        """Read, check and take up the folder as it is now. Never raises for what is wrong in it."""
        async with self._one_at_a_time:
            self._tried = await self._look()
            try:
                company = await asyncio.to_thread(load_company, self.folder, None, self.publishing.revisions)
                made = await self._make_ready(company)
                company = await asyncio.to_thread(self._numbered, company)
            except Exception as error:
                if not isinstance(error, EXPECTED):
                    log.exception("lines.reload_failed")
                await self._refuse(error, why)
            else:
                await self._use(company, made, why)
            return self.outcome

    async def publish(
        self, flow: FlowFile, text: str, *, who: str, message: str, base: int, again: int | None = None
    ) -> tuple[Revision, list[Located]]:
        """The text is checked, made ready, published as the next revision, and taken up by new calls at once.

        again: the revision that is rolled back to. Returns the warnings, too. Raises what `Publishing.commit` does,
        FlowbookErrors, and RecognizersUnavailable; then nothing was changed.
        """
        async with self._one_at_a_time:
            checked = await asyncio.to_thread(self.publishing.check, flow, text)
            company = checked.usable()
            made = await self._make_ready(company)
            revision = await asyncio.to_thread(
                lambda: self.publishing.commit(flow, text, who=who, message=message, base=base, again=again)
            )
            self._tried = await self._look()
            company = await asyncio.to_thread(self._numbered, company)
            await self._use(company, made, f"{flow.id} {revision.number} was published")
            return revision, checked.warnings

    async def rewrite(self, text: str, place: Callable[[], Awaitable[None]], why: str, *, restart: bool) -> Outcome:
        """company.toml with this text is checked and made ready; then `place` puts it into the file, and new calls are
        on it at once. restart: what needs one is put into the file all the same, and waits for it.

        Raises RestartNeeded without `restart`, what `reload` tells of, and what `place` does; then nothing was changed.
        """
        async with self._one_at_a_time:
            path = self.folder / "company.toml"
            company = await asyncio.to_thread(
                load_company, self.folder, None, self.publishing.revisions, {path: text}
            )  # fmt: skip
            later = self._only_after_a_restart(company)
            if later is not None and not restart:
                raise later
            made = await self._render(company)
            await place()
            self._tried = await self._look()
            if later is not None:
                await self._refuse(later, why)
            else:
                company = await asyncio.to_thread(self._numbered, company)
                await self._use(company, made, why)
            return self.outcome

    async def _refuse(self, error: Exception, why: str) -> None:
        """The lines stay as they are, and it is told why."""
        errors = _told(error)
        self.outcome = Outcome(self.outcome.serial + 1, _now(), False, served(self.company.lines), errors)
        log.error("lines.not_reloaded", why=why, errors=list(errors))
        await asyncio.to_thread(self._tell)

    async def _use(self, company: Company, prompts_made: int, why: str) -> None:
        self.take_up(company.lines)
        self.company = company
        self.outcome = Outcome(
            self.outcome.serial + 1, _now(), True, served(company.lines), prompts_made=prompts_made
        )  # fmt: skip
        log.info("lines.reloaded", why=why, prompts_made=prompts_made, lines=self.outcome.lines)
        await asyncio.to_thread(self._tell)

    async def _make_ready(self, company: Company) -> int:
        """Whatever calls on the new lines need is here before the first of them; returns how many prompts were made.

        Raises SettingsError.
        """
        if (later := self._only_after_a_restart(company)) is not None:
            raise later
        return await self._render(company)

    def _only_after_a_restart(self, company: Company) -> RestartNeeded | None:
        for line in company.lines:
            wanted = company.engines[line.language]
            try:
                choice = self.recognizers.choice(line.language)
            except RecognizersUnavailable as error:
                return RestartNeeded(f"line {line.id!r}: {error}; restart the server for that")
            if wanted and wanted != choice.engine:
                why = f"its language is heard by {choice.engine} since the server started"
                return RestartNeeded(f"line {line.id!r}: recognizer {wanted!r}: {why}; restart the server for that")
        return None

    async def _render(self, company: Company) -> int:
        """Raises SettingsError when a prompt cannot be spoken."""
        self.speaker.add(load_synthesizers((line.voice.engine for line in company.lines), self.store))
        for rate_hz in (8000, 16000):
            await asyncio.to_thread(company.music.loop, rate_hz)
        prompts = await self.speaker.prerender(company.prompts())
        if prompts.failed:
            raise SettingsError("prompts cannot be spoken: " + "; ".join(prompts.failed[:5]))
        await self.speaker.warm_up(line.voice for line in company.lines)
        return prompts.made

    def _numbered(self, company: Company) -> Company:
        try:
            return company.numbered(self.publishing.numbers(company))
        except (RevisionsUnavailable, SettingsError) as error:  # calls are answered all the same
            log.error("lines.revision_not_kept", error=str(error))
            return company

    async def _look(self) -> Look:
        return await asyncio.to_thread(look_at, (*self.company.files, self.folder / "company.toml"))

    def _tell(self) -> None:
        part = self.status.with_suffix(".part")
        try:
            part.write_text(json.dumps({"pid": os.getpid(), **asdict(self.outcome)}, ensure_ascii=False, indent=1))
            os.replace(part, self.status)
        except OSError as error:
            log.error("lines.status_not_written", file=str(self.status), error=str(error))


EXPECTED = (SettingsError, FlowbookErrors, ArticlesUnreadable, RecognizersUnavailable, LookupError, OSError,
            RevisionsUnavailable)  # fmt: skip


def served(lines: Iterable[Line]) -> dict[str, dict[str, str]]:
    """What is told of each line, by its id."""
    return {
        line.id: {
            "number": line.number,
            "flowbook": line.book.id,
            "revision": line.book.revision,
            "revision_number": str(line.revision_number or ""),
            "file": line.book.file,
        }
        for line in lines
    }


def _told(error: Exception) -> tuple[str, ...]:
    return tuple(str(error).splitlines()) if isinstance(error, EXPECTED) else (f"{type(error).__name__}: {error}",)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
