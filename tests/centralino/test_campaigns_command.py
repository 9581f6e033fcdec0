"""`centralino campaigns`: from a list to a report, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import samples
from centralino.cli import app

LIST = "number,name,titolo,scadenza\n051 234 5678,Anna,Gomorra,lunedì\n12,Lia,Emma,lunedì\n"


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def said(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["campaigns", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_a_campaign_from_the_list_to_the_report(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    plan = ["--flow", "promemoria_ritiro", "--line", "libreria", "--purpose", "service", "--name", "ritiri"]
    made = said("import", "list.csv", *plan, "--from", "15:00", "--spacing", "busy=5", "--days", "1,2")
    assert "1 people, 1 lines" in made
    assert "line 3: no such number" in made
    assert "ritiri: running" in said("start", "ritiri")
    assert "ritiri: paused" in said("pause", "ritiri")
    assert "waiting" in said("status", "ritiri")
    assert said("report", "ritiri").splitlines()[1].startswith("2,+390512345678,Anna,waiting")
    assert "12,Lia,Emma" in said("report", "ritiri", "--bad")
    assert "ritiri: running" in said("resume", "ritiri")
    assert "stopped" in said("stop", "ritiri")
    assert "is stopped and cannot become running" in said("resume", "ritiri", code=1)
    assert "there are: 'ritiri'" in said("status", "altro", code=1)


def test_what_cannot_be_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    wrong = said("import", "list.csv", "--flow", "welcome", "--line", "libreria", code=1)
    assert "no flow 'welcome' can begin a call" in wrong
    assert "--purpose 'gift'" in said("import", "list.csv", "--flow", "x", "--line", "y", "--purpose", "gift", code=1)


def test_the_sample_list_goes_with_the_sample_flow() -> None:
    sample = Path(samples.__file__).parent / "bookshop/campaigns/promemoria_ritiro.csv"
    plan = ["--flow", "promemoria_ritiro", "--line", "libreria", "--purpose", "service"]
    assert "3 people, 0 lines" in said("import", str(sample), *plan, "--on-machine", "leave_message")


def test_a_list_of_opt_outs_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("numero\n051 234 5678\n333 1234567\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("051 234 5679\n12\n", encoding="utf-8")
    assert "2 added" in said("opt-outs", "import", "good.csv")
    assert "nothing was kept" in said("opt-outs", "import", "bad.csv", code=1)
    assert said("opt-outs", "count").strip() == "2"
    assert "removed" in said("opt-outs", "remove", "0512345678")
    assert "2 numbers: may be called" in said("register", "good.csv", "--checked", "2026-11-27")
