"""The application under `/console` in a real browser: its frame, users, and one's own account."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pyotp

from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width

pytestmark = built


async def test_the_frame_leads_to_what_ones_roles_allow(live: Any, pages: Any) -> None:
    operator = await live.house.session("anna", "operator")
    page = await pages.page_of(live, operator, "/console", viewport=PHONE)
    await page.get_by_role("heading", name="Salve, Anna").wait_for()
    await page.get_by_role("button", name="Apri o chiudi il menu").click()
    menu = page.get_by_role("navigation", name="Pagine")
    await menu.get_by_role("link", name="Postazione").wait_for()
    assert await menu.get_by_role("link", name="Utenti").count() == 0
    assert await barriers(page) == []
    await page.goto(f"{live.url}/console/users")
    await page.get_by_text("Serve uno di questi ruoli: Amministratore di sistema.").wait_for()
    await page.goto(f"{live.url}/console/nowhere")
    await page.get_by_role("heading", name="Questa pagina non esiste", level=1).wait_for()
    await page.get_by_role("button", name="EN: Switch").click()
    await page.get_by_role("heading", name="There is no such page", level=1).wait_for()
    assert await page.evaluate("document.documentElement.lang") == "en"
    assert await barriers(page) == []


async def test_signing_in_leads_back_and_a_session_that_ends_leads_to_the_sign_in(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "sysadmin")
    context = await pages.context()
    page = await context.new_page()
    await page.goto(f"{live.url}/console/users")
    await page.wait_for_url("**/signin?next=/console/users")
    await page.get_by_label("Nome utente").fill("paola")
    await page.get_by_label("Password").fill(live.house.password)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Utenti").wait_for()
    await page.get_by_role("button", name="Paola: account e uscita").click()
    await page.get_by_role("menuitem", name="Il mio account").click()
    await page.wait_for_url("**/console/account")
    begin = page.get_by_role("button", name="Attiva")
    await begin.wait_for()
    await live.house.accounts.set_disabled("paola", True)
    await begin.click()
    await page.wait_for_url("**/signin?next=%2Fconsole%2Faccount")
    assert session.account.name == "paola"


async def test_who_only_looks_after_the_system_lands_where_there_is_something_for_them(live: Any, pages: Any) -> None:
    link = await live.house.accounts.create_account("paola", "Paola", ["sysadmin"])
    page = await (await pages.context()).new_page()
    await page.goto(link.url(live.url))
    await page.get_by_label("Nuova password").fill(live.house.password)
    await page.get_by_label("Conferma della password").fill(live.house.password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console")
    await page.get_by_role("main").get_by_role("link", name="Utenti").click()
    await page.get_by_role("rowheader", name="Paola").wait_for()


async def test_a_page_whose_files_are_gone_says_to_reload_and_the_others_work(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "admin")
    page = await pages.page_of(live, session, "/console/account", viewport=DESKTOP)
    await page.get_by_role("button", name="Attiva").wait_for()
    await page.route("**/assets/UsersPage-*.js", lambda route: route.abort())
    await page.get_by_role("link", name="Utenti").click()
    await page.get_by_text("Il centralino è stato aggiornato").wait_for()
    assert await barriers(page) == []
    assert all("dynamically imported module" in error for error in pages.errors)
    pages.errors.clear()  # React tells of an error that the page caught
    await page.get_by_role("link", name="Andamento").click()
    await page.get_by_role("heading", name="Andamento").wait_for()
    await page.unroute("**/assets/UsersPage-*.js")
    await page.get_by_role("link", name="Utenti").click()
    await page.get_by_role("button", name="Ricarica la pagina").click()
    await page.get_by_role("rowheader", name="Paola").wait_for()
    pages.errors.clear()


async def test_a_sysadmin_adds_a_user_who_signs_in_with_the_link(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "sysadmin")
    page = await pages.page_of(live, session, "/console/users", viewport=DESKTOP)
    await page.get_by_role("button", name="Aggiungi un utente").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Nome utente").fill("paola")
    await dialog.get_by_label("Nome mostrato").fill("Anna Bianchi")
    await dialog.get_by_label("Code").fill("ordini")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Crea l'utente").click()
    await dialog.get_by_text("Questo nome utente c'è già").wait_for()
    assert await barriers(page) == []
    await dialog.get_by_label("Nome utente").fill("anna")
    await dialog.get_by_role("button", name="Crea l'utente").click()
    field = page.get_by_label("Link da usare una volta")
    await field.wait_for()
    address = await field.input_value()
    assert address.startswith(f"{live.url}/welcome?token=")
    await page.get_by_role("button", name="Fatto").click()
    row = page.get_by_role("row", name="Anna Bianchi")
    await row.get_by_text("deve scegliere la password").wait_for()
    await row.get_by_text("ordini").wait_for()
    assert address.partition("=")[2] not in await page.content()

    other = await (await pages.context()).new_page()
    await other.goto(address)
    await other.get_by_label("Nuova password").fill(live.house.password)
    await other.get_by_label("Conferma della password").fill(live.house.password)
    await other.keyboard.press("Enter")
    await other.wait_for_url("**/console/desk")


async def test_roles_change_and_who_is_disabled_cannot_come_in(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "admin")
    await live.house.session("anna", "operator", ("ordini",))
    page = await pages.page_of(live, session, "/console/users", viewport=PHONE, color_scheme="dark")
    row = page.get_by_role("row", name="Anna")

    async def choose(action: str) -> None:
        await row.get_by_role("button", name="Azioni per Anna").click()
        await page.get_by_role("menuitem", name=action).click()

    for menu, item in (("Azioni per Anna", "Cambia ruoli, code e competenze"), ("Paola: account e uscita", "Esci")):
        await page.get_by_role("button", name=menu, exact=True).click()
        await page.get_by_role("menuitem", name=item).wait_for()
        assert await barriers(page) == []
        await page.keyboard.press("Escape")
        await page.get_by_role("menuitem", name=item).wait_for(state="detached")
    await choose("Cambia ruoli, code e competenze")
    await page.get_by_label("Operatore").uncheck()
    await page.get_by_role("button", name="Salva").click()
    await page.get_by_text("Scelga almeno un ruolo.").wait_for()
    await page.get_by_label("Supervisore").check()
    await page.get_by_role("button", name="Salva").click()
    await page.get_by_role("status").get_by_text("Ruoli, code e competenze di Anna salvati.").wait_for()
    await row.get_by_text("Supervisore").wait_for()
    assert (await live.house.accounts.known("anna")).roles == ("supervisor",)

    await choose("Disabilita")
    await page.get_by_role("dialog").get_by_role("button", name="Disabilita").click()
    await row.get_by_text("disabilitato").wait_for()
    assert (await live.house.accounts.known("anna")).disabled
    await choose("Riabilita")
    await page.get_by_role("dialog").get_by_role("button", name="Riabilita").click()
    await row.get_by_text("attivo", exact=True).wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await page.get_by_role("button", name="Azioni per Paola").click()
    await page.get_by_role("menuitem", name="Cambia ruoli, code e competenze").wait_for()
    assert await page.get_by_role("menuitem", name="Disabilita").count() == 0


async def test_a_second_factor_from_the_picture_to_its_end(live: Any, pages: Any, clock: Any) -> None:
    session = await live.house.session("anna", "operator")
    page = await pages.page_of(live, session, "/console/account", viewport=PHONE)
    await page.get_by_role("button", name="Attiva").click()
    picture = page.get_by_alt_text("QR per l'app dei codici")
    await picture.wait_for()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert await barriers(page) == []
    secret = (await page.locator("code").inner_text()).replace(" ", "")
    phone = pyotp.TOTP(secret)
    await page.get_by_label("Codice a sei cifre").fill("12345x")
    await page.get_by_role("button", name="Conferma").click()
    await page.get_by_text("Il codice non corrisponde.").wait_for()
    await page.get_by_label("Codice a sei cifre").fill(phone.at(clock()))
    await page.get_by_role("button", name="Conferma").click()
    await page.get_by_role("list", name="Codici di carta").wait_for()
    papers = await page.get_by_role("list", name="Codici di carta").get_by_role("listitem").all_inner_texts()
    assert len(set(papers)) == 10
    assert await barriers(page) == []
    await page.get_by_role("button", name="Li ho salvati").click()
    await page.get_by_text("Codici di carta rimasti: 10 su 10.").wait_for()
    assert papers[0] not in await page.content()

    await page.get_by_role("button", name="Disattiva il secondo fattore").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Password").fill("non questa password")
    await dialog.get_by_label("Codice").fill(papers[1])
    await dialog.get_by_role("button", name="Disattiva", exact=True).click()
    await dialog.get_by_text("La password o il codice non sono corretti.").wait_for()
    await dialog.get_by_role("textbox", name="Password").fill(live.house.password)
    await dialog.get_by_role("button", name="Disattiva", exact=True).click()
    await page.get_by_text("Si accede con la sola password.").wait_for()
    assert not (await live.house.accounts.known("anna")).second_factor


async def test_an_answer_that_is_an_error_is_put_into_words_with_what_to_do(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "sysadmin")
    page = await pages.page_of(live, session, "/console/account", viewport=DESKTOP)
    await page.get_by_role("button", name="Attiva").wait_for()
    await live.house.accounts.set_roles("paola", ["operator"])
    await page.get_by_role("link", name="Utenti").click()
    await page.get_by_text("Questo account non ha il ruolo che serve").wait_for()
    assert await barriers(page) == []
    await live.house.accounts.set_roles("paola", ["sysadmin"])
    await page.get_by_role("button", name="Riprova").click()
    await page.get_by_role("rowheader", name="Paola").wait_for()


async def test_a_page_that_waits_for_its_data_says_so(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "sysadmin")
    page = await pages.page_of(live, session, "/console/account", viewport=DESKTOP)
    await page.get_by_role("button", name="Attiva").wait_for()
    go_on = asyncio.Event()

    async def late(route: Any) -> None:
        await go_on.wait()
        await route.continue_()

    await page.route("**/api/accounts", late)
    await page.get_by_role("link", name="Utenti").click()
    await page.get_by_role("status", name="Caricamento…").wait_for()
    assert await barriers(page) == []
    go_on.set()
    await page.get_by_role("rowheader", name="Paola").wait_for()


async def test_the_first_page_is_there_soon_and_light(live: Any, pages: Any) -> None:
    session = await live.house.session("anna", "operator")
    context = await pages.context()
    await context.add_cookies([{"name": "centralino", "value": session.token, "url": live.url}])
    page = await context.new_page()
    sent: list[int] = []

    async def weigh(response: Any) -> None:
        if response.url.endswith(".js"):
            sent.append(int(response.headers["content-length"]))

    page.on("response", weigh)
    since_s = time.monotonic()
    await page.goto(f"{live.url}/console/account")
    await page.get_by_role("heading", name="Il mio account").wait_for()
    assert len(sent) > 1
    assert sum(sent) < 300_000, f"{sum(sent)} bytes of script after {time.monotonic() - since_s:.1f} s"
