import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from history import Database, Entry, Journal, Postgres, SqliteFile, StoredEvent, Timeline, new_id
from history.projections import Projection, project, project_all

ANSWERED = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
ms = st.integers(0, 10_000_000)
payloads: dict[str, st.SearchStrategy[Mapping[str, Any]]] = {
    "call.started": st.fixed_dictionaries(
        {"line": texts},
        optional={
            "caller": texts,
            "language": st.sampled_from(["it", "en", "ko"]),
            "door": texts,
            "direction": st.sampled_from(["inbound", "outbound"]),
            "recognizer": st.fixed_dictionaries({"engine": texts, "model": texts, "why": texts}),
            "flowbook": st.fixed_dictionaries({"id": texts, "revision": st.integers(0, 9) | texts}),
        },
    ),
    "transcript": st.fixed_dictionaries(
        {"speaker": st.sampled_from(["caller", "bot", "operator"]), "text": texts, "start_ms": ms, "end_ms": ms},
        optional={
            "confidence": st.none() | st.floats(0, 1),
            "engine": texts,
            "article": texts,
            "key": texts,
            "interrupted": st.booleans(),
            "latency_ms": ms,
        },
    ),
    "handoff.queued": st.fixed_dictionaries({"queue": texts, "place": st.integers(1, 9)}),
    "operator.joined": st.fixed_dictionaries({"operator": texts}),
    "operator.left": st.fixed_dictionaries({"operator": texts}),
    "callback.requested": st.fixed_dictionaries(
        {"queue": texts},
        optional={"number": texts, "reason": texts, "slots": st.dictionaries(texts, texts, max_size=3)},
    ),
    "callback.done": st.fixed_dictionaries({"callback_seq": st.integers(1, 12)}),
    "recording.stored": st.fixed_dictionaries(
        {"file": st.just("a.ogg"), "bytes": st.integers(0, 9), "sha512": st.just("f"), "duration_ms": st.integers(0, 9)}
    ),
    "operator.wrapped_up": st.fixed_dictionaries(
        {"operator": texts, "duration_ms": ms}, optional={"code": texts, "note": texts}
    ),
    "survey.answered": st.fixed_dictionaries(
        {"kind": st.sampled_from(["csat", "nps"]), "score": st.integers(0, 10), "scale": st.just(10)},
        optional={"survey": texts, "answered_by": st.sampled_from(["key", "voice"]), "comment": texts},
    ),
    "recording.sealed": st.fixed_dictionaries({"media_seq": st.integers(1, 12), "key_id": st.sampled_from("ab")}),
    "recording.deleted": st.fixed_dictionaries({"media_seq": st.integers(1, 12)}, optional={"here": st.booleans()}),
    "call.ended": st.fixed_dictionaries({"reason": texts}, optional={"outcome": texts}),
    "dialog.event": st.dictionaries(texts, texts, max_size=2),
    "something.new": st.dictionaries(texts, st.integers() | texts, max_size=2),
}


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(sorted(payloads)))
    at_ms = draw(ms)
    return Entry(kind, draw(payloads[kind]), at_ms, "op-7", ANSWERED + timedelta(milliseconds=at_ms))


def as_stored(wanted: Sequence[Entry]) -> list[StoredEvent]:
    return [
        StoredEvent("call", seq, e.type, e.payload, e.at_ms, e.actor, e.occurred_at or ANSWERED, ANSWERED)
        for seq, e in enumerate(wanted, start=1)
    ]


@given(st.lists(entries(), min_size=1, max_size=25))
def test_every_prefix_of_any_log_projects_to_rows_that_agree(wanted: list[Entry]) -> None:
    log = as_stored(wanted)
    for length in range(1, len(log) + 1):
        prefix = log[:length]
        found = project_all(prefix)
        row, types = found.interaction, [event.type for event in prefix]
        assert row.last_seq == length
        assert (row.status == "ended") == ("call.ended" in types) == (row.ended_at is not None)
        assert (row.joined_at is not None) == ("operator.joined" in types)
        assert (row.queued_at is not None) == ("handoff.queued" in types)
        said = [event for event in prefix if event.type == "transcript"]
        assert [s.seq for s in found.segments] == [event.seq for event in said]
        assert [s.text for s in found.segments] == [event.payload["text"] for event in said]
        assert [c.seq for c in found.callbacks] == [e.seq for e in prefix if e.type == "callback.requested"]
        for callback in found.callbacks:
            closers = [e for e in prefix[callback.seq :] if e.type == "callback.done"]
            assert (callback.done_at is not None) == (callback.seq in [e.payload["callback_seq"] for e in closers])
        assert [w.seq for w in found.wrapups] == [e.seq for e in prefix if e.type == "operator.wrapped_up"]
        answers = [e for e in prefix if e.type == "survey.answered"]
        for answer in found.surveys:  # the first of its kind counts
            assert answer.seq == next(e.seq for e in answers if e.payload["kind"] == answer.kind)
        assert {answer.kind for answer in found.surveys} == {e.payload["kind"] for e in answers}
        if "call.ended" in types:
            first = prefix[types.index("call.ended")]
            assert (row.end_reason, row.duration_ms) == (first.payload["reason"], first.at_ms)


def test_nothing_is_closed_before_it_is_there() -> None:
    told: list[tuple[str, dict[str, Any]]] = [
        ("callback.done", {"callback_seq": 2}),
        ("callback.requested", {"queue": ""}),
    ]
    log = [StoredEvent("a", n, kind, what, 0, "op", ANSWERED, ANSWERED) for n, (kind, what) in enumerate(told, start=1)]
    assert project(None, log[0])[1] is None  # both in one go, it would close what comes after it
    assert project_all(log).callbacks[0].done_at is None


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tagged=st.lists(st.tuples(st.sampled_from("abc"), entries()), min_size=1, max_size=40), chunk=st.integers(1, 5))
def test_the_tables_say_what_the_log_says_also_after_reopening(
    engine: str, request: pytest.FixtureRequest, tagged: list[tuple[str, Entry]], chunk: int
) -> None:
    this = new_id()
    log = [(f"{tag} {this}", entry) for tag, entry in tagged]

    async def scenario(place: Database) -> None:
        for half in (log[: len(log) // 2], log[len(log) // 2 :]):
            journal = await Journal.open(place, node="n1")
            appends = [
                journal.append(call, [e for c, e in half[at : at + chunk] if c == call])
                for at in range(0, len(half), chunk)
                for call in sorted({c for c, _ in half[at : at + chunk]})
            ]
            await asyncio.gather(*appends)
            await journal.close()
        timeline = Timeline(place)
        for call in {c for c, _ in log}:
            events = await timeline.events(call)
            assert [e.seq for e in events] == list(range(1, len(events) + 1))
            assert [(e.type, e.payload, e.at_ms) for e in events] == [
                (e.type, dict(e.payload), e.at_ms) for c, e in log if c == call
            ]
            stored = await timeline.get(call)
            rows = Projection(
                stored.interaction, stored.transcript, stored.callbacks, stored.media, stored.wrapups, stored.surveys
            )
            assert rows == project_all(events, node="n1")
        await timeline.close()

    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            asyncio.run(scenario(SqliteFile(Path(folder) / "history.db")))
        else:
            asyncio.run(scenario(Postgres(request.getfixturevalue("postgres_url"))))
