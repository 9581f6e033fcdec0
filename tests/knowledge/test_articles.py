from datetime import date
from pathlib import Path

import pytest

from knowledge import ArticlesUnreadable, load_articles
from knowledge.article_files import read_articles
from knowledge.confusable import confusable
from tests.knowledge.conftest import BOOKSHOP

GOOD = """\
id: hours
title: {it: gli orari}
phrasings:
  it: [a che ora aprite, quando chiudete, siete aperti oggi]
spoken:
  it: Siamo aperti dalle nove alle venti.
"""


def faults(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ArticlesUnreadable) as refused:
        load_articles(folder)
    return refused.value.faults


def test_a_file_may_hold_one_article_or_a_list(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(GOOD)
    listed = "- " + GOOD.replace("\n", "\n  ").rstrip().replace("hours", "returns")
    listed = listed.replace("a che ora aprite, quando chiudete, siete aperti oggi", "fare un reso, restituire, rendere")
    (tmp_path / "two.yml").write_text(listed)
    assert list(load_articles(tmp_path).by_id) == ["hours", "returns"]


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    before = load_articles(tmp_path).by_id["hours"].version
    assert load_articles(tmp_path).by_id["hours"].version == before
    (tmp_path / "a.yaml").write_text(GOOD.replace("venti", "ventuno"))
    assert load_articles(tmp_path).by_id["hours"].version != before


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (GOOD.replace("spoken:\n  it:", "spoken:\n  Italian:"), 6, "pattern"),
        (GOOD.replace("dalle nove", "(vedi www.example.org)"), 6, "cannot be read aloud"),
        (GOOD.replace("title: {it: gli orari}", "title: {en: hours}"), 1, "add title.it"),
        (GOOD + "colour: red\n", 7, "colour"),
        (GOOD.replace("id: hours", "id: Opening Hours"), 1, "pattern"),
        (GOOD.replace("quando chiudete", "24"), 4, "string"),
        (GOOD + "valid_until: soon\n", 7, "date"),
        (GOOD.replace("  it: [a", "  it: [a, [a"), 5, "not YAML"),
        (GOOD + "id: again\n", 7, "not YAML"),
        (GOOD + "link: {it: 'javascript:alert(1)'}\n", 7, "pattern"),
        (GOOD + "link: {en: 'https://shop.example'}\n", 1, "add spoken.en"),
        (GOOD + "valid_from: 2027-01-02\nvalid_until: 2027-01-01\n", 1, "never be given"),
        (GOOD + 'owner: "a\\x07b"\n', 7, "U+0007"),
        (GOOD + "tags: &t [a, a, a, a]\nmore: [*t, *t]\n", 8, "dictionary"),
        ("- 5\n", 1, "mapping"),
        ("", 1, "mapping"),
    ],
)
def test_a_fault_names_file_and_line_and_loads_nothing(tmp_path: Path, text: str, line: int, told: str) -> None:
    (tmp_path / "good.yaml").write_text(GOOD.replace("hours", "other").replace("a che ora aprite", "altro"))
    (tmp_path / "bad.yaml").write_text(text)
    found = faults(tmp_path)[0]
    assert told in found
    assert f"bad.yaml:{line}:" in found


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD + "colour: red\n")
    (tmp_path / "b.yaml").write_text("- 5\n")
    assert len(faults(tmp_path)) == 2


def test_two_articles_may_not_share_an_id_or_a_phrasing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD)
    assert "b.yaml:1" in faults(tmp_path)[0]
    (tmp_path / "b.yaml").write_text(GOOD.replace("id: hours", "id: other"))
    found = faults(tmp_path)[0]
    assert "a che ora aprite" in found
    assert "a.yaml:4" in found


def test_a_missing_or_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    assert "no .yaml file" in faults(tmp_path)[0]
    assert "no such folder" in faults(tmp_path / "nowhere")[0]


def test_too_few_phrasings_are_warned_of(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace(", quando chiudete, siete aperti oggi", ""))
    (warning,) = load_articles(tmp_path).warnings
    assert "a.yaml:4" in warning
    assert "1 phrasings in 'it'" in warning


def test_an_article_holds_through_its_last_day(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD + "valid_until: 2026-12-31\n")
    article = load_articles(tmp_path).by_id["hours"]
    assert article.holds(date(2026, 12, 31))
    assert not article.holds(date(2027, 1, 1))


def test_the_sample_company_is_complete_and_speakable() -> None:
    read = load_articles(BOOKSHOP)
    assert not read.warnings
    assert len(read.by_id) >= 30
    korean = [one for one in read.by_id.values() if "ko" in one.spoken]
    assert len(korean) >= 8
    for one in read.by_id.values():
        assert len(one.phrasings["it"]) >= 4, one.id
        assert len(one.phrasings["en"]) >= 3, one.id
        assert {"it", "en"} <= one.spoken.keys(), one.id
        assert "ko" not in one.spoken or len(one.phrasings["ko"]) >= 3, one.id
        for text in (*one.spoken.values(), *one.more.values()):
            assert not any(sign.isdigit() for sign in text), f"{one.id}: numbers are spelled out: {text}"
            assert len(text.split()) <= 35, f"{one.id}: {text}"


@pytest.mark.parametrize(
    ("spoken", "rule"),
    [
        ("Una. Due. Tre frasi.", "long-answer"),
        ("parola " * 31, "long-answer"),
        ("Scriva a info@libreria.it per favore.", "address-read-out"),
        ("Lo trova su libreria.it in fondo.", "address-read-out"),
        ("In via S. Vitale, alla Portici S.p.A. dal 3.12 alle 9.30. Venga pure.", ""),
    ],
)
def test_answers_that_nobody_can_remember_are_warned_of(spoken: str, rule: str) -> None:
    text = GOOD.replace("Siamo aperti dalle nove alle venti.", spoken)
    assert [one.rule for one in read_articles(text, "a.yaml").advised] == ([rule] if rule else [])


def test_an_article_is_not_given_before_its_first_day() -> None:
    article = read_articles(GOOD + "valid_from: 2026-12-01\nvalid_until: 2026-12-31\n", "a.yaml").by_id["hours"]
    days = ((2026, 11, 30), (2026, 12, 1), (2026, 12, 31), (2027, 1, 1))
    assert [article.holds(date(*day)) for day in days] == [False, True, True, False]


def test_line_breaks_in_what_is_spoken_mean_nothing() -> None:
    folded = read_articles(GOOD.replace("  it: Siamo aperti", "  it: |\n    Siamo\n    aperti"), "a.yaml")
    assert folded.by_id["hours"] == read_articles(GOOD, "a.yaml").by_id["hours"]


def test_references_to_references_do_not_grow_without_end() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 8):
        before, name = chr(96 + n), chr(97 + n)
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    with pytest.raises(ArticlesUnreadable, match="without references"):
        read_articles(bomb, "a.yaml")


def test_phrasings_that_hardly_differ_are_found() -> None:
    mine = "fino a che ora restano aperte le sale di lettura"
    text = GOOD.replace("a che ora aprite", mine)
    phrasings = f"phrasings: {{it: [{mine} oggi, le sale]}}"
    theirs = f"id: rooms\ntitle: {{it: le sale}}\n{phrasings}\nspoken: {{it: Fino alle venti.}}\n"
    both = {**read_articles(text, "a").by_id, **read_articles(theirs, "b").by_id}
    assert {(one.article, one.other) for one in confusable(both)} == {("hours", "rooms"), ("rooms", "hours")}
