"""Queues and calendars of a flow as forms: they end up in its draft, with what the check says at each field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialogs.loading import read_flowbook
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.console.pages.test_flows import BOOK, BOOKSHOP, PAGE, parts_of

pytestmark = built

SIDE = f"{PAGE}?side=queues"


@pytest.fixture
async def console_parts(tmp_path: Path) -> dict[str, Any]:
    return await parts_of(tmp_path, "shipping.yaml")


async def opened(live: Any, pages: Any, path: str = SIDE, role: str = "flow-admin", **settings: Any) -> Any:
    session = await live.house.session("anna", role)
    page = await pages.page_of(live, session, path, **{"viewport": DESKTOP, **settings})
    return page


async def write(page: Any, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    await field.fill(value)
    await field.blur()


async def draft_of(page: Any, live: Any) -> str:
    await page.get_by_role("button", name="Salva la bozza").click()
    await page.get_by_text("Bozza salvata.").first.wait_for()
    return str(await (await page.request.get(f"{live.url}/api/flowbooks/{BOOK}/text?state=draft")).text())


async def test_a_queue_gets_hours_and_is_kept_where_steps_and_articles_name_it(live: Any, pages: Any) -> None:
    await live.house.session("carlo", "operator", ("ordini",))
    page = await opened(live, pages)
    await page.get_by_role("row", name="ordini").get_by_text("a posto").wait_for()
    assert await barriers(page) == []
    await page.get_by_role("button", name="Aggiungi un calendario").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Nome").fill("Ufficio")
    await dialog.get_by_role("button", name="Aggiungi").click()
    await dialog.get_by_text("Minuscole, cifre e _, cominciando").wait_for()
    await dialog.get_by_label("Nome").fill("ufficio")
    await dialog.get_by_role("button", name="Aggiungi").click()
    await write(page, "Venerdì", "9-12")

    await page.get_by_role("button", name="← Code e orari").click()
    await page.get_by_role("button", name="Modifica ordini").click()
    await page.get_by_text("1 operatore risponde a questa coda per nome").wait_for()
    await page.get_by_label("Orari", exact=True).select_option("ufficio")
    form = page.get_by_role("region", name="ordini")
    await form.get_by_text("the queue has hours, but no when_closed").wait_for()
    await page.get_by_label("Quando è chiusa", exact=True).select_option("more_help")
    await write(page, "Attesa massima", "90")
    await write(page, "Priorità", "")
    assert await barriers(page) == []

    await page.get_by_role("button", name="Togli la coda").click()
    await dialog.get_by_text("flows.order_status.1.then.1.handoff").wait_for()
    await dialog.get_by_text("Un articolo passa le chiamate a questa coda").wait_for()
    assert await dialog.get_by_role("button", name="Togli la coda").count() == 0
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Cambia nome").click()
    await dialog.get_by_text("1 utente risponde a questa coda per nome").wait_for()
    await dialog.get_by_text("change-address").wait_for()
    await page.keyboard.press("Escape")

    text = await draft_of(page, live)
    before = (BOOKSHOP / "flowbook.yaml").read_text(encoding="utf-8")
    book = read_flowbook(text)
    queue = book.queues["ordini"]
    assert (queue.calendar, queue.when_closed, queue.max_wait, queue.priority) == ("ufficio", "more_help", 90_000, 0)
    assert [str(span) for span in book.calendars["ufficio"].week["fri"]] == ["09:00-12:00"]
    differs = set(text.splitlines()) - set(before.splitlines())
    assert "calendars:" in differs
    assert all("ufficio" in line or line == "calendars:" for line in differs), "nothing else was written anew"
    await page.locator("button:enabled").filter(has_text="Pubblica").wait_for()


async def test_a_new_queue_is_undone_renamed_and_removed_on_a_phone_in_the_dark(live: Any, pages: Any) -> None:
    page = await opened(live, pages, viewport=PHONE, color_scheme="dark")
    await page.get_by_role("button", name="Aggiungi una coda").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Nome").fill("notte")
    await dialog.get_by_role("button", name="Aggiungi").click()
    await page.get_by_role("heading", name="notte").wait_for()
    await page.get_by_text("Nessun operatore risponde").wait_for()
    await page.get_by_label("Competenze").first.fill("inglese")
    await page.keyboard.press("Enter")
    await write(page, "Offre una richiamata dopo", "20")
    await page.get_by_label("Si può entrare anche se nessun operatore lavora").check()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await page.get_by_role("tab", name="YAML").click()
    await page.locator(
        ".cm-line", has_text="notte: {max_wait: 180s, skills: [inglese], callback_after: 20s, join_empty: true}"
    ).wait_for()
    await page.get_by_role("button", name="Annulla la modifica").click()
    await page.locator(".cm-line", has_text="callback_after: 20s}").first.wait_for()
    await page.get_by_role("tab", name="Code e orari").click()
    await page.get_by_role("button", name="Cambia nome").click()
    await dialog.get_by_label("Nome").fill("sera")
    await dialog.get_by_role("button", name="Cambia nome").click()
    await page.get_by_role("heading", name="sera").wait_for()
    assert await page.get_by_role("heading", name="notte").count() == 0
    await page.get_by_role("button", name="Togli la coda").click()
    await dialog.get_by_role("button", name="Togli la coda").click()
    await page.get_by_role("button", name="Modifica ordini").wait_for()
    assert await page.get_by_role("button", name="Modifica sera").count() == 0
    assert await fits_the_width(page)


async def test_settings_name_the_queues_of_each_flow_and_lead_to_them(live: Any, pages: Any) -> None:
    page = await opened(live, pages, "/console/settings", viewport=PHONE, color_scheme="dark")
    await page.get_by_role("tab", name="Code").click()
    row = page.get_by_role("table", name="Code").get_by_role("row").filter(has_text=BOOK)
    await row.get_by_text("assistenza, ordini").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await row.get_by_role("link", name=f"Code e orari di {BOOK}").click()
    await page.get_by_role("tab", name="Code e orari", selected=True).wait_for()
    await page.get_by_role("button", name="Modifica ordini").wait_for()


async def test_who_cannot_edit_flows_is_told_in_the_settings_who_can(live: Any, pages: Any) -> None:
    page = await opened(live, pages, "/console/settings?section=queues", role="sysadmin")
    await page.get_by_role("note").get_by_text("Occorre il ruolo «Autore dei flussi»").wait_for()
    assert await page.get_by_role("table", name="Code").count() == 0
    assert await barriers(page) == []
    await page.get_by_role("note").get_by_role("link", name="Utenti").click()
    await page.get_by_role("heading", name="Utenti", level=1).wait_for()
