"""Has interactions that are over summed up by a model, in the background: beside the worker that derives everything
else, so that nothing waits for it. Reading, redacting and writing happen in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection, select

from history.analyses.understanding import Analysis
from history.database import HistoryUnavailable
from history.deriving.reading import materials
from history.deriving.texts import shown_texts
from history.journal import Journal
from history.privacy.tables import emptied
from history.summaries.answer import Unusable, summary_of
from history.summaries.asking import Answer, Ask
from history.summaries.prompt import PROMPT_VERSION, Asking, Prompt, prompt_of
from history.summaries.queueing import BY_MODEL, MOST_TRIES, WAITS_S, BeginAnew, Claim, PutOff, Settle, TakeSome, Wanted
from history.timeline import Timeline

log = structlog.get_logger()

LOOK_S = 30.0
"""How often it looks without being told: something may be due again."""
LONGEST_PAUSE_S = 3600.0
"""Of the whole, however much an endpoint asks for."""
LEASE_S = 60.0
"""How much longer than its timeout a try may last."""


@dataclass
class Counts:
    """Since the server began. failed: tries; given_up: interactions, until the next start."""

    made: int = 0
    failed: int = 0
    given_up: int = 0


class Summarizing:
    """One history's, by one model. timeout_s: how long `ask` takes at most. at_once: requests. waits_s: between the
    tries of one interaction."""

    def __init__(
        self,
        journal: Journal,
        timeline: Timeline,
        ask: Ask,
        how: Asking,
        wanted: Wanted,
        *,
        timeout_s: float = 60.0,
        at_once: int = 2,
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        self._journal, self._timeline, self._ask, self._how = journal, timeline, ask, how
        self.wanted, self.counts = wanted, Counts()
        self._at_once, self._waits_s = at_once, waits_s
        self._lease = timedelta(seconds=timeout_s + LEASE_S)
        self._news = asyncio.Event()
        self._failures = 0
        self._paused_until_s = 0.0

    def wake(self) -> None:
        """There may be something to do."""
        self._news.set()

    async def run(self) -> None:
        """What waits is summed up, until cancelled; what an earlier run gave up, is tried again."""
        begun = False
        while True:
            try:
                if not begun:
                    await self._journal.change(BeginAnew(self.wanted.within))
                    begun = True
                while await self.work():
                    pass
            except HistoryUnavailable as error:
                log.error("summaries.history_unavailable", error=str(error))
            except Exception:
                log.exception("summaries.failed")
            paused_s = self._paused_until_s - asyncio.get_running_loop().time()
            if paused_s > 0:
                await asyncio.sleep(paused_s)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_S)
            self._news.clear()

    async def work(self) -> int:
        """What is due, as much as is asked at once; how many that was. Raises HistoryUnavailable."""
        if asyncio.get_running_loop().time() < self._paused_until_s:
            return 0
        claims = await self._journal.change(TakeSome(self._at_once, self._lease))
        ids = [one.interaction_id for one in claims]
        prompts = await self._timeline.read(lambda connection: self._prompts(connection, ids)) if claims else {}
        await asyncio.gather(*(self._sum_up(one, prompts.get(one.interaction_id)) for one in claims))
        return len(claims)

    def _prompts(self, connection: Connection, ids: Sequence[str]) -> dict[str, Prompt]:
        gone = set(connection.scalars(select(emptied.c.interaction_id).where(emptied.c.interaction_id.in_(ids))))
        found = {}
        for one in materials(connection, [key for key in ids if key not in gone]):
            if made := prompt_of(one.row, one.segments, shown_texts(one.segments), self._how):
                found[one.row.id] = made
        return found

    async def _sum_up(self, claim: Claim, prompt: Prompt | None) -> None:
        if prompt is None:  # nothing was said, or what was said is gone
            await self._journal.change(Settle(claim.interaction_id, None))
            return
        answer = await self._ask(prompt.body)
        if answer.ok:
            self._failures = 0
            try:
                made = await asyncio.to_thread(self._analysis, prompt, answer)
            except Unusable as unusable:
                await self._failed(claim, str(unusable), None)
                return
            await self._journal.change(Settle(claim.interaction_id, made))
            self.counts.made += 1
            return
        if answer.of_the_endpoint:
            self._pause(answer.retry_after_s)
        await self._failed(claim, answer.error or f"status {answer.status}", answer.retry_after_s)

    def _analysis(self, prompt: Prompt, answer: Answer) -> Analysis:
        summed = summary_of(answer.body)
        why = {"turns": list(prompt.turns), "left_out": prompt.left_out, "prompt_sha256": prompt.sha256,
               "tokens": dict(summed.tokens)}  # fmt: skip
        body = {"text": summed.text, "language": prompt.language}
        return Analysis("summary", PROMPT_VERSION, f"{BY_MODEL}{self._how.model}", body, why)

    def _pause(self, asked_s: float | None) -> None:
        wait_s = max(self._waits_s[min(self._failures, len(self._waits_s) - 1)], asked_s or 0.0)
        self._failures += 1
        self._paused_until_s = asyncio.get_running_loop().time() + min(wait_s, LONGEST_PAUSE_S)

    async def _failed(self, claim: Claim, error: str, asked_s: float | None) -> None:
        self.counts.failed += 1
        over = claim.tries >= MOST_TRIES
        self.counts.given_up += over
        tell = log.error if over else log.warning
        tell("summaries.given_up" if over else "summaries.not_made", interaction=claim.interaction_id,
             tries=claim.tries, error=error)  # fmt: skip
        wait_s = 0.0 if over else max(self._waits_s[claim.tries - 1], asked_s or 0.0)
        await self._journal.change(PutOff(claim.interaction_id, timedelta(seconds=wait_s), error))
