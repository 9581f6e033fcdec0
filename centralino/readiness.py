"""Whether this server should be given calls: what a load balancer asks.

Being ready is more than being alive: a server that drains, or is full, lives and answers, and must get no further call.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from history import HistoryUnavailable, Journal
from telephony.admission import Refusal
from telephony.reception import Reception
from voice.listening.worker_link import WorkerStats
from voice.listening.workers import Recognizers

PROBED_EVERY_S = 1.0
"""The history is tried with a commit of its own, which costs the disk a sync: not for every question."""


@dataclass(frozen=True)
class Reason:
    """why: a word; detail: a sentence with the way out."""

    why: str
    detail: str


def reasons(
    draining: bool, refusal: Refusal | None, history_fault: str, workers: Sequence[WorkerStats]
) -> list[Reason]:
    """Why no call should be given to this server; none: it is ready."""
    found = []
    if draining:
        found.append(Reason("draining", "the server is stopping; its running calls finish"))
    if history_fault:
        found.append(Reason("history", history_fault))
    if not workers:
        found.append(Reason("models", "no recognizer runs"))
    if dead := [f"{worker.engine} ({worker.model})" for worker in workers if worker.pid is None]:
        found.append(Reason("models", f"no process listens: {', '.join(dead)}; the log says why"))
    if refusal and not draining:
        found.append(Reason("capacity", f"{refusal.reason}: {refusal.detail}"))
    return found


class Readiness:
    def __init__(self, reception: Reception, journal: Journal, recognizers: Recognizers) -> None:
        self._reception, self._journal, self._recognizers = reception, journal, recognizers
        self._probed_s = float("-inf")
        self._fault = ""

    async def look(self) -> list[Reason]:
        """As things are now; the history's state is at most a second old."""
        if time.monotonic() - self._probed_s >= PROBED_EVERY_S:
            self._probed_s = time.monotonic()
            try:
                await self._journal.probe()
            except HistoryUnavailable as error:
                self._fault = str(error)
            else:
                self._fault = ""
        refusal = self._reception.refusal()
        return reasons(self._reception.draining, refusal, self._fault, self._recognizers.stats())
