"""Which words a flowbook and its articles hope to hear, and where they stand."""

from __future__ import annotations

from pathlib import Path

from dialogs import Flowbook
from dialogs.expected_words import Expected, of_articles, of_flowbook

SHOP = Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8").splitlines()
ARTICLES = """- id: hours
  title: {it: gli orari}
  phrasings:
    it:
      - A che ora aprite?
      - quando siete aperti
  spoken: {it: Alle nove.}
"""


def line_of(part: str) -> int:
    return next(number for number, line in enumerate(SHOP, start=1) if part in line)


def test_grammars_slots_and_intents_by_their_lines(shop: Flowbook) -> None:
    korean = list(of_flowbook(shop, "ko"))
    assert Expected("시간", "shop.yaml", line_of("grammar: {ko"), "flow 'welcome', step 1") in korean
    assert Expected("특급", "shop.yaml", line_of("ko: [특급]"), "flow 'survey', step 1") in korean
    assert Expected("조회", "shop.yaml", line_of("ko: [주문, 주문 조회"), "intents.order.ko") in korean
    assert Expected("공", "shop.yaml", line_of("number: {type: digits"), "flow 'order', step 1") in korean
    italian = [one.word for one in of_flowbook(shop, "it")]
    assert "dov'è" in italian
    assert "특급" not in italian


def test_articles_by_their_lines(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "hours.yaml").write_text(ARTICLES, encoding="utf-8")
    words = list(of_articles(tmp_path / "articles", "it"))
    assert Expected("orari", "articles/hours.yaml", 2, "article 'hours'") in words
    assert Expected("aprite", "articles/hours.yaml", 5, "article 'hours'") in words
    assert list(of_articles(tmp_path / "articles", "ko")) == []
