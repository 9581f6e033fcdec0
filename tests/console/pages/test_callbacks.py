"""The page of the call-backs in a real browser: due, taken, done, and whose."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width

pytestmark = built


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
async def test_a_supervisor_sees_who_is_to_be_called_back_who_has_it_and_who_did_it(
    live: Any, pages: Any, viewport: Any, scheme: str
) -> None:
    call = await live.house.a_callback_call(caller=live.house.xss)
    await live.house.a_callback_call("resi")
    sara = await live.house.session("sara", "supervisor")
    anna = await live.house.session("anna", "operator", ("ordini",))
    theirs = {"viewport": viewport, "color_scheme": scheme}
    page = await pages.page_of(live, sara, "/console/callbacks", **theirs)
    await page.get_by_role("heading", name="Richiamate", level=1).wait_for()
    due = page.get_by_role("list", name="Da richiamare").get_by_role("listitem")
    await due.nth(1).wait_for()
    assert await due.count() == 2
    await due.filter(has_text="+393339998888").get_by_text("resi").wait_for()
    assert await barriers(page) == []
    assert await fits_the_width(page)

    operators = await pages.page_of(live, anna, "/console/callbacks", **theirs)
    mine = operators.get_by_role("list", name="Da richiamare").get_by_role("listitem")
    await mine.get_by_role("button", name=f"Prendo io: {live.house.xss}").click()
    await operators.get_by_text("Nessuno da richiamare").wait_for()  # of their queue

    await page.get_by_role("tab", name="Prese in carico").click()
    await page.reload()  # the address says what is shown
    taken = page.get_by_role("list", name="Prese in carico").get_by_role("listitem")
    await taken.get_by_text("Se ne occupa Anna").wait_for()
    assert await taken.get_by_role("button").count() == 0
    await taken.get_by_text("ordine: 12345").wait_for()

    await operators.get_by_role("tab", name="Prese in carico").click()
    await operators.get_by_role("button", name="Fatto:").click()
    await operators.get_by_text("Nessuna richiamata presa in carico").wait_for()
    await page.get_by_role("tab", name="Fatte").click()
    done = page.get_by_role("list", name="Fatte").get_by_role("listitem")
    await done.get_by_text("Fatta da Anna").wait_for()
    assert await barriers(page) == []
    assert await fits_the_width(page)
    assert await page.locator("main script, main img").count() == 0
    await done.get_by_role("link").click()
    await page.wait_for_url(f"**/console/history/calls/{call}")
    assert [one.queue for one in await live.house.timeline.callbacks()] == ["resi"]


async def test_who_takes_no_calls_is_not_led_there(live: Any, pages: Any) -> None:
    session = await live.house.session("ugo", "flow-admin")
    page = await pages.page_of(live, session, "/admin", viewport=DESKTOP)
    await page.wait_for_url("**/console/history")
    menu = page.get_by_role("navigation", name="Pagine")
    await menu.get_by_role("link", name="Storico").wait_for()
    assert await menu.get_by_role("link", name="Richiamate").count() == 0
    await page.goto(f"{live.url}/console/callbacks")
    await page.get_by_role("heading", name="Questa pagina è per altri", level=1).wait_for()
