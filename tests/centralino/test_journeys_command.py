"""`centralino history journeys` and `segment` without a server: what they show is written down first."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from centralino.cli import app
from history import Entry, Journal, SqliteFile, Timeline, new_id
from history.deriving.worker import Deriving
from history.privacy.audit import Audit
from history.privacy.chain import AuditRow


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqliteFile:
    """A history of two calls of one number."""
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    file = SqliteFile(tmp_path / "data/history.db")

    async def fill() -> None:
        journal = await Journal.open(file, node="n1")
        for _ in range(2):
            told = {"line": "it", "door": "browser", "language": "it", "caller": "+390512345678"}
            said = {"speaker": "caller", "text": "vorrei fare un reso", "start_ms": 0, "end_ms": 900}
            ended = Entry("call.ended", {"reason": "bot_ended", "outcome": "answered"}, 2000)
            await journal.append(new_id(), [Entry("call.started", told), Entry("transcript", said), ended])
        timeline = Timeline(file)
        await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()
        await timeline.close()
        await journal.close()

    asyncio.run(fill())
    return file


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["history", *words])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def audited(place: SqliteFile) -> list[AuditRow]:
    async def rows() -> list[AuditRow]:
        journal = await Journal.open(place, node="n1")
        timeline = Timeline(place)
        try:
            return await Audit(journal, timeline).rows()
        finally:
            await timeline.close()
            await journal.close()

    return asyncio.run(rows())


def test_looks_at_people_by_commands_are_in_the_audit_log(place: SqliteFile) -> None:
    Path("twice.toml").write_text("within_days = 7\nat_least = 2\n")
    assert run("segment", "twice.toml").splitlines() == ["number,name", "00390512345678,"]
    assert json.loads(run("journeys", "--format", "json"))[0]["target"] == "voice returns answered"
    assert run("journeys", "--format", "csv", "--line", "en").splitlines() == ["step,source,target,contacts"]
    rows = audited(place)
    assert [row.action for row in rows] == ["journeys.viewed", "journeys.viewed", "segment.exported"]
    assert {row.actor for row in rows} == {"command line"}
    assert json.loads(rows[-1].detail) == {"contacts": 1, "numbers": 1, "rule": {"within_days": 7.0, "at_least": 2}}


def test_a_rule_that_cannot_be_used_shows_and_writes_nothing(place: SqliteFile) -> None:
    Path("odd.toml").write_text("within_days = 0\n")
    assert "odd.toml: within_days: Input should be greater than 0" in run("segment", "odd.toml", code=1)
    assert audited(place) == []
