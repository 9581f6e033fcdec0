"""The page of webhooks in a real browser, with another system that is really told."""

from __future__ import annotations

import sqlite3
from typing import Any

from history.webhooks.store import Webhooks
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width

pytestmark = built


async def added(page: Any, url: str) -> str:
    """The secret of a new address that is told when calls start."""
    await page.get_by_role("button", name="Aggiungi un indirizzo").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Indirizzo").fill(url)
    await dialog.get_by_label("Descrizione").fill("il CRM")
    types = dialog.get_by_label("Eventi")
    for _ in range(7):
        await types.press("Backspace")
    await types.press("Tab")  # closes what there is to choose from
    await dialog.get_by_role("button", name="Aggiungi", exact=True).click()
    await dialog.get_by_text("Scelga almeno un tipo di evento.").wait_for()
    await types.fill("call.started")
    await types.press("Enter")
    await types.press("Tab")
    assert await barriers(page) == []
    await dialog.get_by_role("button", name="Aggiungi", exact=True).click()
    field = page.get_by_role("textbox", name="Segreto")
    await field.wait_for()
    secret: str = await field.input_value()
    await page.get_by_role("button", name="Fatto").click()
    return secret


async def choose(page: Any, action: str) -> None:
    await page.get_by_role("button", name="Azioni per").click()
    await page.get_by_role("menuitem", name=action).click()


async def given_up(live: Any) -> bool:
    """Once a message waits for its next try: as after the last of them, three days later."""
    [message] = await Webhooks(live.house.timeline, live.house.journal).deliveries(None, None, 1, None)
    if message.attempts and message.state == "pending":
        with sqlite3.connect(live.house.journal.path) as database:
            database.execute("UPDATE webhook_delivery SET state = 'dead'")
    return bool(message.state == "dead")


async def test_a_system_is_told_loses_messages_and_gets_them_again(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "sysadmin")
    page = await pages.page_of(live, session, "/console/webhooks", viewport=DESKTOP)
    await page.get_by_role("heading", name="Nessun sistema viene avvisato").wait_for()
    secret = await added(page, f"{live.url}/hook")
    assert secret.startswith("whsec_")
    assert secret not in await page.content()
    row = page.get_by_role("row", name="il CRM")
    await row.get_by_text("attivo", exact=True).wait_for()
    await choose(page, "Manda una prova")
    await page.get_by_text("Accettata: ha risposto 204.").wait_for()
    assert live.hook.told[0][1]["type"] == "webhook.test"

    live.hook.answers = 410
    await live.house.an_answered_call()
    await pages.until(lambda: len(live.hook.told) == 2)
    await pages.until(lambda: given_up(live))
    await page.reload()
    await row.get_by_text("disattivato").wait_for()
    lost = page.get_by_role("table", name="Messaggi a cui si è rinunciato")
    await lost.get_by_role("rowheader", name="call.started").wait_for()
    assert await barriers(page) == []

    live.hook.answers = 204
    await choose(page, "Riattiva")
    await row.get_by_text("attivo", exact=True).wait_for()
    await page.get_by_role("button", name="Invia tutto di nuovo").click()
    await page.get_by_text("Un messaggio riparte.").wait_for()
    await pages.until(lambda: len(live.hook.told) == 3)
    assert live.hook.told[1][1] == live.hook.told[2][1]


async def test_a_secret_changes_and_an_address_goes_on_a_phone(live: Any, pages: Any) -> None:
    session = await live.house.session("paola", "sysadmin")
    page = await pages.page_of(live, session, "/console/webhooks", viewport=PHONE, color_scheme="dark")
    await page.get_by_role("heading", name="Nessun sistema viene avvisato").wait_for()
    first = await added(page, f"{live.url}/hook")
    assert await fits_the_width(page)
    await choose(page, "Cambia il segreto")
    await page.get_by_role("dialog").get_by_role("button", name="Cambia il segreto").click()
    field = page.get_by_role("textbox", name="Segreto")
    await field.wait_for()
    assert await field.input_value() not in ("", first)
    await page.get_by_role("button", name="Fatto").click()
    assert await barriers(page) == []
    await choose(page, "Togli")
    await page.get_by_role("dialog").get_by_role("button", name="Togli").click()
    await page.get_by_role("heading", name="Nessun sistema viene avvisato").wait_for()
