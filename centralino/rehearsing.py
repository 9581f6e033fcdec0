"""Flowbooks tried out in the running server, for the console: with the articles that are served now."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from centralino.company import Company
from centralino.publishing import Publishing
from console.rehearsing import Tried
from dialogs.events import Request, Responded
from dialogs.loading import read_flowbook
from dialogs.understanding import Understanding
from telephony.errands import Errands
from voice.speaking import ssml

KEPT = 4
"""Flowbooks that stay at hand, with what was learned from their intents: an editor asks for the same one often."""


class ServedRehearsing:
    """A `Rehearsing`. company: as it is served now."""

    def __init__(self, publishing: Publishing, company: Callable[[], Company], errands: Errands) -> None:
        self._publishing, self._company, self._errands = publishing, company, errands
        self._kept: OrderedDict[tuple[str, str, str], Tried] = OrderedDict()

    async def tried(self, flowbook: str, text: str) -> Tried:
        """Raises FlowbookErrors, SettingsError and RevisionsUnavailable."""
        return await asyncio.to_thread(self._tried, flowbook, text)

    async def ask(self, request: Request, at_ms: int, slots: Mapping[str, Any]) -> Responded:
        return await self._errands.ask(request, "simulated", at_ms, slots)

    def _tried(self, flowbook: str, text: str) -> Tried:
        flow = self._publishing.file(flowbook)
        knowledge = self._company().knowledge
        book = read_flowbook(text, flow.path.name, ssml.fault)
        key = (flow.path.name, book.revision, knowledge.revision)
        if (kept := self._kept.pop(key, None)) is None:
            kept = Tried(book, Understanding(book, knowledge))
        self._kept[key] = kept
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return kept
