"""A call whose history cannot be written goes on, towards a person; what it owes the history is written once it can be.

Nothing has an effect before it is in the history, as long as there is one. Without it no call is taken; but a caller
who is there already is not cut off: the dialog hears of the failure and passes them on, operators are offered the call
and talk, and each entry is kept in memory, with the time at which it happened. Only a server that dies meanwhile loses
them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import structlog

from history import Entry, HistoryUnavailable, Journal
from history.events import checked

log = structlog.get_logger()

PATIENCE_S = 4.0
"""How long a caller may wait for the history; a healthy commit takes milliseconds."""
SLOW_S = 1.0
"""After so long the call hears of it, and can fill the silence."""
AGAIN_S = 1.0
"""How often what is owed is tried again."""
MOST_OWED = 5000
"""Entries of one call, some MB; a call of an hour has fewer."""
AT_ONCE = 200
KEPT_LOGS = 200
"""Calls that are over and whose operator may still be busy with them."""


class Appends(Protocol):
    """Where calls' entries are written: the journal, or `LateWriting`."""

    async def append(self, interaction_id: str, entries: Sequence[Entry]) -> int: ...


class LateWriting:
    """A server's; `append` is the journal's for whatever is no call of `begin`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._logs: dict[str, _CallLog] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def begin(self, call_id: str, failed: Callable[[str], None], slow: Callable[[], None] = lambda: None) -> None:
        """This call goes on without a history from now on. failed: told why, when it begins to; slow: told when it has
        waited `SLOW_S` and waits on."""
        over = [key for key, one in self._logs.items() if one.over and not one.late]
        for key in over[: max(0, len(over) - KEPT_LOGS)]:
            del self._logs[key]
        self._logs[call_id] = _CallLog(self._journal, call_id, failed, slow, self._start)

    def end(self, call_id: str) -> None:
        """The call is over."""
        self._logs[call_id].over = True

    def is_late(self, call_id: str) -> bool:
        """Whether the history lacks something of this call at this moment."""
        return call_id in self._logs and self._logs[call_id].late

    async def append(self, interaction_id: str, entries: Sequence[Entry]) -> int:
        """As the journal's; of a call that is late the seq is that which the entry will have, when nobody else writes
        of this call. Raises HistoryUnavailable for a call only when it owes `MOST_OWED`."""
        of_call = self._logs.get(interaction_id)
        return await (of_call.append(entries) if of_call else self._journal.append(interaction_id, entries))

    async def close(self, within_s: float) -> None:
        """Write what is owed, for so long; what is not written then is lost, and the log says how much."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=within_s)
        for task in list(self._writing):
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        for call_id, one in self._logs.items():
            if one.late:
                log.error("call.entries_lost", call_id=call_id, entries=one.owed)

    def _start(self, call_log: _CallLog) -> None:
        task = asyncio.create_task(call_log.catch_up())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)


class _CallLog:
    def __init__(
        self,
        journal: Journal,
        call_id: str,
        failed: Callable[[str], None],
        slow: Callable[[], None],
        start: Callable[[_CallLog], None],
    ) -> None:
        self._journal, self._call_id, self._failed, self._slow, self._start = journal, call_id, failed, slow, start
        self._seq = 0
        """The last one that was acknowledged."""
        self._owed: list[Entry] = []
        self._under_way: set[asyncio.Future[int]] = set()
        """Appends of before that nobody waits for any more."""
        self.late = self.over = False

    @property
    def owed(self) -> int:
        return len(self._owed)

    async def append(self, entries: Sequence[Entry]) -> int:
        now = datetime.now(UTC)
        entries = [replace(one, occurred_at=one.occurred_at or now) for one in entries]
        if not self.late:
            try:
                return await self._in_time(entries)
            except HistoryUnavailable as error:
                self._fall_behind(str(error))
        if len(self._owed) + len(entries) > MOST_OWED and not any(one.type == "call.ended" for one in entries):
            raise HistoryUnavailable(f"call {self._call_id} owes the history {len(self._owed)} entries")
        self._owed += [checked(one, now) for one in entries]
        return self._seq + len(self._owed)

    async def _in_time(self, entries: Sequence[Entry]) -> int:
        """Raises HistoryUnavailable; the entries may be written all the same."""
        writing = asyncio.ensure_future(self._journal.append(self._call_id, entries))
        try:
            await asyncio.wait({writing}, timeout=min(SLOW_S, PATIENCE_S))
            if not writing.done() and not self.over:
                self._slow()
            await asyncio.wait({writing}, timeout=max(0.0, PATIENCE_S - SLOW_S))
        except asyncio.CancelledError:
            writing.cancel()
            raise
        if not writing.done():
            self._under_way.add(writing)
            raise HistoryUnavailable(f"the history gave no answer within {PATIENCE_S:g} s")
        seq = writing.result()
        self._seq = max(self._seq, seq)
        return seq

    def _fall_behind(self, why: str) -> None:
        if not self.late:  # of several appends under way the first one says so
            self.late = True
            log.error("call.history_late", call_id=self._call_id, error=why)
            self._start(self)
            if not self.over:
                self._failed(why)

    async def catch_up(self) -> None:
        """Write what is owed, in order, each once; then the call is no longer late."""
        at_once = AT_ONCE
        while self._owed or self._under_way:
            if self._under_way:
                await asyncio.wait(self._under_way)
                await asyncio.gather(*self._under_way, return_exceptions=True)
                self._under_way.clear()
            entries = self._owed[:at_once]
            if entries:
                try:
                    seq = await self._journal.append_missing(self._call_id, entries, after_seq=self._seq)
                except HistoryUnavailable:
                    await asyncio.sleep(AGAIN_S)
                    continue
                except Exception:  # a fault of ours: what is behind that entry is written all the same
                    if len(entries) > 1:
                        at_once = 1
                        continue
                    log.exception("call.entry_refused", call_id=self._call_id, kind=entries[0].type)
                else:
                    self._seq = max(self._seq, seq)
                del self._owed[: len(entries)]
        self.late = False
        log.info("call.history_in_time", call_id=self._call_id)
