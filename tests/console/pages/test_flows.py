"""The page Flows: a text is changed in the graph's form, an error stands at node and line, the fix is published."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from centralino.article_publishing import ArticlePublishing
from centralino.company import load_company
from centralino.flow_shelf import ServedFlows
from centralino.publishing import Publishing
from centralino.rehearsing import ServedRehearsing
from centralino.reloading import Reloading
from centralino.served_articles import ServedArticles
from history import Entry, Journal, Timeline
from history.deriving.worker import Deriving
from knowledge.revisions import Revisions
from telephony.errands import Errands
from telephony.lines import Lines
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore
from voice.speaking.prompts import Speaker

pytestmark = built

BOOKSHOP = Path(__file__).parents[3] / "samples" / "bookshop"
BOOK = "libreria_portici"
PAGE = f"/console/flows/{BOOK}"


async def nothing(*_: object) -> Any:
    return SimpleNamespace(failed=(), made=0)


@pytest.fixture
async def console_parts(tmp_path: Path) -> dict[str, Any]:
    return await parts_of(tmp_path)


async def parts_of(tmp_path: Path, articles: str = "*.yaml") -> dict[str, Any]:
    """The sample company's flowbook, published where calls would be answered from. articles: those of its files that it
    has; each check reads them all."""
    folder = tmp_path / "company"
    folder.mkdir()
    line = '[[lines]]\nid = "libreria"\nnumber = "+390510000001"\nlanguage = "it"\n'
    (folder / "company.toml").write_text(f'name = "Prova"\n{line}')
    shutil.copy(BOOKSHOP / "flowbook.yaml", folder)
    (folder / "articles").mkdir()
    for one in (BOOKSHOP / "articles").glob(articles):
        shutil.copy(one, folder / "articles")
    revisions = Revisions(tmp_path / "revisions.db")
    publishing = Publishing(folder, revisions)
    company = load_company(folder, None, revisions)
    served: list[Lines] = []
    reloading = Reloading(
        folder, company, publishing,
        cast(Recognizers, SimpleNamespace(choice=lambda language: EngineChoice("it", "whisper", "whisper-base", ""))),
        cast(Speaker, SimpleNamespace(add=lambda voices: None, prerender=nothing, warm_up=nothing)),
        ModelStore(tmp_path), served.append, tmp_path / "lines.json",
    )  # fmt: skip
    await reloading.begin()
    shelf = ServedFlows(publishing, reloading)
    return {
        "flow_shelf": shelf, "rehearsing": ServedRehearsing(publishing, lambda: company, Errands()),
        "article_shelf": ServedArticles(ArticlePublishing(folder, revisions), reloading),
    }  # fmt: skip


async def opened(live: Any, pages: Any, path: str = PAGE, **settings: Any) -> Any:
    session = await live.house.session("anna", "flow-admin")
    page = await pages.page_of(live, session, path, **{"viewport": DESKTOP, **settings})
    if path == PAGE:
        await page.get_by_role("button", name="Ascolta Come posso aiutarla?").wait_for()
    return page


async def saved_draft(page: Any, live: Any) -> str:
    """The draft's text once it was saved."""
    async with page.expect_response(lambda answer: answer.url.endswith("/draft")):
        await page.get_by_role("button", name="Salva la bozza").click()
    answer = await page.request.get(f"{live.url}/api/flowbooks/{BOOK}/text", params={"state": "draft"})
    return str(await answer.text())


async def test_from_the_list_to_a_published_change(live: Any, pages: Any) -> None:
    page = await opened(live, pages, "/console/flows")
    row = page.get_by_role("row", name=BOOK)
    await row.get_by_text("nessun errore").wait_for()
    assert await barriers(page) == []
    await row.get_by_role("link", name=BOOK).click()
    node = page.get_by_role("button", name="Ascolta Come posso aiutarla?")
    await node.press("Enter")
    form = page.get_by_role("region", name="Passo scelto")
    field = form.get_by_role("group", name="Testo how_can_i_help").get_by_label("italiano")
    await field.fill("In che cosa posso {aiutarla}?")
    await field.blur()

    # What is wrong stands at the node, at its line, and keeps it from being published.
    wrong = page.get_by_role("button", name="Ascolta 1 errore")
    await wrong.wait_for()
    problems = page.get_by_role("list", name="Errori e avvisi")
    await problems.get_by_text("nothing fills {aiutarla}").wait_for()
    editor = page.get_by_role("textbox", name=f"YAML di {BOOK}")
    await problems.get_by_role("button", name="riga").first.click()
    line = page.locator(".cm-line", has_text='it: "In che cosa posso {aiutarla}?"')
    await line.locator(".cm-lintRange-error").wait_for()
    await page.locator(".cm-lint-marker-error").wait_for()
    publish = page.get_by_role("button", name="Pubblica", exact=True)
    assert await publish.is_disabled()
    assert await barriers(page) == []

    # Undone, then written better in the YAML itself: comments and all else stay.
    await page.get_by_role("button", name="Annulla la modifica").click()
    await page.get_by_role("button", name="Ascolta Come posso aiutarla?").wait_for()
    await page.get_by_role("button", name="Ripeti").click()
    await wrong.wait_for()
    await editor.press("End")
    await page.get_by_role("button", name="Annulla la modifica").click()
    await field.fill("In che cosa posso esserle utile?")
    await field.blur()
    await page.get_by_role("button", name="Ascolta In che cosa posso esserle utile?").wait_for()
    await page.get_by_text("modifiche non salvate").wait_for()
    await page.get_by_role("button", name="Salva la bozza").click()
    await page.get_by_role("status").get_by_text("Bozza salvata.").wait_for()
    await publish.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("«In che cosa posso esserle utile?»").wait_for()
    await page.wait_for_timeout(250)  # the dialog has faded in
    assert await barriers(page) == []
    await dialog.get_by_label("Perché").fill("un saluto più gentile")
    await dialog.get_by_role("button", name="Pubblica").click()
    await page.get_by_text("in servizio: revisione 2").wait_for()
    await page.get_by_role("tab", name="Revisioni").click()
    await page.get_by_role("list", name="Revisioni").get_by_text("un saluto più gentile").wait_for()
    text = (await page.request.get(f"{live.url}/api/flowbooks/{BOOK}/text")).text
    before = (BOOKSHOP / "flowbook.yaml").read_text(encoding="utf-8")
    assert await text() == before.replace("it: Come posso aiutarla?", "it: In che cosa posso esserle utile?", 1)

    # And back.
    await page.get_by_role("button", name="Confronta la revisione 1").click()
    await dialog.get_by_text("«Come posso aiutarla?»").wait_for()
    await dialog.get_by_role("button", name="Rimetti in servizio").click()
    await page.get_by_text("in servizio: revisione 3").wait_for()


async def test_a_step_is_added_tried_in_the_simulator_and_its_way_is_lit(live: Any, pages: Any) -> None:
    page = await opened(live, pages)
    await page.get_by_role("button", name="Dice Il suo ordine è stato spedito").press("Enter")
    form = page.get_by_role("region", name="Passo scelto")
    await form.get_by_role("button", name="+ Dice").click()
    await form.get_by_label("Che cosa dice").fill("Buona lettura!")
    await form.get_by_role("button", name="Aggiungi").click()
    await page.get_by_role("button", name=re.compile("Dice .*Buona lettura!")).wait_for()
    await page.get_by_role("tab", name="Simulatore").click()
    await page.get_by_role("button", name="Inizia").click()
    log = page.get_by_role("log", name="Conversazione simulata")
    await log.get_by_text("Come posso aiutarla?").wait_for()
    await page.get_by_role("button", name="Ascolta qui Come posso aiutarla?").wait_for()
    said = page.get_by_label("Chi chiama dice")
    for words in ("dov'è il mio ordine", "412345", "sì"):
        await said.fill(words)
        await page.get_by_role("button", name="Invia").click()
        await log.get_by_text(words, exact=True).wait_for()
    await log.get_by_text("Buona lettura!").wait_for()
    assert await barriers(page) == []

    # The call becomes a test of the draft, with a name of its own, and is run at once; undone, it is gone.
    name, save = page.get_by_label("Nome del test"), page.get_by_role("button", name="Salva come test")
    await name.fill("un ordine spedito, a voce")
    await save.click()
    await page.get_by_text("Un altro test ha già questo nome.").wait_for()
    await name.fill("buona lettura")
    await save.click()
    await page.get_by_text("Il test «buona lettura» è nella bozza").wait_for()
    report = page.get_by_role("tabpanel", name="Test", exact=True)
    await report.get_by_text(re.compile(r"^(\d+) su \1 riusciti")).wait_for()
    await report.get_by_role("listitem").filter(has_text="riuscito").filter(has_text="buona lettura").wait_for()
    assert await barriers(page) == []
    written = await saved_draft(page, live)
    await page.get_by_role("button", name="Annulla la modifica").click()
    undone = await saved_draft(page, live)
    assert written.startswith(undone.rstrip())
    assert "buona lettura" not in undone
    assert "  - name: buona lettura\n    at: " in written
    for line in ("- {user: dov'è il mio ordine}", "- {said: anything_else}", "- {flow: more_help}"):
        assert line in written.removeprefix(undone.rstrip())
    await page.get_by_role("button", name="Scarta la bozza").click()
    await page.get_by_role("dialog").get_by_role("button", name="Scarta la bozza").click()
    await page.get_by_role("button", name="Dice Il suo ordine è stato spedito").wait_for()
    await page.get_by_role("button", name=re.compile("Dice .*Buona lettura!")).wait_for(state="detached")


async def test_who_was_slower_takes_the_others_changes_up_before_publishing(
    live: Any, pages: Any, console_parts: dict[str, Any]
) -> None:
    page = await opened(live, pages)
    await page.get_by_role("tab", name="Testi").click()
    text = page.get_by_label("please_tell, italiano")
    await text.fill("Dica pure.")
    await text.blur()
    before = (BOOKSHOP / "flowbook.yaml").read_text(encoding="utf-8")
    others = before.replace("it: Un momento.", "it: Un attimo.", 1)
    await console_parts["flow_shelf"].publish(BOOK, others, who="bruno", message="", base=1)

    async def publish() -> None:
        await page.get_by_role("button", name="Pubblica", exact=True).click()
        await page.get_by_role("dialog").get_by_label("Perché").fill("più breve")
        await page.get_by_role("dialog").get_by_role("button", name="Pubblica").click()

    await publish()
    await page.get_by_text("Qualcun altro ha salvato o pubblicato nel frattempo.").wait_for()
    await page.reload()
    await page.get_by_text("Questa bozza è nata dalla revisione 1; intanto è stata pubblicata la 2.").wait_for()
    await page.get_by_text("«Un attimo.»").wait_for()
    await page.get_by_role("tab", name="Testi").click()
    await page.get_by_label("one_moment, italiano").fill("Un attimo.")
    await page.get_by_role("button", name="Le ho riprese").click()
    await page.get_by_text("Questa bozza è nata").wait_for(state="detached")
    await publish()
    await page.get_by_text("in servizio: revisione 3").wait_for()
    published = await (await page.request.get(f"{live.url}/api/flowbooks/{BOOK}/text")).text()
    assert published == others.replace("it: Mi dica pure.", "it: Dica pure.", 1)


async def test_on_a_phone_in_the_dark_with_what_calls_did(
    live: Any, pages: Any, journal: Journal, timeline: Timeline
) -> None:
    text = (BOOKSHOP / "flowbook.yaml").read_text(encoding="utf-8")
    book = {"id": BOOK, "revision": hashlib.sha256(text.encode()).hexdigest()[:12]}
    began = Entry("call.started", {"line": "libreria", "language": "it", "caller": "", "flowbook": book})
    walked = Entry("dialog.walked", {"at": "flows.welcome.0", "steps": ["flows.welcome.0"]})
    ended = Entry("call.ended", {"reason": "caller_hung_up", "outcome": "abandoned"}, 9000)
    await journal.append("call", [began, walked, ended])
    await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()
    page = await opened(live, pages, viewport=PHONE, color_scheme="dark")
    await page.get_by_label("Chiamate degli ultimi 30 giorni").check()
    await page.get_by_text("1 chiamata con la revisione in servizio").wait_for()
    await page.get_by_role("button", name=re.compile("Ascolta 1 passata .*1 ha riagganciato")).wait_for()
    await page.get_by_role("button", name="Ascolta 0 passate").first.wait_for()
    await page.get_by_role("tab", name="Testi").click()
    await page.get_by_label("Cerca nei testi").fill("goodbye")
    await page.get_by_label("goodbye, italiano").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
