"""Articles from another program's file to callers: imported, corrected, published, rolled back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from centralino.article_publishing import ArticlePublishing, body_of, document, drafted
from centralino.cli import app
from knowledge import load_articles
from knowledge.article_splicing import spliced
from knowledge.articles import ArticlesUnreadable
from knowledge.exchange.drafted import content_of
from knowledge.revision import Conflict, RevisionError
from knowledge.revisions import Revisions

BOOKSHOP = Path(__file__).parents[2] / "samples" / "bookshop"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    shutil.copytree(BOOKSHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("callers", "campaigns"))
    for file in (tmp_path / "shop" / "articles").glob("*.yaml"):
        if file.name not in ("shipping.yaml", "visiting.yaml"):
            file.unlink()
    return tmp_path / "shop"


@pytest.fixture
def here(company: Path, tmp_path: Path) -> ArticlePublishing:
    return ArticlePublishing(company, Revisions(tmp_path / "revisions.db"), lambda: NOW)


@pytest.fixture
def command(company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("CENTRALINO_COMPANY", str(company))
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path))

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["knowledge", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    return run


def test_from_a_table_to_callers_and_back(command, company: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    table = tmp_path / "faq.csv"
    table.write_text(
        "Domanda;Risposta\nQuanto costa la spedizione?;Tre euro.\nFate corsi di scrittura?;Sì, il giovedì sera.\n",
        encoding="cp1252",
    )
    told = json.loads(command("import", str(table), "--json"))
    first, second = told["drafts"]
    alike = first["alike"][0]
    assert (told["encoding"], alike["article"], alike["same"], second["alike"]) == ("cp1252", "shipping-cost", True, [])
    listed = json.loads(command("drafts", "--json"))
    assert [(one["id"], bool(one["errors"])) for one in listed] == [
        ("fate-corsi-di-scrittura", False),
        ("quanto-costa-la-spedizione", True),  # another article is asked the same
    ]
    assert "it could mean either" in command("publish", code=1)
    assert not (company / "articles" / "fate-corsi-di-scrittura.yaml").exists()  # all of them or none
    command("discard", "quanto-costa-la-spedizione")
    command("publish", "-m", "dal sito")
    article = load_articles(company / "articles").by_id["fate-corsi-di-scrittura"]
    assert article.spoken == {"it": "Sì, il giovedì sera."}
    again = command("show", article.id).replace("giovedì", "venerdì")
    draft = tmp_path / "draft.yaml"
    draft.write_text(again, encoding="utf-8")
    command("save", article.id, str(draft))
    assert "-  it: Sì, il giovedì sera.\n+  it: Sì, il venerdì sera." in command("diff", article.id)
    command("publish", article.id)
    command("rollback", article.id, "1", "-m", "era giusto")
    rows = json.loads(command("revisions", article.id, "--json"))
    assert [(row["number"], row["what"], row["of"], row["message"]) for row in rows] == [
        (3, "rolled_back", 1, "era giusto"),
        (2, "published", None, ""),
        (1, "published", None, "dal sito"),
    ]
    assert load_articles(company / "articles").by_id[article.id] == article
    assert command("audit", article.id).count("command line") >= 4


def test_export_and_import_of_a_whole_company_change_nothing(command, company: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    before = load_articles(company / "articles").by_id
    assert f"{len(before)} articles" in command("list")
    command("export", "--form", "csv", "--out", str(tmp_path / "all.csv"))
    command("import", str(tmp_path / "all.csv"))
    assert command("publish").count("nothing new") == len(before)
    assert load_articles(company / "articles").by_id == before


def test_an_edited_article_keeps_its_files_comments_and_neighbours(here: ArticlePublishing, company: Path) -> None:
    file = company / "articles" / "shipping.yaml"
    before = file.read_text(encoding="utf-8")
    text = here.text("shipping-abroad").replace("Sì. Nell'Unione", "Certo. Nell'Unione")
    here.save([drafted(text, "shipping-abroad")], "ada")
    here.publish(["shipping-abroad"], "ada", "")
    changed = [
        (old, new)
        for old, new in zip(before.splitlines(), file.read_text(encoding="utf-8").splitlines(), strict=True)
        if old != new
    ]
    assert [new.strip()[:22] for _, new in changed] == ["it: Certo. Nell'Unione"]


def test_every_article_of_the_sample_can_be_written_in_its_place(company: Path) -> None:
    text = (company / "articles" / "visiting.yaml").read_text(encoding="utf-8")
    for article in load_articles(company / "articles").by_id.values():
        if f"id: {article.id}\n" in text:
            assert spliced(text, article, content_of(article)) == text


def test_who_edits_the_file_meanwhile_is_not_overwritten(here: ArticlePublishing, company: Path) -> None:
    here.save([drafted(here.text("dogs").replace("benvenuti", "graditi"), "dogs")], "ada")
    file = company / "articles" / "visiting.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("I cani al", "Tutti i cani al"), encoding="utf-8")
    with pytest.raises(Conflict):
        here.publish(["dogs"], "ada", "")
    assert "Tutti i cani" in here.text("dogs")
    assert [row["what"] for row in here.revisions_of("dogs")] == ["found", "found"]


def test_two_who_draft_the_same_article_learn_of_each_other(here: ArticlePublishing) -> None:
    text = here.text("dogs")
    here.save([drafted(text.replace("benvenuti", "graditi"), "dogs")], "ada", {"dogs": 0})
    with pytest.raises(Conflict, match="ada has saved"):
        here.save([drafted(text.replace("benvenuti", "ammessi"), "dogs")], "bruno", {"dogs": 0})


def test_a_crash_between_store_and_file_is_mended(here: ArticlePublishing, company: Path) -> None:
    article = here.served().by_id["dogs"]
    known = here.in_file("dogs")
    assert known is not None
    new = article.model_copy(update={"spoken": {**article.spoken, "it": "Niente cani."}})
    here.revisions.publish(
        document("dogs"), body_of(new), who="ada", at=NOW, message="", base=known.number,
        place="articles/visiting.yaml",
    )  # fmt: skip
    assert here.served().by_id["dogs"].spoken["it"] == "Niente cani."
    assert not here.revisions.unplaced("article")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id: other\n", "write id: dogs"),
        ("spoken: {it: (no)}\n", "cannot be read aloud"),
        ("queue: nowhere\n", "no flowbook has a queue"),
    ],
)
def test_a_draft_that_cannot_be_served_is_not_published(here: ArticlePublishing, text: str, told: str) -> None:
    if text.startswith("id"):
        here.revisions.save_draft(
            document("dogs"), here.text("dogs").replace("id: dogs", text.strip()).encode(), who="ada", at=NOW
        )
    else:
        key = text.partition(":")[0]
        kept = "".join(line for line in here.text("dogs").splitlines(keepends=True))
        content = {**drafted(kept, "dogs").content, key: drafted(f"id: dogs\n{text}", "dogs").content[key]}
        here.save([type(drafted(kept, "dogs"))(content)], "ada")
    with pytest.raises(ArticlesUnreadable, match=told):
        here.publish(["dogs"], "ada", "")
    with pytest.raises((RevisionError, ArticlesUnreadable)):
        here.roll_back("dogs", 99, "ada", "")
