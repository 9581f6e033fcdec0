import asyncio
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from history import Database, Entry, HistoryUnavailable, Journal, StoredEvent, Timeline, new_id
from history.projections import project

STARTED = Entry("call.started", {"line": "IT", "door": "browser", "language": "it", "caller": "+390612345"})


def said(text: str, at_ms: int = 0) -> Entry:
    return Entry("transcript", {"speaker": "caller", "text": text, "start_ms": at_ms, "end_ms": at_ms + 500}, at_ms)


async def test_an_acknowledged_event_is_there_for_any_other_program(journal: Journal, rows: Any) -> None:
    call = new_id()
    assert await journal.append(call, [STARTED, said("buongiorno")]) == 2
    assert await journal.append(call, [said("mi sente?", 900)]) == 3
    assert rows("SELECT seq, type FROM interaction_event ORDER BY seq") == [
        (1, "call.started"),
        (2, "transcript"),
        (3, "transcript"),
    ]


async def test_thousands_of_events_of_many_calls_keep_their_order(journal: Journal, timeline: Timeline) -> None:
    calls = [new_id() for _ in range(20)]
    most = 100 if journal.database.shared else 500  # PostgreSQL takes its time beside all other tests

    async def talk(call: str) -> None:
        for first in range(0, most, 5):  # five appends under way at once, the order of the calls to append counts
            seqs = await asyncio.gather(
                *(journal.append(call, [Entry("n", {"n": n})]) for n in range(first, first + 5))
            )
            assert seqs == list(range(first + 1, first + 6))

    await asyncio.gather(*map(talk, calls))
    for call in calls:
        stored = await timeline.events(call)
        assert [(e.seq, e.payload["n"]) for e in stored] == [(n + 1, n) for n in range(most)]


async def test_time_zones_become_utc_and_text_survives(journal: Journal, timeline: Timeline) -> None:
    call, rome = new_id(), timezone(timedelta(hours=1))
    at = datetime(2026, 1, 2, 0, 30, 0, 123456, tzinfo=rome)
    await journal.append(call, [Entry("note", {"text": "perché 안녕 😀 \\u0000 '", "è": ["\x00"]}, 7, "op-1", at)])
    [event] = await timeline.events(call)
    assert (event.occurred_at, event.occurred_at.tzinfo) == (at, UTC)
    assert event.payload == {"text": "perché 안녕 😀 \\u0000 '", "è": ["\ufffd"]}, "a NUL is no text to PostgreSQL"
    assert (event.at_ms, event.actor) == (7, "op-1")
    assert abs(datetime.now(UTC) - event.recorded_at) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (Entry("note", {"x": float("nan")}), "note: payload cannot be stored as JSON"),
        (Entry("note", {"x": b"1"}), "note: payload cannot be stored as JSON"),
        (Entry("note", {"x": "\ud800"}), "note: payload cannot be stored as JSON"),
        (Entry("note", {"x": "à" * 40_000}), "note: payload has 80009 bytes; at most 65536"),
        (Entry("note", {}, at_ms=-1), "note: at_ms is -1"),
        (Entry("note", {}, at_ms=1.5), "note: at_ms is 1.5"),  # type: ignore[arg-type]
        (Entry("note", {}, occurred_at=datetime(2026, 1, 1)), "note: occurred_at has no time zone"),  # noqa: DTZ001
        (Entry("note", {}, actor=""), "note: actor '' must have"),
        (Entry("", {}), "event type '' must have"),
        (Entry("transcript", {"speaker": "caller", "start_ms": 0, "end_ms": 1}), "transcript: text: Field required"),
        (Entry("transcript", {"speaker": "dog", "text": "", "start_ms": 0, "end_ms": 1}), "transcript: speaker: "),
        (Entry("call.started", {}), "call.started: line: Field required"),
    ],
)
async def test_what_must_not_enter_the_log_is_refused_by_name_and_nothing_is_written(
    journal: Journal, timeline: Timeline, entry: Entry, message: str
) -> None:
    call = new_id()
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        await journal.append(call, [Entry("fine"), entry])
    assert await timeline.events(call) == []
    assert await journal.append(call, [Entry("fine")]) == 1


@pytest.mark.parametrize("bad", ["", "x" * 65, "a\nb"])
async def test_bad_interaction_ids_and_empty_appends_are_refused(journal: Journal, bad: str) -> None:
    with pytest.raises(ValueError, match="interaction id"):
        await journal.append(bad, [STARTED])
    with pytest.raises(ValueError, match="nothing to append"):
        await journal.append(new_id(), [])


async def test_a_changed_payload_after_append_does_not_change_the_log(journal: Journal, timeline: Timeline) -> None:
    call, payload = new_id(), {"slots": {"order": "12"}}
    pending = asyncio.ensure_future(journal.append(call, [Entry("note", payload)]))
    await asyncio.sleep(0)
    payload["slots"]["order"] = "99"
    await pending
    assert (await timeline.events(call))[0].payload == {"slots": {"order": "12"}}


async def test_a_cancelled_append_disturbs_nobody(journal: Journal, timeline: Timeline) -> None:
    call = new_id()
    hung_up = asyncio.ensure_future(journal.append(call, [Entry("a")]))
    await asyncio.sleep(0)
    hung_up.cancel()
    assert await journal.append(call, [Entry("b")]) == 2
    assert [e.type for e in await timeline.events(call)] == ["a", "b"]


async def test_one_journal_for_each_file_in_a_process_and_across_processes(path: Path) -> None:
    journal = await Journal.open(path, node="n1")
    with pytest.raises(HistoryUnavailable, match="already open in this process"):
        await Journal.open(path, node="n2")
    spawn = multiprocessing.get_context("spawn")
    answers: Any = spawn.Queue()
    other = spawn.Process(target=_open_elsewhere, args=(path, answers))
    other.start()
    message = await asyncio.to_thread(answers.get, timeout=30)
    other.join()
    assert "is being written by node n1, process" in message
    assert "stop it" in message
    await journal.append(new_id(), [STARTED])
    await journal.close()


def _open_elsewhere(path: Path, answers: Any) -> None:
    async def attempt() -> str:
        try:
            await Journal.open(path, node="n2")
        except HistoryUnavailable as error:
            return str(error)
        return "opened"

    answers.put(asyncio.run(attempt()))


async def test_close_waits_for_what_was_appended_and_refuses_the_rest(place: Database, path: Path) -> None:
    journal = await Journal.open(place, node="n1")
    call = new_id()
    pending = [asyncio.ensure_future(journal.append(call, [Entry("n")])) for _ in range(50)]
    await asyncio.sleep(0)
    await journal.close()
    assert [await p for p in pending] == list(range(1, 51))
    with pytest.raises(HistoryUnavailable, match="closed"):
        await journal.append(call, [Entry("n")])
    await journal.close()
    assert not path.with_name("history.db-wal").exists(), "a clean close leaves everything in the one file"
    again = await Journal.open(place, node="n1")
    assert await again.append(call, [Entry("n")]) == 51
    await again.close()


async def test_calls_left_open_by_a_dead_server_are_ended_once_and_live_ones_are_not(place: Database) -> None:
    first = await Journal.open(place, node="n1")
    left, ended = new_id(), new_id()
    await first.append(left, [STARTED, said("un momento", 4200)])
    await first.append(ended, [STARTED, Entry("call.ended", {"reason": "bot_ended", "outcome": "answered"}, 9000)])
    await first.close()

    second = await Journal.open(place, node="n1")
    live = new_id()
    await second.append(live, [STARTED])
    [lost] = await second.close_lost()
    assert (lost.interaction_id, lost.node, lost.line, lost.last_at_ms) == (left, "n1", "IT", 4200)
    assert await second.close_lost() == []
    timeline = Timeline(place)
    closed = (await timeline.get(left)).interaction
    assert (closed.status, closed.end_reason, closed.duration_ms) == ("ended", "node_lost", 4200)
    assert (await timeline.events(left))[-1].payload["reason"] == "node_lost"
    assert (await timeline.get(live)).interaction.status == "open"
    assert (await timeline.get(ended)).interaction.end_reason == "bot_ended"
    await timeline.close()
    await second.close()


async def test_only_this_user_can_read_what_callers_said(path: Path) -> None:
    journal = await Journal.open(path, node="n1")
    await journal.append(new_id(), [STARTED])
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    await journal.close()


async def test_a_failing_append_does_not_fail_those_committed_with_it(
    place: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in one call's rows (here: a projection that raises) must stay with that call."""

    def faulty(before: Any, event: StoredEvent, **more: Any) -> Any:
        if event.type == "poison":
            raise ZeroDivisionError("poison")
        return project(before, event, **more)

    monkeypatch.setattr("history.transaction.project", faulty)
    journal = await Journal.open(place, node="n1", group_ms=20)
    calls = [new_id() for _ in range(3)]
    results = await asyncio.gather(
        journal.append(calls[0], [Entry("a")]),
        journal.append(calls[1], [Entry("b"), Entry("poison")]),
        journal.append(calls[2], [Entry("c")]),
        journal.append(calls[0], [Entry("d")]),
        return_exceptions=True,
    )
    assert results[0] == 1
    assert isinstance(results[1], ZeroDivisionError)
    assert list(results[2:]) == [1, 2]
    assert await journal.append(calls[1], [Entry("e")]) == 1
    await journal.close()


def test_ids_sort_in_the_order_they_were_made() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(i[14] == "7" and i[19] in "89ab" for i in ids)
