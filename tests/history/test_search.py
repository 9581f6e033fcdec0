import contextlib
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from history import Entry, Journal, Timeline
from history.deriving.worker import Deriving
from history.search import searching
from history.search.asking import terms
from history.search.guessing import nearest
from history.search.searching import Narrowed, Search
from history.search.tables import search_document, search_word
from history.search.words import stem, words
from tests.history.calls import MONDAY, ended, entries, said, started

ROME = ZoneInfo("Europe/Rome")
SAID = (
    ("it", "+39051000001", ["Vorrei sapere a che punto è il mio ordine", "La spedizione è in ritardo di tre giorni"]),
    ("it", "+39051000002", ["Devo restituire due libri, la perché non mi è chiara", "Quanto costa il rimborso?"]),
    ("en", "+39051000001", ["My order has not arrived", "I want my money back"]),
    ("it", "", ["Gli ordini si fanno anche per telefono?"]),
)  # fmt: skip


async def filled(journal: Journal, timeline: Timeline, rounds: int = 1) -> Search:
    for n in range(rounds):
        for place, (line, caller, turns) in enumerate(SAID):
            log = [started(line, caller), *(said("caller", turn) for turn in turns), ended()]
            began = MONDAY + timedelta(days=n, hours=place)
            await journal.append(f"call-{n}-{place}", entries(*log, began=began))
    await Deriving(journal, timeline, ROME).catch_up()
    return Search(timeline)


async def ids(search: Search, asked: str, **narrowed: object) -> list[str]:
    page = await search.find(asked, Narrowed(**narrowed))  # type: ignore[arg-type]
    return [hit.interaction.id for hit in page.hits]


async def test_words_phrases_prefixes_and_forms_the_newest_first(journal: Journal, timeline: Timeline) -> None:
    search = await filled(journal, timeline)
    assert await ids(search, "ordine") == ["call-0-3", "call-0-0"]
    assert await ids(search, "ORDINE ritardo") == ["call-0-0"]
    assert await ids(search, '"il mio ordine"') == ["call-0-0"]
    assert await ids(search, '"ordine la spedizione"') == []  # in two turns
    assert await ids(search, "spediz*") == ["call-0-0"]
    assert await ids(search, "perche") == await ids(search, "PERCHÉ") == ["call-0-1"]
    assert await ids(search, "zebra") == []


async def test_a_beginning_that_is_longer_than_the_word_s_stem(journal: Journal, timeline: Timeline) -> None:
    search = await filled(journal, timeline)
    assert await ids(search, "restituir*") == ["call-0-1"]
    assert await ids(search, "ordi*") == ["call-0-3", "call-0-0"]
    assert await ids(search, "ordini*") == ["call-0-3"]  # "ordine" has its stem, and does not begin so
    assert (await search.find("restituir*")).meant == {}
    assert await ids(search, "restituito*") == []


async def test_words_that_the_newest_do_not_say_are_found_behind_them(
    journal: Journal, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST", 1)
    search = await filled(journal, timeline)
    assert await ids(search, "ordine") == ["call-0-3", "call-0-0"]
    assert await ids(search, '"il mio ordine"') == await ids(search, "spediz*") == ["call-0-0"]
    assert await ids(search, "ordine", line="it", channel="voice") == ["call-0-3", "call-0-0"]


async def test_a_misspelled_word_finds_what_it_means_and_says_so(journal: Journal, timeline: Timeline) -> None:
    page = await (await filled(journal, timeline)).find("spedizzione ritardo")
    assert [hit.interaction.id for hit in page.hits] == ["call-0-0"]
    assert page.meant == {"spedizzione": ("spedizione",)}
    assert nearest("rimboso", ["rimborso", "rimborsi", "rosso", "bosco"]) == ("rimborso",)


async def test_narrowed_by_line_channel_contact_and_time(journal: Journal, timeline: Timeline) -> None:
    search = await filled(journal, timeline)
    await journal.append("mail", [Entry("call.started", {"line": "it"}, occurred_at=MONDAY)])
    anna = (await timeline.get("call-0-0")).interaction.contact_id
    assert await ids(search, "order", line="en") == ["call-0-2"]
    assert await ids(search, "ordine", line="en") == []
    assert await ids(search, "ordine", channel="voice", contact_id=anna) == ["call-0-0"]
    assert await ids(search, "my", contact_id=anna) == ["call-0-2"]
    assert await ids(search, "ordine", first=MONDAY + timedelta(hours=1)) == ["call-0-3"]
    assert await ids(search, "ordine", until=MONDAY + timedelta(hours=1)) == ["call-0-0"]
    assert await ids(search, "ordine", channel="it' OR 1=1") == []
    other = (await timeline.get("call-0-1")).interaction.contact_id
    await journal.merge_contacts(anna, other, actor="a")
    assert await ids(search, "rimborso", contact_id=anna) == ["call-0-1"]


async def test_pages(journal: Journal, timeline: Timeline) -> None:
    search = await filled(journal, timeline, rounds=3)
    found, before = [], ""
    while True:
        page = await search.find("ordine", limit=2, before=before)
        found += [hit.interaction.id for hit in page.hits]
        before = page.before
        if not before:
            break
    assert found == [f"call-{n}-{place}" for n in (2, 1, 0) for place in (3, 0)]


async def test_snippets_mark_what_was_found(journal: Journal, timeline: Timeline) -> None:
    search = await filled(journal, timeline)
    [hit] = (await search.find("ritardo")).hits
    [snippet] = hit.snippets
    assert [snippet.text[begin:end] for begin, end in snippet.marks] == ["ritardo"]
    long = "parola " * 100 + "ordine smarrito " + "coda " * 100
    await journal.append("long", entries(started(), said("caller", long), ended(), began=MONDAY + timedelta(days=9)))
    await Deriving(journal, timeline, ROME).catch_up()
    hit = (await search.find("smarrito")).hits[0]
    assert len(hit.snippets[0].text) < 200
    assert "ordine smarrito" in hit.snippets[0].text


async def test_a_note_is_found_and_what_is_gone_is_not(journal: Journal, timeline: Timeline) -> None:
    search = await filled(journal, timeline)
    deriving = Deriving(journal, timeline, ROME)
    await journal.append("call-0-1", [Entry("note.added", {"text": "Richiamare giovedì"}, 9000, "op-1")])
    await deriving.catch_up()
    [hit] = (await search.find("giovedi")).hits
    assert [(one.speaker, one.text) for one in hit.snippets] == [("note", "Richiamare giovedì")]

    async def stored() -> Sequence[object]:
        rows = await timeline.read(lambda c: c.execute(select(search_document)).all())
        words = await timeline.read(lambda c: c.execute(select(search_word.c.word, search_word.c.documents)).all())
        return sorted(map(tuple, rows)), sorted(map(tuple, words))

    before = await stored()
    await deriving.rebuild()
    assert await stored() == before
    assert await ids(search, "ordine ritardo") == ["call-0-0"]


NASTY = (
    '"',
    '""',
    "*",
    "AND",
    "NEAR(a b)",
    "body:x",
    "-x",
    "{",
    "'",
    "\\",
    "\0",
    "a\0b",
    "(((",
    "%",
    ":*",
    "<->",
    "é" * 40,
)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(NASTY), max_size=6).map(" ".join))
def test_whatever_is_typed_becomes_plain_words_or_is_refused(typed: str) -> None:
    try:
        found = terms(typed)
    except ValueError:
        return
    assert all(word.isalnum() for term in found for word in term.words)


async def test_no_query_breaks_the_database(journal: Journal, timeline: Timeline) -> None:
    search = await filled(journal, timeline)
    for typed in NASTY:
        with contextlib.suppress(ValueError):
            await search.find(f"{typed} ordine {typed}")
    for wrong in ({"limit": 0}, {"before": "x"}):
        with pytest.raises(ValueError, match=r"limit|before"):
            await search.find("ordine", **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no word"):
        await search.find("...")


def test_forms_of_a_word_share_a_stem() -> None:
    for forms in ("ordine ordini ordinato ordinare", "reso resi resa", "vecchio vecchia vecchi vecchie",
                  "order orders", "delivery deliveries", "rimborso rimborsi"):  # fmt: skip
        assert len({stem(word) for word in forms.split()}) == 1, forms
    assert words("L'è già qui: PERCHÉ?") == ["l", "e", "gia", "qui", "perche"]
