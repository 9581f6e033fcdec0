import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from history import HistoryUnavailable, Journal, Timeline
from history.database import migrations
from history.schema import REVISION, metadata


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
    assert set(found) == {"interaction", "interaction_event", "segment", "callback", "media"}
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
