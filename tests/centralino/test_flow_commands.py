"""`centralino flows draft`, `diff`, `publish`, `rollback`, as somebody uses them who has no server running."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from centralino.commands.flows import app
from tests.telephony.conftest import FLOWBOOK

BOOK = FLOWBOOK + "\ntests:\n  - {name: zero, turns: [{keys: '0'}, {handoff: aiuto}]}\n"


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.book = folder, folder / "company" / "flowbook.yaml"

    def run(self, *words: str, code: int = 0, stdin: str = "") -> str:
        result = CliRunner().invoke(app, words, input=stdin)
        assert result.exit_code == code, result.output
        return result.output

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", code=code))

    def text(self, old: str, new: str) -> str:
        """A file with the flowbook, edited."""
        assert old in BOOK
        path = self.folder / "new.yaml"
        path.write_text(BOOK.replace(old, new, 1), encoding="utf-8")
        return str(path)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    company = tmp_path / "company"
    (company / "articles").mkdir(parents=True)
    (company / "company.toml").write_text('name = "Prova"\n[[lines]]\nid = "uno"\nlanguage = "it"\n')
    (company / "flowbook.yaml").write_text(BOOK, encoding="utf-8")
    (company / "articles/a.yaml").write_text(
        "- {id: orari, title: {it: gli orari}, phrasings: {it: [quando aprite]}, spoken: {it: Alle nove.}}"
    )
    monkeypatch.setenv("CENTRALINO_COMPANY", str(company))
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "it_IT.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    return Desk(tmp_path)


def test_from_a_draft_to_the_file_and_back(desk: Desk) -> None:
    said = desk.run("draft", "door", desk.text("Ciao.", "A domani."), "--as", "anna")
    assert "draft of door, on revision 1: 0 errors" in said
    assert desk.book.read_text(encoding="utf-8") == BOOK
    assert "testo 'bye' (it) cambiato da «Ciao.» a «A domani.»" in desk.run("diff", "door")
    assert "+  bye: {it: A domani.}" in desk.run("diff", "door", "--text")
    assert "A domani." in desk.run("draft", "door")

    said = desk.run("publish", "door", "-m", "un altro saluto", "--as", "bruno")
    assert "door 2 is published: 0 errors, 0 warnings, 1 tests passed" in said
    assert "A domani." in desk.book.read_text(encoding="utf-8")
    assert "nothing to publish" in desk.run("publish", "door", code=1)
    assert "tests passed" in desk.run("rollback", str(desk.book), "1", "-m", "no", "--as", "anna")
    assert desk.book.read_text(encoding="utf-8") == BOOK

    found = desk.json("revisions", "door")["revisions"]
    assert [(one["number"], one["who"], one["what"], one["of"]) for one in found] == [
        (3, "anna", "rolled_back", 1), (2, "bruno", "published", None), (1, "", "found", None),
    ]  # fmt: skip
    (difference,) = desk.json("diff", "door", "2", "3", "--language", "en")["differences"]
    assert difference["words"] == "text 'bye' (it) changed from «A domani.» to «Ciao.»"
    assert desk.run("show", "door", "2") == BOOK.replace("Ciao.", "A domani.")
    assert [one["what"] for one in desk.json("audit")["audit"]] == ["rolled_back", "published", "draft", "found"]
    assert "no revision '9'; there are 1 to 3" in desk.run("rollback", "door", "9", code=1)
    assert "it has: door (flowbook.yaml)" in desk.run("show", "porta", code=1)


def test_what_is_wrong_or_fails_its_tests_stays_a_draft(desk: Desk) -> None:
    at = desk.text("- say: bye", "- say: addio")
    assert "there is no text 'addio'" in desk.run("draft", "door", at)
    refused = desk.json("publish", "door", code=1)
    assert not refused["ok"]
    assert [(one["rule"], one["column"]) for one in refused["problems"] if not one["is_warning"]] == [
        ("missing-text", 7)
    ]  # fmt: skip
    failing = desk.json("publish", "door", desk.text('tasto == "0"', 'tasto == "9"'), code=1)
    assert "test" in [one["rule"] for one in failing["problems"]]
    assert desk.book.read_text(encoding="utf-8") == BOOK
    assert "the draft is gone" in desk.run("draft", "door", "--discard")


def test_an_edited_file_is_published_with_a_message_and_overtakes_drafts(desk: Desk) -> None:
    desk.run("draft", "door", desk.text("Ciao.", "A domani."))
    desk.book.write_text(BOOK.replace("Scusi.", "Come?"), encoding="utf-8")
    assert "revision 2 was published since revision 1" in desk.run("publish", "door", code=1)
    desk.run("draft", "door", desk.text("Ciao.", "A domani."), "--base", "2")
    assert "door 3 is published" in desk.run("publish", "door")
    desk.book.write_text(BOOK.replace("Scusi.", "Prego?"), encoding="utf-8")
    assert "door 4 is published" in desk.run("publish", "door", "-m", "a mano", "--as", "anna")
    assert desk.json("revisions", "door")["revisions"][0] | {"at": "", "sha256": ""} == {
        "number": 4, "sha256": "", "what": "published", "of": None, "who": "anna", "at": "", "message": "a mano",
    }  # fmt: skip
