import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from history import Contacts, Database, HistoryUnavailable, Journal, Postgres, SqliteFile, Timeline
from history.analyses import tables as _of_analyses  # noqa: F401 - declares them
from history.database import migrate, migrations
from history.identity.points import Point
from history.postgres_months import PARTITIONED
from history.projections import project_all
from history.schema import REVISION, metadata
from history.search import tables as _of_search  # noqa: F401 - declares them

EMPTY_PARTITIONS = {f"{table}_default" for table in PARTITIONED}


def ours(_: object, name: str | None, *what: object) -> bool:
    """Not what the databases make for themselves, of full-text indexes and for months to come."""
    return (
        not (name or "").startswith(("search_fts", "search_gram", "ix_search_document_body", "ix_search_word_gram"))
        and name not in EMPTY_PARTITIONS
    )


def described(engine: Engine) -> dict[str, object]:
    look = inspect(engine)
    tables = sorted(set(look.get_table_names()) - {"alembic_version", *EMPTY_PARTITIONS})
    return {
        name: (
            [{**column, "type": repr(column["type"])} for column in look.get_columns(name)],
            look.get_pk_constraint(name)["constrained_columns"],
            look.get_foreign_keys(name),
            sorted(
                (one for one in look.get_indexes(name) if one["name"] != "ix_search_word_gram"),
                key=lambda index: str(index["name"]),
            ),
            look.get_unique_constraints(name),
            look.get_check_constraints(name),
        )
        for name in tables
    }


@pytest.fixture
def bare(place: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A place where nothing was migrated yet."""
    if isinstance(place, SqliteFile):
        place.path.parent.mkdir()
        place.path.touch()
        yield place
        return
    with request.getfixturevalue("new_database")("bare") as url:
        yield Postgres(url)


@pytest.fixture
def declared(place: Database, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The tables as `schema.py` declares them."""
    if isinstance(place, SqliteFile):
        engine = create_engine("sqlite://")
        metadata.create_all(engine)
        yield engine
        return
    with request.getfixturevalue("new_database")("declared") as url:
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        metadata.create_all(engine)
        yield engine
        engine.dispose()


async def test_the_migrations_make_exactly_the_schema(bare: Database, declared: Engine) -> None:
    migrated = bare.open_writer("n1")
    migrate(migrated, bare)
    with migrated.connect() as connection:
        only = {"compare_type": True, "include_object": ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=only), metadata) == []
    found = described(migrated)
    assert found == described(declared)
    assert {name for name in found if ours(None, name)} == set(metadata.tables)
    assert all(
        "tenant_id" in table.c and table.c.tenant_id.server_default is not None for table in metadata.sorted_tables
    )
    assert ScriptDirectory.from_config(migrations()).get_heads() == [REVISION]
    migrated.dispose()


async def test_a_history_of_a_newer_version_is_left_alone(bare: Database) -> None:
    await (await Journal.open(bare, node="n1")).close()
    engine = bare.open_writer("newer")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(HistoryUnavailable, match="another version of this program"):
        await Journal.open(bare, node="n1")
    with pytest.raises(HistoryUnavailable, match="has schema 9999, this program reads"):
        Timeline(bare)


def test_migrations_are_packaged_beside_the_code() -> None:
    scripts = Path(migrations().get_main_option("script_location") or "")
    assert (scripts / "env.py").is_file()
    assert (scripts / "script.py.mako").is_file()


async def test_the_work_behind_earlier_calls_and_their_answers_are_read_from_the_log(bare: Database) -> None:
    earlier = bare.open_writer("earlier")
    config = migrations()
    told = [
        ("operator.wrapped_up", {"operator": "op-1", "duration_ms": 9000}),
        ("survey.answered", {"survey": "fine", "kind": "csat", "score": 4, "scale": 5, "comment": "gentile"}),
        ("survey.answered", {"survey": "fine", "kind": "csat", "score": 1, "scale": 5}),  # the first one counts
        ("survey.answered", {"kind": "nps", "emptied": "words"}),  # by an erasure
        ("survey.answered", {"score": "?"}),  # as it could be written once
    ]
    with earlier.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
        at = "2026-05-01 09:00:00.000000"  # UTC on both
        call = "INSERT INTO interaction (id, started_at, last_seq) VALUES ('a', :at, 5)"
        connection.execute(text(call), {"at": at})
        insert = (
            "INSERT INTO interaction_event "
            "(interaction_id, seq, type, actor, at_ms, occurred_at, recorded_at, payload) "
            "VALUES ('a', :seq, :type, 'system', 0, :at, :at, :payload)"
        )
        for seq, (kind, payload) in enumerate(told, start=1):
            connection.execute(text(insert), {"seq": seq, "type": kind, "at": at, "payload": json.dumps(payload)})
    earlier.dispose()
    await (await Journal.open(bare, node="n1")).close()
    timeline = Timeline(bare)
    detail = await timeline.get("a")
    assert [(done.operator, done.duration_ms, done.note) for done in detail.wrapups] == [("op-1", 9000, "")]
    assert [(one.kind, one.seq, one.score, one.comment) for one in detail.surveys] == [("csat", 2, 4, "gentile")]
    assert detail.surveys == project_all(await timeline.events("a")).surveys
    await timeline.close()


async def test_calls_of_before_contacts_get_theirs(bare: Database) -> None:
    earlier = bare.open_writer("earlier")
    config = migrations()
    with earlier.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        insert = "INSERT INTO interaction (id, caller, line, started_at, last_seq) VALUES (:id, :caller, 'it', :at, 1)"
        for call, caller, day in (
            ("a", "+39051223344", 1),
            ("b", "051 223344", 9),
            ("c", "", 2),
            ("d", "anonymous", 3),
        ):
            at = f"2026-05-{day:02} 09:00:00.000000"  # UTC on both
            connection.execute(text(insert), {"id": call, "caller": caller, "at": at})
    earlier.dispose()
    await (await Journal.open(bare, node="n1")).close()
    timeline = Timeline(bare)
    found = await Contacts(timeline).at(Point("tel", "+39051223344"))
    assert found is not None
    assert (found.first_seen.day, found.last_seen.day, len(found.points)) == (1, 9, 1)
    owners = {row.id: row.contact_id for row in await timeline.list_interactions(channel=None)}
    assert owners == {"a": found.id, "b": found.id, "c": "", "d": ""}
    await timeline.close()
