"""Articles out of and into other programs' forms."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from knowledge import KnowledgeBase
from knowledge.articles import Article
from knowledge.exchange.drafted import Drafted, ImportRefused
from knowledge.exchange.duplicates import duplicates
from knowledge.exchange.forms import FORMS, Form, read, write
from knowledge.exchange.html_text import PageRefused, paragraphs_of

WORDS = some.text(
    some.sampled_from("aeiou bcd ZÀèì한국 0123456789 .,;:!?'\"-+=&~$%/@€…«»\u200b😀`^") | some.characters(), max_size=60
).map(lambda text: " ".join(text.split()))
ASKED = WORDS.filter(lambda text: _valid(text, spoken=False))
SPOKEN = WORDS.filter(lambda text: _valid(text, spoken=True))
CODES = ("it", "en", "ko")


def _valid(text: str, spoken: bool) -> bool:
    try:
        _article({"spoken": {"it": text}} if spoken else {"title": {"it": text}})
    except ValueError:
        return False
    return True


def _article(parts: dict) -> Article:  # type: ignore[type-arg]
    base = {"id": "a", "title": {"it": "t"}, "phrasings": {"it": ["p"]}, "spoken": {"it": "s"}}
    return Article.model_validate(base | parts)


@some.composite
def articles(draw):  # type: ignore[no-untyped-def]
    codes = draw(some.permutations(CODES))[: draw(some.integers(1, 3))]
    some_codes = some.lists(some.sampled_from(codes), unique=True)
    asked = draw(some.lists(some.sampled_from(CODES), unique=True, min_size=1))
    return Article.model_validate(
        {
            "id": draw(some.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True)),
            "title": {code: draw(ASKED) for code in codes},
            "phrasings": {code: draw(some.lists(ASKED, min_size=1, max_size=3)) for code in asked},
            "spoken": {code: draw(SPOKEN) for code in codes},
            "more": {code: draw(SPOKEN) for code in draw(some_codes)},
            "link": dict.fromkeys(draw(some_codes), "https://shop.example/?a=1&b='%22"),
            "tags": draw(some.lists(ASKED, max_size=2)),
            "owner": draw(ASKED),
            "queue": draw(some.sampled_from(["", "ordini", "=1+1"])),
            "valid_from": draw(some.none() | some.just("2026-12-01")),
            "valid_until": draw(some.none() | some.just("2026-12-31")),
            "sensitive": draw(some.booleans()),
        }
    )


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.lists(articles(), min_size=1, max_size=2, unique_by=lambda one: one.id))
@example(
    [_article({"title": {"it": "# 1. * _x_"}, "phrasings": {"it": ["1) no", "- no", "=2+3", "'=x", "</p>&amp;"]}})]
)
@example([_article({"spoken": {"it": "12. è il numero"}, "more": {"it": "== no"}})])
def test_every_form_gives_back_what_was_written(form: Form, given_ones: list[Article]) -> None:
    back = read(write(given_ones, form).encode(), form=form)
    assert [draft.article for draft in back.drafts] == given_ones, [draft.faults for draft in back.drafts]
    assert [draft.article.version for draft in back.drafts if draft.article] == [one.version for one in given_ones]


@pytest.mark.parametrize("form", FORMS)
def test_the_whole_sample_company_goes_out_and_comes_back(form: Form, bookshop_by_spelling: KnowledgeBase) -> None:
    before = list(bookshop_by_spelling.articles.values())
    back = read(write(before, form).encode())  # the form is told by the content, too
    assert (back.form, [one.article for one in back.drafts]) == (form, before)


def only(data: str | bytes, name: str, language: str = "it") -> Drafted:
    (draft,) = read(data if isinstance(data, bytes) else data.encode(), name, language=language).drafts
    return draft


def test_what_was_edited_in_a_form_wins_over_what_it_carries() -> None:
    text = write([_article({"more": {"it": "altro"}, "tags": ["x"]})], "markdown")
    edited = text.replace("## p", "## quanto costa").replace("\n\ns\n\naltro", "\n\nNove euro.")
    draft = only(edited, "faq.md")
    assert draft.article == _article(
        {"phrasings": {"it": ["quanto costa"]}, "spoken": {"it": "Nove euro."}, "tags": ["x"]}
    )


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Quando aprite?,Alle nove.\nÈ aperto oggi?,Sì.\n".encode(), "utf-8"),
        ("\ufeffQuando aprite?;Alle nove.\r\nÈ aperto oggi?;Sì.\r\n".encode(), "utf-8-sig"),
        ("Quando aprite?\tAlle nove.\nÈ aperto oggi?\tSì.\n".encode("utf-16"), "utf-16"),
        ("Domanda;Risposta\nQuando aprite?;Alle nove.\nÈ aperto oggi?;Sì.\n".encode("cp1252"), "cp1252"),
        ('"Quando aprite?","Alle nove."\n\n"È aperto oggi?","Sì."\n'.encode(), "utf-8"),
    ],
)
def test_a_table_of_questions_and_answers(data: bytes, encoding: str) -> None:
    found = read(data, "faq.csv")
    assert found.encoding == encoding
    first, second = (draft.content for draft in found.drafts)
    assert (first["phrasings"], first["spoken"]) == ({"it": ["Quando aprite"]}, {"it": "Alle nove."})
    assert (second["id"], second["title"]) == ("e-aperto-oggi", {"it": "È aperto oggi"})


def test_korean_windows_tables_are_read() -> None:
    draft = only("몇 시에 여나요?,아홉 시에 엽니다.\n".encode("cp949"), "faq.csv", "ko")
    assert draft.content["spoken"] == {"ko": "아홉 시에 엽니다."}
    assert draft.article is not None


def test_a_long_answer_is_cut_into_what_is_said_and_its_details() -> None:
    answer = "Costa 3,90 euro (IVA inclusa). È gratis da 35 euro. Vedi https://shop.example/costi. Poi altro."
    draft = only(f'"Quanto costa?","{answer}"\n', "faq.csv")
    assert draft.content["spoken"] == {"it": "Costa 3,90 euro, IVA inclusa. È gratis da 35 euro."}
    assert draft.content["more"] == {"it": "Vedi Poi altro."}
    assert draft.content["link"] == {"it": "https://shop.example/costi"}
    assert len(draft.notes) == 2
    assert draft.article is not None


def test_markdown_headings_are_questions() -> None:
    page = (
        "---\ntitle: FAQ\n---\n# Domande\n\n## Quanto *costa*?\n\nTre euro, vedi [qui](https://shop.example).\n\n"
        "- uno\n- due\n\nE poi.\n"
    )
    draft = only(page, "faq.md")
    assert draft.content["phrasings"] == {"it": ["Quanto costa"]}
    assert draft.content["spoken"] == {"it": "Tre euro, vedi qui."}
    assert draft.content["more"] == {"it": "uno, due E poi."}
    assert draft.content["link"] == {"it": "https://shop.example"}
    assert draft.place == "line 6"


FAQ_PAGE = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "Negozio"},
        {
            "@type": ["WebPage", "FAQPage"],
            "inLanguage": "en-GB",
            "mainEntity": [
                {
                    "@type": "Question",
                    "name": "How much is <b>shipping</b>?",
                    "acceptedAnswer": {"@type": "Answer", "text": "<p>Three&nbsp;euros.</p><ul><li>a<li>b</ul>"},
                }
            ],
        },
    ],
}


@pytest.mark.parametrize("name", ["faq.json", "page.html"])
def test_a_faq_page_bare_or_inside_a_web_page(name: str) -> None:
    text = json.dumps(FAQ_PAGE)
    if name.endswith("html"):
        script = '<script type="application/ld+json">'
        text = f'<html lang="it">{script}{{broken</script>{script}{text}</script>'
    draft = only(text, name)
    assert draft.content["phrasings"] == {"en": ["How much is shipping"]}
    assert draft.content["spoken"] == {"en": "Three euros."}
    assert draft.content["more"] == {"en": "a, b"}


@pytest.mark.parametrize(
    "body",
    [
        "<dl><dt>Quando aprite?</dt><dd>Alle <b>nove</b>.</dd></dl>",
        "<details><summary>Quando aprite?</summary><p>Alle nove.</p></details>",
        "<nav><h2>Menu?</h2><p>x</p></nav><h2>Il negozio</h2><p>Bello.</p>"
        "<h3>Quando aprite?</h3><div>Alle nove.</div><h3>Vuota?</h3>",
        "<h2>Quando aprite?</h2><script>alert('no')</script><p>Alle nove.<!-- no --></p>",
    ],
)
def test_a_sites_saved_page(body: str) -> None:
    draft = only(f'<html lang="it-IT"><body>{body}</body></html>', "page.html", "en")
    assert draft.content["phrasings"] == {"it": ["Quando aprite"]}
    assert draft.content["spoken"] == {"it": "Alle nove."}


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 50_000,
        "".join(f"<p><b id={n}>" for n in range(5_000)),
        "<h2>a?</h2>" + "<p>" * 50_000,
        "<!--" * 50_000,
        "<svg><p>" * 5_000,
    ],
)
def test_hostile_pages_are_refused_or_read_harmlessly(hostile: str) -> None:
    with suppress(PageRefused):
        assert len(paragraphs_of(hostile)) <= 1
    with pytest.raises(ImportRefused):
        read(hostile.encode(), "page.html")


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "faq.csv", "empty"),
        (b"only one column\n", "faq.csv", "no two columns"),
        (b"{", "faq.json", "no JSON"),
        (b"[" * 100_000, "faq.json", "no JSON"),
        (b'{"@type": "Person"}', "faq.json", "no question"),
        (b"<p>Nothing here.</p>", "faq.html", "no question"),
        (b"a: [", "faq.yaml", "no YAML"),
        (b"x" * (8 * 1024 * 1024 + 1), "faq.csv", "split it"),
        (b"domanda,risposta\n" + b'"a?","b"\n' * 5_001, "faq.csv", "at most 5000"),
    ],
)
def test_what_cannot_be_taken_in_says_why(data: bytes, name: str, told: str) -> None:
    with pytest.raises(ImportRefused, match=told):
        read(data, name)


def test_formulas_do_not_leave_in_a_table() -> None:
    text = write([_article({"phrasings": {"it": ["=HYPERLINK(1)"]}, "owner": "@x"})], "csv")
    assert "'=HYPERLINK" in text
    assert ",'@x," in text


def test_what_is_asked_already_is_told(bookshop: KnowledgeBase) -> None:
    table = (
        "quanto costa la spedizione?,Tre euro.\nquali sono i vostri orari di apertura,Dalle nove.\n"
        "fate corsi di ceramica giapponese?,Sì.\nci sono corsi di ceramica giapponese,Certo.\n"
    )
    from knowledge.embedding import shared_embedder

    found = duplicates(read(table.encode(), "faq.csv").drafts, bookshop.articles, shared_embedder())
    assert (found["quanto-costa-la-spedizione"][0].article, found["quanto-costa-la-spedizione"][0].same) == (
        "shipping-cost", True,
    )  # fmt: skip
    assert found["quali-sono-i-vostri-orari-di"][0].article == "opening-hours"
    course = found["fate-corsi-di-ceramica-giapponese"][0]
    assert (course.article, course.is_draft, course.same) == ("ci-sono-corsi-di-ceramica-giapponese", True, False)
