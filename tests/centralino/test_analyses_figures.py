"""`centralino eval analyses` says what its figures are worth."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from centralino.cli import app


def measured(*words: str) -> str:
    result = CliRunner().invoke(app, ["eval", "analyses", *words], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_our_sentences_are_told_to_have_been_seen_and_yours_are_not(tmp_path: Path) -> None:
    assert "not held out" in measured()
    assert "not held out" in measured("--help")
    assert "test half" not in measured("--help")
    own = tmp_path / "it_ours.txt"
    own.write_text("Vorrei fare un reso | returns | normal | neutral\n", encoding="utf-8")
    told = measured(str(own))
    assert "topic: accuracy 1.000 of 1 sentences" in told
    assert "held out" not in told
