"""Articles in a real browser: written, heard, published, found by a question; and what was asked in vain."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import uvicorn

from centralino.article_publishing import ArticlePublishing
from centralino.company import load_company
from centralino.line_voices import ServedVoices
from centralino.publishing import Publishing
from centralino.reloading import Reloading
from centralino.served_articles import ServedArticles, ServedReview
from history import Entry, new_id
from history.deriving.worker import Deriving
from knowledge.revisions import Revisions
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.telephony.conftest import FLOWBOOK
from voice.models import EngineChoice, ModelStore
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer

pytestmark = built

COMPANY = 'name = "Prova"\n[[lines]]\nid = "uno"\nnumber = "+390510000001"\nlanguage = "it"\n'
HOURS = """\
- id: orari
  title: {it: gli orari}
  phrasings: {it: [quando aprite, siete aperti, a che ora chiudete]}
  spoken: {it: Alle nove.}
- id: posti
  title: {it: il parcheggio}
  phrasings: {it: [dove parcheggio, avete un parcheggio, posso lasciare l'auto]}
  spoken: {it: In piazza.}
  queue: aiuto
"""


@dataclass
class Place:
    """A company with two articles, its console on a real port."""

    house: Any
    url: str
    reloading: Reloading
    revisions: Path

    def answer(self, question: str) -> tuple[str, str]:
        """How sure a call that begins now would be, and of which article."""
        found = self.reloading.company.knowledge.search(question, "it")
        return found.band, found.candidates[0].article if found.candidates else ""


@pytest.fixture
async def place(house_of: Any, journal: Any, timeline: Any, tmp_path: Path) -> AsyncIterator[Place]:
    folder = tmp_path / "company"
    (folder / "articles").mkdir(parents=True)
    (folder / "company.toml").write_text(COMPANY)
    (folder / "flowbook.yaml").write_text(FLOWBOOK, encoding="utf-8")
    (folder / "articles/tutto.yaml").write_text(HOURS, encoding="utf-8")
    revisions = Revisions(tmp_path / "revisions.db")
    company = load_company(folder, None, revisions)
    speaker = Speaker(tmp_path / "prompts", {"pyttsx3": Pyttsx3Synthesizer()})
    choice = EngineChoice("it", "whisper", "whisper-base", "it is there")

    async def nothing(*_: object) -> Any:
        return SimpleNamespace(failed=(), made=0)

    quiet = cast(Speaker, SimpleNamespace(add=lambda voices: None, prerender=nothing, warm_up=nothing))
    reloading = Reloading(
        folder, company, Publishing(folder, revisions), cast(Any, SimpleNamespace(choice=lambda language: choice)),
        quiet, ModelStore(tmp_path), lambda lines: None, tmp_path / "lines.json",
    )  # fmt: skip
    await reloading.begin()
    publishing = ArticlePublishing(folder, revisions)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    house = house_of(
        public_origins=[url],
        article_shelf=ServedArticles(publishing, reloading),
        review_desk=ServedReview(publishing, timeline, reloading),
        voices=ServedVoices(speaker, lambda: company.lines, folder, ModelStore(tmp_path)),
    )
    server = uvicorn.Server(uvicorn.Config(house.app, log_level="warning", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve([listener]))
    yield Place(house, url, reloading, tmp_path / "revisions.db")
    server.should_exit = True
    await serving
    listener.close()
    await speaker.close()


async def writer_at(place: Place, pages: Any, path: str, **settings: Any) -> Any:
    session = await place.house.session("anna", "flow-admin")
    return await pages.page_of(place, session, path, **settings)


async def test_a_new_article_is_checked_heard_published_and_answers(place: Place, pages: Any) -> None:
    assert place.answer("fate pacchetti regalo")[1] != "i-pacchetti-regalo"
    page = await writer_at(place, pages, "/console/knowledge", viewport=DESKTOP)
    await page.get_by_role("link", name="Nuovo articolo").click()
    await page.get_by_label("Titolo").fill("i pacchetti regalo")
    await page.get_by_label("Come lo chiedono").fill("fate pacchetti regalo\ndove parcheggio")
    await page.get_by_role("textbox", name="Risposta detta").fill("Sì (gratis) in negozio.")
    checks = page.get_by_role("region", name="Controlli")
    await checks.get_by_text("cannot be read aloud").wait_for()
    assert await page.get_by_role("button", name="Pubblica").is_disabled()
    await checks.get_by_role("button", name="Risposta detta · it").click()
    await page.keyboard.press("ControlOrMeta+A")
    await page.keyboard.type("Sì, gratis, in negozio.")
    await checks.get_by_text("Questa frase sta anche in un altro articolo").wait_for()
    await page.get_by_label("Come lo chiedono").fill("fate pacchetti regalo\nincartate i regali")
    await checks.get_by_text("1 consiglio").wait_for()
    await checks.get_by_text("Poche frasi").wait_for()
    assert await barriers(page) == []

    await page.get_by_role("button", name="Ascolta: Risposta detta").click()
    await page.get_by_role("button", name="Ferma").wait_for()
    await page.get_by_role("button", name="Ascolta: Risposta detta").wait_for()

    await page.get_by_role("button", name="Salva bozza").click()
    await page.wait_for_url("**/console/knowledge/articles/i-pacchetti-regalo")
    await page.get_by_text("bozza", exact=True).wait_for()
    assert place.answer("fate pacchetti regalo")[1] != "i-pacchetti-regalo", "nobody hears a draft"
    await page.get_by_label("Come lo chiedono").fill(
        "fate pacchetti regalo\nincartate i regali\navete la carta da regalo"
    )
    await page.get_by_text("Tutto a posto: si può pubblicare.").wait_for()
    await page.get_by_role("button", name="Pubblica").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Che cosa cambia e perché").fill("per Natale")
    await dialog.get_by_role("button", name="Pubblica").click()
    await page.get_by_text("Pubblicato: le prossime chiamate lo usano.").wait_for()
    assert place.answer("mi fate un pacchetto regalo?") == ("answer", "i-pacchetti-regalo")

    await page.get_by_role("region", name="Versioni").get_by_text("per Natale").wait_for()
    await page.get_by_role("textbox", name="Risposta detta").fill("Sì, con due euro.")
    await page.get_by_role("button", name="Pubblica").click()
    await page.get_by_role("dialog").get_by_role("button", name="Pubblica").click()
    await page.get_by_role("button", name="Confronta con quella in uso: Versione 1").click()
    await page.get_by_role("dialog").get_by_text("+ it: Sì, con due euro.").wait_for()
    await page.get_by_role("dialog").get_by_text("− it: Sì, gratis, in negozio.").wait_for()
    await page.get_by_role("button", name="Chiudi").click()
    await page.get_by_role("button", name="Torna a questa: Versione 1").click()
    await page.get_by_role("dialog").get_by_role("button", name="Torna a questa").click()
    await page.get_by_text("Versione 3 · ripristinata").wait_for()
    assert place.reloading.company.knowledge.articles["i-pacchetti-regalo"].spoken["it"] == "Sì, gratis, in negozio."


async def test_articles_are_searched_and_shown_on_a_phone(place: Place, pages: Any) -> None:
    page = await writer_at(place, pages, "/console/knowledge", viewport=PHONE, color_scheme="dark")
    await page.get_by_role("link", name="gli orari").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await page.get_by_label("Cerca").fill("Páuto piazza")
    await page.get_by_text("Nessun articolo corrisponde").wait_for()
    await page.get_by_label("Cerca").fill("l'AUTO piazza")
    await page.get_by_text("1 di 2").wait_for()
    await page.get_by_role("link", name="il parcheggio").click()
    await page.get_by_role("heading", name="il parcheggio").wait_for()
    await page.get_by_text("Tutto a posto").wait_for()
    assert await page.get_by_role("combobox", name="Coda").input_value() == "aiuto"
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await page.goto(f"{place.url}/console/knowledge/articles/nessuno")
    await page.get_by_role("heading", name="Questo articolo non c'è", level=1).wait_for()


async def test_a_table_is_previewed_kept_as_drafts_and_published_together(place: Place, pages: Any) -> None:
    page = await writer_at(place, pages, "/console/knowledge", viewport=DESKTOP)
    await page.get_by_role("button", name="Importa").click()
    dialog = page.get_by_role("dialog")
    table = "Quando aprite?,Alle otto.\nFate corsi di lettura?,Sì (di sera).\n"
    await page.locator("input[type=file]").set_input_files(
        {"name": "faq.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    await dialog.get_by_role("button", name="Anteprima").click()
    await dialog.get_by_text("Trovate 2 domande").wait_for()
    await dialog.get_by_text("uguale a orari").wait_for()
    await dialog.get_by_text("brackets became commas").wait_for()
    await page.wait_for_timeout(250)  # the dialog has faded in: colours are what they will be
    assert await barriers(page) == []
    await dialog.get_by_role("button", name="Crea 2 bozze").click()
    await page.get_by_text("4 di 4").wait_for()
    await page.get_by_role("combobox", name="Stato").click()
    await page.get_by_role("option", name="bozza").click()
    await page.get_by_role("button", name="Pubblica 2 bozze").click()
    await page.get_by_role("dialog").get_by_role("button", name="Pubblica").click()
    await page.get_by_role("dialog").get_by_text("is also in article").wait_for()
    await page.get_by_role("dialog").get_by_role("button", name="Annulla").click()
    await page.get_by_role("row").filter(has_text="quando-aprite").get_by_role("link").click()
    await page.get_by_role("button", name="Scarta la bozza").click()
    await page.get_by_role("dialog").get_by_role("button", name="Scarta la bozza").click()
    await page.get_by_text("3 di 3").wait_for()
    assert [draft.document.name for draft in Revisions(place.revisions).drafts("article")] == ["fate-corsi-di-lettura"]


async def test_what_was_asked_in_vain_is_answered_with_one_click(place: Place, pages: Any) -> None:
    for question in ("c'è un posto per l'auto", "posso fare una tessera"):
        await asked_in_vain(place, question)
    page = await writer_at(place, pages, "/console/knowledge?tab=review", viewport=DESKTOP)
    await page.get_by_text("2 domande senza risposta in 2 chiamate").wait_for()
    assert await barriers(page) == []
    card = page.get_by_role("article", name="posso fare una tessera")
    await card.get_by_role("button", name="Ignora").click()
    await page.get_by_text("1 domanda senza risposta in 2 chiamate").wait_for()
    card = page.get_by_role("article", name="c'è un posto per l'auto")
    await card.get_by_role("button", name="Aggiungi a «il parcheggio»").click()
    await page.get_by_text("Nessuna domanda rimasta senza risposta").wait_for()
    assert place.answer("c'è un posto per l'auto") == ("answer", "posti")


async def asked_in_vain(place: Place, question: str) -> None:
    began = datetime.now(UTC) - timedelta(hours=2)
    note = {"kind": "Note", "topic": "no_match", "values": {"text": question, "band": "reject"}}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("call.started", {"line": "uno", "language": "it", "caller": "+39051000001"}),
        ("dialog.event", {"kind": "CallerSaid", "text": question}),
        ("dialog.event", {"kind": "LookedUp", "text": question, "band": "reject", "candidates": []}),
        ("dialog.action", note),
        ("call.ended", {"reason": "caller_hung_up"}),
    ]
    entries = [
        Entry(kind, payload, at * 1000, "system", occurred_at=began + timedelta(seconds=at))
        for at, (kind, payload) in enumerate(steps)
    ]
    await place.house.journal.append(new_id(), entries)


async def test_what_the_articles_cover(place: Place, pages: Any) -> None:
    await place.house.an_answered_call(said="Quando aprite?")
    await asked_in_vain(place, "posso fare una tessera")
    await Deriving(place.house.journal, place.house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    page = await writer_at(place, pages, "/console/knowledge?tab=coverage", viewport=DESKTOP)
    await page.get_by_text("Ha trovato una risposta il 50% delle domande (2 in tutto).").wait_for()
    await page.get_by_text("1 articolo di 2 non è mai stato detto.").wait_for()
    rows = page.get_by_role("table", name="Copertura").get_by_role("row")
    shown = [await rows.nth(at).locator("th, td").all_inner_texts() for at in (1, 2)]
    assert [row[:2] for row in shown] == [["gli orari", "1"], ["il parcheggio", "0"]]
    assert await barriers(page) == []
    await page.get_by_role("link", name="Come cambia nel tempo").click()
    await page.get_by_role("combobox", name="Numero").wait_for()
