"""Callers while the history cannot be written: another program really holds its file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing, contextmanager

import pytest
import pytest_asyncio

from history import Entry, HistoryUnavailable
from history.events import StoredEvent
from telephony import late_writing
from telephony.late_writing import LateWriting
from tests.telephony.conftest import Exchange, Phone

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_writing, "AGAIN_S", 0.1)
    monkeypatch.setattr("history.sqlite_file.BUSY_MS", 100)


@contextmanager
def held(exchange: Exchange) -> Iterator[None]:
    """The file is locked by another program."""
    with closing(sqlite3.connect(exchange.journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def _talking(exchange: Exchange) -> Phone:
    phone = await exchange.twilio()
    await phone.until_it_speaks()
    async with asyncio.timeout(20):
        while exchange.reception.live == 0:
            await asyncio.sleep(0.01)
    return phone


def _whole(events: list[StoredEvent]) -> list[str]:
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    kinds = [event.type for event in events]
    assert kinds.count("call.ended") == 1
    return kinds


async def test_a_caller_reaches_an_operator_and_the_history_learns_of_it_afterwards(exchange: Exchange) -> None:
    console, phone = await exchange.console("anna"), await _talking(exchange)
    await console.send(type="available")
    with held(exchange):
        await phone.press("#")
        call_id = await console.accept(within_s=30)
        with pytest.raises(HistoryUnavailable):
            await exchange.reception.expect("it", "", "twilio", "CA2")
        assert exchange.desk.figures()["talking"] == 1
        await console.send(type="hangup")
        assert await phone.until_closed() == (1000, "operator_ended")
        on_the_disk = [event.type for event in await exchange.events(call_id)]
        assert "operator.joined" not in on_the_disk
    await exchange.ended(ref="CA1")
    events = await exchange.events(call_id)
    kinds = _whole(events)
    wanted = ["handoff.queued", "offer.made", "offer.accepted", "operator.joined", "operator.left", "call.ended"]
    assert [kind for kind in kinds if kind in wanted] == wanted
    assert [event.payload["key"] for event in events if event.payload.get("kind") == "CallerTyped"] == ["#"]
    said = [event.payload.get("key") for event in events if event.type == "transcript"]
    assert "failure" in said, "a spoken word"
    late = events[kinds.index("operator.joined")]
    assert late.occurred_at < late.recorded_at
    await console.until(lambda console: "wrap_up" in console.states)


async def test_a_caller_for_whom_nobody_is_there_is_promised_a_call_back(exchange: Exchange) -> None:
    phone = await _talking(exchange)
    with held(exchange):
        await phone.press("#")
        assert await phone.until_closed() == (1000, "bot_ended")
    detail = await exchange.ended(ref="CA1")
    assert [one.reason for one in detail.callbacks] == ["nobody_available"]
    _whole(await exchange.events(detail.interaction.id))


async def test_a_caller_for_whom_nobody_is_there_gets_the_human_number_where_there_is_one(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange.reception._live, "_human_number", "+390519999")
    phone = await _talking(exchange)
    with held(exchange):
        await phone.press("#")
        assert await phone.until_closed() == (1000, "history_unavailable")
        assert not exchange.reception.ended_properly("CA1"), "so that the phone system dials the number"
    detail = await exchange.ended(ref="CA1")
    assert detail.interaction.end_reason == "history_unavailable"
    _whole(await exchange.events(detail.interaction.id))


@pytest_asyncio.fixture(loop_scope="session")
async def late(exchange: Exchange) -> AsyncIterator[LateWriting]:
    """Of a call `c1`, whose failures are left alone."""
    writing = LateWriting(exchange.journal)
    await exchange.journal.append("c1", [Entry("call.started", {"line": "it"})])
    writing.begin("c1", lambda why: None)
    yield writing
    await writing.close(0)


async def test_what_was_written_although_it_failed_is_not_written_twice(
    exchange: Exchange, late: LateWriting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit succeeds after nobody waits for it any more; what came behind it keeps its place."""
    assert await late.append("c1", [Entry("a")]) == 2
    with monkeypatch.context() as hurried:
        hurried.setattr(late_writing, "PATIENCE_S", 0.0)
        assert await late.append("c1", [Entry("b"), Entry("b"), Entry("c")]) == 5
    assert late.is_late("c1")
    assert await late.append("c1", [Entry("b")]) == 6
    with pytest.raises(ValueError, match="at_ms"):
        await late.append("c1", [Entry("wrong", at_ms=-1)])
    async with asyncio.timeout(10):
        while late.is_late("c1"):
            await asyncio.sleep(0.01)
    assert await late.append("c1", [Entry("d")]) == 7
    found = [event.type for event in await exchange.events("c1")]
    assert found == ["call.started", "a", "b", "b", "c", "b", "d"]


async def test_an_entry_that_the_history_refuses_holds_up_no_other(
    exchange: Exchange, late: LateWriting, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = exchange.journal.append_missing

    async def refusing(call_id: str, entries: Sequence[Entry], after_seq: int) -> int:
        if any(one.type == "bad" for one in entries):
            raise RuntimeError("a fault of ours")
        return await real(call_id, entries, after_seq)

    monkeypatch.setattr(exchange.journal, "append_missing", refusing)
    with held(exchange):
        for kind in ("a", "bad", "b"):
            await late.append("c1", [Entry(kind)])
    async with asyncio.timeout(10):
        while late.is_late("c1"):
            await asyncio.sleep(0.01)
    assert [event.type for event in await exchange.events("c1")] == ["call.started", "a", "b"]
    [said] = exchange.log_of("call.entry_refused")
    assert said["kind"] == "bad"
    exchange.logged.remove(said)  # its traceback is meant


async def test_a_call_cannot_owe_without_end_and_what_is_lost_with_the_server_is_said(
    exchange: Exchange, late: LateWriting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_writing, "MOST_OWED", 3)
    with held(exchange):
        for _ in range(3):
            await late.append("c1", [Entry("n")])
        with pytest.raises(HistoryUnavailable, match="owes the history 3 entries"):
            await late.append("c1", [Entry("n")])
        await late.append("c1", [Entry("call.ended", {"reason": "history_unavailable"})])
        await late.close(0)
    assert [line["entries"] for line in exchange.log_of("call.entries_lost")] == [4]
