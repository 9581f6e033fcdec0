"""`centralino flows check`, with the real Korean model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = Path(__file__).parents[1] / "dialogs" / "shop.yaml"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A flowbook alone, whose Korean grammar has a word that no model knows."""
    text = SHOP.read_text(encoding="utf-8").replace(
        "grammar: {ko: [영업 시간, 배송]}", "grammar: {ko: [영업 쀍뒑, 배송]}"
    )
    (tmp_path / "draft.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "draft.yaml"


def check(book: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "centralino", "flows", "check", str(book), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_words_that_a_model_does_not_know_are_told_with_their_place(book: Path) -> None:
    line = next(n for n, text in enumerate(book.read_text(encoding="utf-8").splitlines(), 1) if "쀍뒑" in text)
    result = check(book, "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["ok"]
    assert told["errors"] == []
    (unknown,) = [one for one in told["unknown_words"] if one["word"] == "쀍뒑"]
    assert (unknown["language"], unknown["model"]) == ("ko", "vosk-model-small-ko-0.22")
    assert unknown["places"] == [{"file": "draft.yaml", "line": line, "place": "flow 'welcome', step 1"}]
    assert "배송" not in [one["word"] for one in told["unknown_words"]]


def test_the_same_as_sarif(book: Path) -> None:
    text = book.read_text(encoding="utf-8").replace("start: welcome", "start: hello")
    book.write_text(text.replace(", ko: 기다려 주세요.}", "}"), encoding="utf-8")
    result = check(book, "--sarif")
    assert result.returncode == 1
    told = json.loads(result.stdout)
    (run,) = told["runs"]
    assert told["version"] == "2.1.0"
    wrong, odd = sorted(run["results"], key=lambda one: one["level"])
    assert (wrong["ruleId"], wrong["level"], odd["ruleId"], odd["level"]) == (
        "unknown-flow", "error", "missing-text", "warning",
    )  # fmt: skip
    assert run["tool"]["driver"]["rules"][wrong["ruleIndex"]]["id"] == "unknown-flow"
    (place,) = wrong["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == book.as_uri()
    assert place["physicalLocation"]["region"] == {"startLine": 4, "startColumn": 1}
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "start"


def test_errors_are_all_told_and_make_the_command_fail(book: Path) -> None:
    book.write_text(book.read_text(encoding="utf-8").replace("start: welcome", "start: hello"), encoding="utf-8")
    result = check(book, "--json")
    assert result.returncode == 1
    told = json.loads(result.stdout)
    assert not told["ok"]
    assert [(one["file"], one["line"], one["column"], one["node"]) for one in told["errors"]] == [
        ("draft.yaml", 4, 1, "start")
    ]
