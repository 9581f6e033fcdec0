"""The audit log: a chain in which an altered, a missing and a cut-off row show, and which no statement changes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from history import Journal, Timeline
from history.privacy.audit import Audit
from history.privacy.chain import Act, AuditRow, linked, verified

AT = "2026-05-04T09:00:00.000+00:00"


def act(number: int) -> Act:
    return Act("acc_1", "operator", "transcript.viewed", "interaction", f"call-{number}", "192.0.2.7", {"n": number})


def chain(size: int) -> list[AuditRow]:
    rows: list[AuditRow] = []
    for number in range(size):
        rows.append(linked(act(number), AT, rows[-1] if rows else None))
    return rows


def test_a_whole_chain_holds() -> None:
    rows = chain(5)
    assert verified(rows).bad_seq is None
    assert verified(rows).head == rows[-1].hash
    assert verified([]).rows == 0


@pytest.mark.parametrize("place", range(5))
def test_an_altered_row_is_found(place: int) -> None:
    rows = chain(5)
    rows[place] = replace(rows[place], subject_id="call-9")
    assert verified(rows).bad_seq == place + 1


@pytest.mark.parametrize("place", range(4))
def test_a_missing_row_is_found(place: int) -> None:
    rows = chain(5)
    del rows[place]
    assert verified(rows).bad_seq == place + 1


def test_a_row_that_was_made_anew_with_its_hash_is_found_by_the_next() -> None:
    rows = chain(3)
    rows[1] = linked(act(9), AT, rows[0])
    assert verified(rows).bad_seq == 3


def test_what_was_cut_off_is_found_by_a_head_that_was_noted() -> None:
    rows = chain(5)
    noted = rows[-1]
    assert verified(rows[:3], seq=noted.seq, head=noted.hash).bad_seq == 4
    again = [*rows[:4], linked(act(7), AT, rows[3])]
    assert verified(again, seq=noted.seq, head=noted.hash).bad_seq == 5


@pytest.fixture
async def audit(tmp_path: Path) -> AsyncIterator[Audit]:
    journal = await Journal.open(tmp_path / "history.db", node="test")
    timeline = Timeline(journal.path)
    yield Audit(journal, timeline)
    await timeline.close()
    await journal.close()


async def test_many_writers_make_one_chain(audit: Audit) -> None:
    await asyncio.gather(*(audit.write(act(number)) for number in range(60)))
    verdict = await audit.verify()
    assert (verdict.rows, verdict.bad_seq) == (60, None)
    newest = await audit.rows(limit=2)
    assert [row.seq for row in newest] == [60, 59]
    assert newest[0].hash == verdict.head
    assert [row.seq for row in await audit.rows(subject_id=newest[1].subject_id)] == [59]


async def test_no_statement_changes_a_row_and_who_goes_around_it_is_found(audit: Audit, tmp_path: Path) -> None:
    for number in range(3):
        await audit.write(act(number))
    with sqlite3.connect(tmp_path / "history.db") as file:
        for statement in ("UPDATE audit_log SET actor = 'x' WHERE seq = 2", "DELETE FROM audit_log WHERE seq = 2"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                file.execute(statement)
        file.execute("DROP TRIGGER audit_log_no_update")
        file.execute("UPDATE audit_log SET actor = 'x' WHERE seq = 2")
    file.close()
    assert (await audit.verify()).bad_seq == 2
