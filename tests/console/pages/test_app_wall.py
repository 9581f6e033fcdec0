"""The wall under `/console/wall` in a real browser: callers who wait at the real desk, and an operator on its page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from history import new_id
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.console.pages.test_desk import at_the_desk

pytestmark = built

PICTURES = os.environ.get("CENTRALINO_TEST_PICTURES", "")
"""A folder for what the pages look like, '' for none."""


async def the_wall(live: Any, pages: Any, **settings: Any) -> Any:
    session = await live.house.session("sara", "supervisor")
    page = await pages.page_of(live, session, "/console/wall", **{"viewport": DESKTOP, **settings})
    await page.get_by_role("heading", name="Sala", exact=True).wait_for()
    return page


async def picture(page: Any, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def test_who_waits_is_shown_as_it_happens_and_said(live: Any, pages: Any) -> None:
    desk = await at_the_desk(live, pages)
    wall = await the_wall(live, pages)
    tile = wall.get_by_role("group", name="In attesa", exact=True)
    await tile.get_by_text("0", exact=True).wait_for()
    assert await barriers(wall) == []
    first = await live.caller(new_id())
    await live.caller(new_id(), urgency="high")
    await tile.get_by_text("2", exact=True).wait_for()
    await tile.get_by_text("1 urgente").wait_for()
    queues = wall.get_by_role("table", name="Code")
    row = queues.get_by_role("row").filter(has=wall.get_by_role("rowheader", name="ordini"))
    await row.get_by_text("1 urgente").wait_for()
    await row.get_by_text("1 normale").wait_for()
    await row.get_by_text("nessuno libero").wait_for()
    operators = wall.get_by_role("table", name="Operatori")
    anna = operators.get_by_role("row").filter(has=wall.get_by_role("rowheader", name="Anna"))
    await anna.get_by_text("chiamata in arrivo").wait_for()
    await wall.get_by_role("status").filter(
        has_text="2 in attesa, 1 urgente; operatori disponibili: 0."
    ).wait_for(state="attached")  # fmt: skip
    level = wall.get_by_role("group", name="Livello di servizio oggi")
    await level.get_by_text("÷ (con risposta + abbandonate)").wait_for()
    await desk.get_by_role("button", name="Rispondi").click()
    await anna.get_by_text("in chiamata").wait_for()
    await tile.get_by_text("1", exact=True).wait_for()
    assert await barriers(wall) == []
    await picture(wall, "wall-1280-light")
    live.desk.goes_to_bot(first.call_id, "tessera")
    await anna.get_by_text("aspetta il bot").wait_for()
    await anna.get_by_text("Il bot ha la chiamata e poi la riporta qui.").wait_for()
    assert await barriers(wall) == []
    first.hang_up()
    await anna.get_by_text("dopo la chiamata").wait_for()


async def test_a_state_is_forced_and_an_operator_in_a_call_is_not_cut_off(live: Any, pages: Any) -> None:
    desk = await at_the_desk(live, pages)
    wall = await the_wall(live, pages)
    caller = await live.caller(new_id())
    await desk.get_by_role("button", name="Rispondi").click()
    await desk.get_by_role("heading", name="In chiamata con").wait_for()
    await wall.get_by_role("button", name="Cambia stato: Anna").click()
    await wall.get_by_role("radio", name="Fuori: la postazione si chiude").check()
    await wall.get_by_label("Motivo").fill("Fine turno")
    assert await barriers(wall) == []
    await wall.keyboard.press("Enter")
    await wall.get_by_text("Anna è in chiamata: lo stato cambia quando ha finito.").wait_for()
    await wall.get_by_text("poi fuori").wait_for()
    assert await desk.get_by_role("heading", name="In chiamata con").is_visible()
    caller.hang_up()
    await desk.get_by_role("button", name="Ho finito, sono disponibile").click()
    await desk.get_by_text("La postazione è stata chiusa da un supervisore.").wait_for()
    await desk.get_by_text("Un supervisore ha chiuso la postazione: Fine turno").wait_for()
    await wall.get_by_text("Nessun operatore al lavoro").wait_for()


async def test_who_waits_is_moved_to_the_front_and_to_another_queue(live: Any, pages: Any) -> None:
    await at_the_desk(live, pages)
    wall = await the_wall(live, pages)
    for _ in range(3):
        await live.caller(new_id())
    waiting = wall.get_by_role("table", name="In attesa, uno per uno")
    first = waiting.get_by_role("row").filter(has=wall.get_by_role("rowheader", name="1º in ordini"))
    await first.get_by_text("Anna").wait_for()  # it rings there
    await wall.get_by_role("button", name="Sposta: 3º in ordini").click()
    assert await wall.get_by_role("radio", name="A un operatore libero").is_disabled()
    assert await barriers(wall) == []
    await wall.get_by_role("dialog").get_by_role("button", name="Sposta", exact=True).click()
    await wall.get_by_text("Spostato.").wait_for()
    second = waiting.get_by_role("row").filter(has=wall.get_by_role("rowheader", name="2º in ordini"))
    await second.get_by_text("Anna").wait_for()  # who rang is the second now
    await wall.get_by_role("button", name="Sposta: 3º in ordini").click()
    await wall.get_by_role("radio", name="In un'altra coda").check()
    await wall.get_by_role("dialog").get_by_role("button", name="Sposta", exact=True).click()
    await waiting.get_by_role("rowheader", name="1º in resi").wait_for()
    moved = [one for one in live.desk.now().waiting if one.queue == "resi"]
    assert len(moved) == 1
    log = await live.house.timeline.events(moved[0].call_id)
    assert [(event.type, event.payload["queue"]) for event in log] == [("handoff.moved", "resi")]
    await picture(wall, "wall-waiting-1280-light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone_and_is_free_of_barriers(live: Any, pages: Any, scheme: str) -> None:
    await at_the_desk(live, pages)
    wall = await the_wall(live, pages, viewport=PHONE, color_scheme=scheme)
    await live.caller(new_id(), urgency="high", queue="una-coda-dal-nome-lungo-lungo-lungo")
    await live.caller(new_id(), urgency="low")
    await wall.get_by_text("1 senza fretta").wait_for()
    assert await fits_the_width(wall)
    assert await barriers(wall) == []
    await picture(wall, f"wall-390-{scheme}")


async def test_a_connection_that_breaks_is_said_and_comes_back(live: Any, pages: Any) -> None:
    wall = await the_wall(live, pages)
    await wall.get_by_text("Nessun operatore al lavoro").wait_for()
    for connection in list(live.server.server_state.connections):
        connection.transport.abort()
    await wall.get_by_text("Connessione persa").wait_for()
    await wall.get_by_text("Connessione persa").wait_for(state="detached")
    await at_the_desk(live, pages)
    await wall.get_by_role("rowheader", name="Anna").wait_for()
