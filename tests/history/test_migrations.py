import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from history import Contacts, HistoryUnavailable, Journal, Timeline
from history.database import migrations
from history.identity.points import Point
from history.schema import REVISION, metadata

CONTACTS = ("contact", "contact_point", "contact_merge", "received_event")


def described(engine: Engine) -> dict[str, object]:
    look = inspect(engine)
    tables = sorted(set(look.get_table_names()) - {"alembic_version"})
    return {
        name: (
            [{**column, "type": str(column["type"])} for column in look.get_columns(name)],
            look.get_pk_constraint(name)["constrained_columns"],
            look.get_foreign_keys(name),
            sorted(look.get_indexes(name), key=lambda index: str(index["name"])),
            look.get_unique_constraints(name),
            look.get_check_constraints(name),
        )
        for name in tables
    }


async def test_the_migrations_make_exactly_the_schema(journal: Journal) -> None:
    migrated, declared = create_engine(f"sqlite:///{journal.path}"), create_engine("sqlite://")
    metadata.create_all(declared)
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    found = described(migrated)
    assert found == described(declared)
    assert set(found) == {"interaction", "interaction_event", "segment", "callback", "media", *CONTACTS}
    assert all(
        "tenant_id" in table.c and table.c.tenant_id.server_default is not None for table in metadata.sorted_tables
    )
    assert ScriptDirectory.from_config(migrations()).get_heads() == [REVISION]
    migrated.dispose()


async def test_a_history_of_a_newer_version_is_left_alone(path: Path) -> None:
    await (await Journal.open(path, node="n1")).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(HistoryUnavailable, match="another version of this program"):
        await Journal.open(path, node="n1")
    with pytest.raises(HistoryUnavailable, match="has schema 9999, this program reads"):
        Timeline(path)


def test_migrations_are_packaged_beside_the_code() -> None:
    scripts = Path(migrations().get_main_option("script_location") or "")
    assert (scripts / "env.py").is_file()
    assert (scripts / "script.py.mako").is_file()


async def test_calls_of_before_contacts_get_theirs(path: Path) -> None:
    path.parent.mkdir()
    earlier = create_engine(f"sqlite:///{path}")
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
            at = f"2026-05-{day:02} 09:00:00.000000"
            connection.execute(text(insert), {"id": call, "caller": caller, "at": at})
    earlier.dispose()
    await (await Journal.open(path, node="n1")).close()
    timeline = Timeline(path)
    found = await Contacts(timeline).at(Point("tel", "+39051223344"))
    assert found is not None
    assert (found.first_seen.day, found.last_seen.day, len(found.points)) == (1, 9, 1)
    owners = {row.id: row.contact_id for row in await timeline.list_interactions(channel=None)}
    assert owners == {"a": found.id, "b": found.id, "c": "", "d": ""}
    await timeline.close()
