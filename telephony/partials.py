"""Words that are still being recognised, for whoever looks on: never stored, only the newest of each speaker kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class PartialReader:
    """What is being said in one call. news: set when there is something to `take`."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self._newest: dict[str, Mapping[str, Any]] = {}

    def offer(self, message: Mapping[str, Any]) -> None:
        self._newest[str(message["speaker"])] = message
        self.news.set()

    def take(self) -> list[Mapping[str, Any]]:
        """The newest of each speaker that was not taken yet."""
        newest, self._newest = list(self._newest.values()), {}
        self.news.clear()
        return newest

    def forget(self, speaker: str) -> None:
        """Their turn is written down."""
        self._newest.pop(speaker, None)


class Partials:
    """Of all calls of this server."""

    def __init__(self) -> None:
        self._readers: dict[str, set[PartialReader]] = {}

    def publish(self, call_id: str, message: Mapping[str, Any]) -> None:
        """Never waits. message: speaker, text, at_ms."""
        for reader in self._readers.get(call_id, ()):
            reader.offer(message)

    @contextmanager
    def follow(self, call_id: str) -> Iterator[PartialReader]:
        reader = PartialReader()
        self._readers.setdefault(call_id, set()).add(reader)
        try:
            yield reader
        finally:
            self._readers[call_id].discard(reader)
            if not self._readers[call_id]:
                del self._readers[call_id]
