"""The figures under `/console/dashboards` in a real browser, from calls of a real history."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from history.deriving.worker import Deriving
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.history.calls import ANSWERED, ended, entries, handed, said, started

pytestmark = built


async def after_some_calls(live: Any) -> None:
    for _ in range(2):
        await live.house.an_answered_call()
    await live.house.a_callback_call()
    await Deriving(live.house.journal, live.house.timeline, ZoneInfo("Europe/Rome")).catch_up()


async def test_each_figure_has_its_meaning_and_a_chart_with_its_table(live: Any, pages: Any) -> None:
    await after_some_calls(live)
    session = await live.house.session("sara", "supervisor")
    page = await pages.page_of(live, session, "/console/dashboards", viewport=DESKTOP)
    await page.get_by_role("heading", name="Chiamate, per giorno").wait_for()
    await page.locator("canvas").wait_for()
    table = page.get_by_role("table", name="Chiamate, per giorno")
    await table.get_by_role("cell", name="3", exact=True).first.wait_for()

    await page.get_by_role("button", name="Che cosa dice «Livello di servizio»", exact=True).click()
    meaning = page.get_by_role("dialog")
    await meaning.get_by_text("(con risposta entro T + abbandonate entro T) ÷ (con risposta + abbandonate)").wait_for()
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await meaning.wait_for(state="detached")

    await page.get_by_role("button", name="Mostra «Domande coperte» nel grafico").click()
    await page.get_by_label("Per", exact=True).select_option("Linea")
    table = page.get_by_role("table", name="Domande coperte, per linea")
    await table.get_by_role("rowheader", name="Libreria, clienti").wait_for()
    assert {"kpi=coverage", "by=line"} == set(page.url.partition("?")[2].split("&"))
    await page.reload()
    await table.get_by_role("rowheader", name="Libreria, clienti").wait_for()
    assert await barriers(page) == []

    async with page.expect_download() as waited:
        await page.get_by_role("link", name="Scarica CSV").click()
    download = await waited.value
    assert download.suggested_filename.startswith("kpis-")
    [row] = csv.DictReader(io.StringIO((await download.path()).read_text(encoding="utf-8")))
    assert (row["line"], float(row["calls"])) == ("it", 3.0)


async def after_calls_of_some_people(live: Any) -> None:
    """One who is answered and comes back with a return, angry; one who is handed over."""
    other = started(caller="+39051000002")
    angry = said("caller", "è una vergogna, voglio restituire il libro subito, è urgente")
    calls = (ANSWERED, (started(), angry, ended()), (other, *handed("desk", 12, 100)[1:]))
    now = datetime.now(UTC)
    for hours, call in zip((30, 2, 1), calls, strict=True):
        await live.house.journal.append(f"call-{hours}", entries(*call, began=now - timedelta(hours=hours)))
    await Deriving(live.house.journal, live.house.timeline, ZoneInfo("Europe/Rome")).catch_up()


async def downloaded(page: Any) -> list[dict[str, str]]:
    async with page.expect_download() as waited:
        await page.get_by_role("link", name="Scarica CSV").click()
    path = await (await waited.value).path()
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


async def test_funnel_topics_and_journeys_have_a_picture_a_table_a_definition_and_csv(live: Any, pages: Any) -> None:
    await after_calls_of_some_people(live)
    session = await live.house.session("sara", "supervisor")
    page = await pages.page_of(live, session, "/console/dashboards", viewport=PHONE)

    await page.get_by_role("tab", name="Imbuto").click()
    await page.get_by_role("img", name="L'imbuto del bot").locator("canvas").first.wait_for()
    table = page.get_by_role("table", name="L'imbuto del bot")
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Capite"))
    await row.locator("td[data-title='Chiamate']").filter(has_text="2").wait_for()
    await page.get_by_text("Come si conta").click()
    await page.get_by_text("entro 24 ore e non è tornato sullo stesso argomento").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    assert [(one["stage"], one["sessions"]) for one in await downloaded(page)][2] == ("understood", "2")

    await page.get_by_role("tab", name="Argomenti").click()
    await page.get_by_role("img", name="Argomenti, urgenza e umore").locator("canvas").first.wait_for()
    table = page.get_by_role("table", name="Argomenti, urgenza e umore")
    row = table.get_by_role("row").filter(has_text="resi e rimborsi")
    await row.get_by_role("cell", name="arrabbiato").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    found = [one for one in await downloaded(page) if one["topic"] == "returns"]
    assert [(one["urgency"], one["mood"], one["interactions"]) for one in found] == [("high", "angry", "1")]

    await page.get_by_role("tab", name="Percorsi").click()
    await page.get_by_role("img", name="I percorsi").locator("canvas").first.wait_for()
    table = page.get_by_role("table", name="I percorsi")
    row = table.get_by_role("row").filter(has_text="subito dopo la chiamata").filter(has_text="niente dopo")
    await row.filter(has_text="passata a una persona").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    assert {one["target"] for one in await downloaded(page)} >= {"nothing", "voice returns answered"}

    # What is asked for is in the address; a topic that nobody has leads back to all of them.
    await page.goto(f"{live.url}/console/dashboards?view=journeys&topic=invoice")
    await page.get_by_role("button", name="Mostra tutti").click()
    await table.wait_for()
    assert page.url.endswith("/console/dashboards?view=journeys")


async def test_every_way_to_divide_them_fits_a_phone_and_is_free_of_barriers(live: Any, pages: Any) -> None:
    await after_some_calls(live)
    session = await live.house.session("fabio", "flow-admin")
    page = await pages.page_of(live, session, "/console/dashboards", viewport=PHONE, color_scheme="dark")
    by = page.get_by_label("Per", exact=True)
    await by.wait_for()
    for chosen in await by.locator("option").all_inner_texts():
        await by.select_option(chosen)
        await page.get_by_role("heading", name=f"Chiamate, per {chosen.lower()}").wait_for()
        assert await fits_the_width(page), chosen
    await page.locator("canvas").wait_for()
    assert await barriers(page) == []


async def test_a_time_without_calls_says_so_and_dates_the_wrong_way_round_too(live: Any, pages: Any) -> None:
    session = await live.house.session("sara", "supervisor")
    page = await pages.page_of(live, session, "/console/dashboards", viewport=DESKTOP)
    await page.get_by_role("heading", name="Nessuna chiamata in questo periodo").wait_for()
    assert await barriers(page) == []
    await page.get_by_label("Periodo").select_option("Altre date")
    later = datetime.now(UTC).date() + timedelta(days=3)
    await page.get_by_label("Dal").fill(str(later))
    await page.get_by_text("La fine viene prima dell'inizio.").wait_for()
    assert await barriers(page) == []
