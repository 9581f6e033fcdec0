"""What is PostgreSQL's own: several servers on one history, months, and a database that goes away."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from history import Entry, HistoryUnavailable, Journal, LostCalls, Postgres, Timeline, new_id, writer
from history.deriving.report import KpiReport
from history.deriving.storing import StoreDerived
from history.deriving.worker import Deriving
from history.ingestion.envelope import EventConflict, received
from history.postgres_months import first_id, following, month_of
from tests.cable import cable_to

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid != pg_backend_pid()"
)
STARTED = Entry("call.started", {"line": "IT", "caller": "+39051223344"})


async def test_two_servers_write_one_call_and_many_without_gaps_or_doubles(postgres: Postgres) -> None:
    servers = [await Journal.open(postgres, node=node) for node in ("n1", "n2")]
    shared, own = new_id(), [new_id() for _ in range(8)]

    async def talk(server: Journal, call: str, who: str) -> list[int]:
        return [await server.append(call, [Entry("n", {"of": who, "n": n})]) for n in range(25)]

    talks = [talk(server, shared, str(server)) for server in servers for _ in range(3)]
    talks += [talk(servers[place % 2], call, call) for place, call in enumerate(own)]
    acknowledged = await asyncio.gather(*talks)
    timeline = Timeline(postgres)
    assert sorted(seq for seqs in acknowledged[:6] for seq in seqs) == list(range(1, 151))
    for call, most in ((shared, 150), *((call, 25) for call in own)):
        assert [event.seq for event in await timeline.events(call)] == list(range(1, most + 1))
    await timeline.close()
    for server in servers:
        await server.close()


async def test_two_servers_that_hear_the_same_keep_one_of_it(postgres: Postgres) -> None:
    servers = [await Journal.open(postgres, node=node) for node in ("n1", "n2")]
    point = {"kind": "email", "value": "anna@example.org", "verified": True}
    events = [
        received({
            "specversion": "1.0", "id": str(n), "source": "shop", "type": "t", "time": f"2026-05-04T09:{n:02}:00Z",
            "data": {"contact": {"name": f"Anna {n}", "points": [point, {**point, "value": f"a{n}@example.org"}]}},
        })
        for n in range(20)
    ]  # fmt: skip
    told = await asyncio.gather(*(server.receive(events, trusted=True) for server in servers))
    assert [sorted(pair) for pair in zip(*told, strict=True)] == [[False, True]] * 20
    other = received({**events[0].event, "type": "another"})
    [conflict] = await servers[0].receive([other], trusted=True)
    assert isinstance(conflict, EventConflict)
    for server in servers:
        await server.close()


async def test_two_servers_that_derive_the_same_call_count_it_once(postgres: Postgres) -> None:
    """Both work it out before either has stored it."""
    servers = [await Journal.open(postgres, node=node) for node in ("n1", "n2")]
    timeline, call = Timeline(postgres), new_id()
    await servers[0].append(call, [STARTED, Entry("call.ended", {"reason": "bot_ended", "outcome": "answered"}, 9000)])
    deriving = Deriving(servers[0], timeline, UTC)
    derived = [(await timeline.read(lambda connection: deriving._derived(connection, 9)))[0] for _ in servers]
    await asyncio.gather(*(one.change(StoreDerived(each)) for one, each in zip(servers, derived, strict=True)))
    today = datetime.now(UTC).date()
    [whole] = await KpiReport(timeline).rows(today, today)
    assert whole.calls == 1
    await timeline.close()
    for server in servers:
        await server.close()


async def test_each_server_has_a_name_of_its_own_and_ends_the_calls_of_those_that_are_gone(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await Journal.open(postgres, node="n1")
    monkeypatch.setattr("history.postgres.NAME_MS", 100)
    with pytest.raises(HistoryUnavailable, match=r"another server writes it as node 'n1'.*\[history\] node"):
        await Journal.open(postgres, node="n1")
    monkeypatch.undo()
    mine, lost = new_id(), new_id()
    await first.append(mine, [STARTED])
    gone = await Journal.open(postgres, node="n2")
    await gone.append(lost, [STARTED])
    await gone.close()
    third = await Journal.open(postgres, node="n3")
    assert await third.close_lost() == [], "its own ones only"
    looking = [LostCalls(first, "n1"), LostCalls(third, "n3")]
    assert [await each.look() for each in looking] == [[], []], "it may have been cut off for a moment"
    ended = await asyncio.gather(*(each.look() for each in looking))
    ended += [await each.look() for each in looking]
    assert [call.interaction_id for found in ended for call in found] == [lost], "by one of them"
    timeline = Timeline(postgres)
    assert [event.type for event in await timeline.events(lost)] == ["call.started", "call.ended"], "ended once"
    assert (await timeline.get(mine)).interaction.status == "open"
    await timeline.close()
    for server in (first, third):
        await server.close()


async def test_the_log_lies_in_months_and_what_came_too_early_moves_there(postgres: Postgres) -> None:
    journal = await Journal.open(postgres, node="n1")
    far = "ffffffff-ffff-7000-8000-000000000000"
    march = f"{first_id((2024, 3))}-7000-8000-000000000000"
    last = f"{int(first_id((2024, 4)).replace('-', ''), 16) - 1:012x}"
    last = f"{last[:8]}-{last[8:]}-7fff-bfff-ffffffffffff"
    with psycopg.connect(postgres.url) as connection:
        connection.execute("DROP TABLE IF EXISTS interaction_event_2024_03, segment_2024_03")
        at = datetime(2024, 3, 1, tzinfo=UTC)
        connection.execute("INSERT INTO interaction (id, started_at, last_seq) VALUES (%s, %s, 1)", [march, at])
        connection.execute(
            "INSERT INTO interaction_event (interaction_id, seq, type, actor, at_ms, occurred_at, recorded_at, payload)"
            " VALUES (%s, 1, 'n', 'system', 0, %s, %s, '{}')", [march, at, at]
        )  # fmt: skip
    for call in (march, last, far, "hand-made"):
        await journal.append(
            call, [Entry("n"), Entry("transcript", {"speaker": "bot", "text": "", "start_ms": 0, "end_ms": 0})]
        )
    with psycopg.connect(postgres.url) as connection:
        found = connection.execute(
            "SELECT tableoid::regclass::text, interaction_id, count(*) FROM interaction_event GROUP BY 1, 2"
        ).fetchall()
    where = {call: (table, count) for table, call, count in found}
    assert where == {
        march: ("interaction_event_2024_03", 3),
        last: ("interaction_event_2024_03", 2),
        far: ("interaction_event_default", 2),
        "hand-made": ("interaction_event_default", 2),
    }
    await journal.close()


def test_months_are_ranges_of_ids() -> None:
    now = datetime.now(UTC)
    today = new_id()
    month = month_of(today, now)
    assert month == (now.year, now.month)
    assert first_id(month) < today < first_id(following(month))
    assert following((2025, 12)) == (2026, 1)
    assert month_of("hand-made", now) is None
    assert month_of(f"{first_id((1999, 1))}-7000-8000-000000000000", now) is None


async def test_a_connection_that_is_cut_is_made_anew_and_a_database_that_is_gone_is_said_until_it_is_back(
    postgres: Postgres,
) -> None:
    journal, call = await Journal.open(postgres, node="n1"), new_id()
    timeline = Timeline(postgres)
    await journal.append(call, [STARTED])
    name = postgres.url.rpartition("/")[2]
    with psycopg.connect(postgres.url.rpartition("/")[0] + "/postgres", autocommit=True) as admin:
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        admin.execute(cut)
        assert await journal.append(call, [Entry("n")]) == 2
        assert [event.seq for event in await timeline.events(call)] == [1, 2], "readers look whether theirs is alive"
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute(cut)
        try:
            with pytest.raises(HistoryUnavailable, match=r"history postgresql://.*not currently accepting"):
                await journal.append(call, [Entry("n")])
            with pytest.raises(HistoryUnavailable):
                await journal.probe()
            with pytest.raises(HistoryUnavailable):
                await timeline.events(call)
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert await journal.append(call, [Entry("n")]) == 3, "no seq was lost to the failures"
    assert len(await timeline.events(call)) == 3
    await timeline.close()
    await journal.close()


SESSIONS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'centralino n1 %'"
)
NAMED = f"{SESSIONS} AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"
"""Those that have the node's name, too: others see a node that connected but waits for it as gone."""


async def test_a_cut_connection_takes_its_name_again_before_others_take_its_calls(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written in this call while it happens."""
    monkeypatch.setattr(writer, "HOLD_S", 0.1)
    living, other = await Journal.open(postgres, node="n1"), await Journal.open(postgres, node="n2")
    looking, call = LostCalls(other, "n2"), new_id()
    await living.append(call, [STARTED])
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        for _ in range(3):
            [(before,)] = admin.execute(NAMED).fetchall()
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
            assert await looking.look() == []
            async with asyncio.timeout(10):
                while not [pid for (pid,) in admin.execute(NAMED).fetchall() if pid != before]:
                    await asyncio.sleep(0.05)
            assert await looking.look() == [], "in earnest looks lie further apart than a connection takes to come back"
    assert await living.append(call, [Entry("n")]) == 2
    assert await looking.look() == []
    assert await looking.look() == []
    for server in (living, other):
        await server.close()


@pytest.mark.parametrize("how", ["cut", "silence"])
async def test_a_network_that_is_cut_is_said_in_time_and_all_works_again_when_it_is_back(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Also when the database takes everything and answers nothing, and its session of ours lives on meanwhile."""
    for module, name, value in (
        ("postgres", "ANSWER_S", 0.5), ("postgres", "CONNECT_S", 2), ("postgres", "READ_S", 1.0),
    ):  # fmt: skip
        monkeypatch.setattr(f"history.{module}.{name}", value)
    monkeypatch.setattr("history.postgres_connecting.BoundedConnection.answer_s", 0.5)
    async with cable_to(postgres.url) as cable:
        place, call = Postgres(cable.url), new_id()
        journal = await Journal.open(place, node="n1")
        timeline = await asyncio.to_thread(Timeline, place)
        await journal.append(call, [STARTED])
        assert len(await timeline.events(call)) == 1
        getattr(cable, how)()
        async with asyncio.timeout(15):
            refused = await asyncio.gather(
                *(journal.append(call, [Entry("n", {"n": n})]) for n in range(3)), timeline.events(call),
                return_exceptions=True,
            )  # fmt: skip
            assert [type(one) for one in refused] == [HistoryUnavailable] * 4
            assert "check that the database server runs" in str(refused[0])
            with pytest.raises(HistoryUnavailable):
                await journal.probe()
        await cable.mend()
        async with asyncio.timeout(15):
            assert await journal.append(call, [Entry("m")]) == 2
            assert [event.type for event in await timeline.events(call)] == ["call.started", "m"]
        with psycopg.connect(postgres.url, autocommit=True) as admin:
            assert len(admin.execute(SESSIONS).fetchall()) == 1, "what was left of the old connection is gone"
        await timeline.close()
        await journal.close()


async def test_a_read_only_database_and_one_that_is_not_there_are_named(postgres: Postgres) -> None:
    journal, call = await Journal.open(postgres, node="n1"), new_id()
    await journal.append(call, [STARTED])
    name = postgres.url.rpartition("/")[2]
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        try:
            admin.execute(CUT)
            with pytest.raises(HistoryUnavailable, match=r"read-only.*\(25006\).*let \[history\] url name the primary"):
                await journal.append(call, [Entry("n")])
            with pytest.raises(HistoryUnavailable, match=r"\(25006\)"):
                await journal.probe()
        finally:
            admin.execute("SET default_transaction_read_only = off")
            admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
            admin.execute(CUT)
    assert await journal.append(call, [Entry("n")]) == 2
    await journal.close()
    nowhere = Postgres(f"{postgres.url}_nowhere")
    for opening in (lambda: Journal.open(nowhere, node="n1"), lambda: asyncio.to_thread(Timeline, nowhere)):
        with pytest.raises(HistoryUnavailable, match=r"does not exist.*"):
            await opening()
    with pytest.raises(HistoryUnavailable, match="check that the database server runs"):
        await Journal.open(Postgres("postgresql://nobody@127.0.0.1:1/x"), node="n1")


async def test_a_history_that_no_server_made_yet_is_named(new_database: Any) -> None:
    with new_database("empty") as url, pytest.raises(HistoryUnavailable, match="it is made when the server starts"):
        Timeline(Postgres(url))


def test_urls_that_cannot_be_one_are_refused_and_no_password_is_shown() -> None:
    for url in ("mysql://a@b/c", "postgresql://localhost", "history.db"):
        with pytest.raises(ValueError, match="postgresql://USER@HOST:PORT/NAME"):
            Postgres(url)
    with pytest.raises(ValueError, match="holds a password") as refused:
        Postgres("postgresql://a:geheim@b/c")
    assert "geheim" not in str(refused.value)
    assert "geheim" not in repr(Postgres("postgresql://a@b/c", "geheim"))
