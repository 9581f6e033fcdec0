"""The flowbooks of the running server, for the console: checked in a thread, published where calls are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from centralino.publishing import Publishing
from centralino.reloading import Reloading
from centralino.settings import SettingsError
from console.flow_shelf import Looked, Shelved
from dialogs.problems import Located
from knowledge.articles import ArticlesUnreadable
from knowledge.revision import Revision
from knowledge.revisions import Revisions
from voice.listening.workers import RecognizersUnavailable


class ServedFlows:
    """A `FlowShelf`."""

    unusable: tuple[type[Exception], ...] = (SettingsError, ArticlesUnreadable, RecognizersUnavailable, OSError)

    def __init__(self, publishing: Publishing, reloading: Reloading) -> None:
        self._publishing, self._reloading = publishing, reloading
        self._one_at_a_time = asyncio.Semaphore(1)  # checking a text takes a core for a while, which calls need, too

    @property
    def revisions(self) -> Revisions:
        return self._publishing.revisions

    async def flowbooks(self) -> Sequence[Shelved]:
        files = await asyncio.to_thread(self._publishing.files)
        return [Shelved(one.id, one.place, one.lines, one.text) for one in files]

    async def look(self, flowbook: str, text: str, *, rehearse: bool) -> Looked:
        async with self._one_at_a_time:
            flow = await asyncio.to_thread(self._publishing.file, flowbook)
            checked = await asyncio.to_thread(lambda: self._publishing.check(flow, text, rehearse=rehearse))
        passed = sum(one.passed for one in checked.tests.results) if checked.tests else None
        return Looked(checked.problems, passed)

    async def publish(
        self, flowbook: str, text: str, *, who: str, message: str, base: int, again: int | None = None
    ) -> tuple[Revision, Sequence[Located]]:
        flow = await asyncio.to_thread(self._publishing.file, flowbook)
        return await self._reloading.publish(flow, text, who=who, message=message, base=base, again=again)
