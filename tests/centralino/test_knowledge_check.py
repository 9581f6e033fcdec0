"""`centralino knowledge check` on a copy of the sample company."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from centralino.cli import app
from centralino.company import load_company
from knowledge import ArticlesUnreadable

BOOKSHOP = Path(__file__).parents[2] / "samples" / "bookshop"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    shutil.copytree(BOOKSHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("callers", "campaigns"))
    return tmp_path / "shop"


def check(*arguments: str) -> tuple[int, dict]:  # type: ignore[type-arg]
    result = CliRunner().invoke(app, ["knowledge", "check", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_the_sample_company_has_no_errors(company: Path) -> None:
    code, told = check(str(company))
    assert (code, told["errors"], told["articles"] >= 40) == (0, [], True)
    assert [one["rule"] for one in told["warnings"]] == ["untranslated"]


def test_a_queue_that_no_flowbook_has_keeps_the_company_from_being_used(company: Path) -> None:
    file = company / "articles" / "shipping.yaml"
    text = file.read_text(encoding="utf-8").replace("queue: ordini", "queue: ordinii", 1)
    file.write_text(text, encoding="utf-8")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one.startswith("- id: change-address"))
    with pytest.raises(ArticlesUnreadable, match=rf"shipping.yaml:{line}: .*no flowbook has a queue 'ordinii'"):
        load_company(company)
    code, told = check(str(company))
    assert code == 1
    assert (told["errors"][0]["line"], told["errors"][0]["place"]) == (line, "article 'change-address'")


def test_an_article_that_is_over_is_told(company: Path) -> None:
    (company / "articles" / "fair.yaml").write_text(
        "id: fair\ntitle: {it: la fiera}\nphrasings: {it: [quando è la fiera, dove è la fiera, la fiera del libro]}\n"
        "spoken: {it: La fiera è in aprile.}\nvalid_until: 2020-04-30\n",
        encoding="utf-8",
    )
    code, told = check(str(company / "articles"))
    assert code == 0
    (over,) = [one for one in told["warnings"] if one["rule"] == "expired"]
    assert over["file"].endswith("fair.yaml")
    assert "2020-04-30" in over["message"]
