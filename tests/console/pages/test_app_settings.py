"""The page of settings in a real browser: what is saved there, the next call has."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from centralino.line_voices import ServedVoices
from centralino.reloading import Reloading
from centralino.retention_settings import RetentionSettings
from centralino.served_settings import ServedSettings
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.served_company import served_company
from voice.models import ModelStore
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer

pytestmark = built

PAGE = "/console/settings"
COMPANY = """\
name = "Prova"  # of the shop

[[lines]]
id = "uno"  # the first
title = "Libreria"     # as people read it
number = "+390510000001"
language = "it"
"""


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reloading:
    monkeypatch.chdir(tmp_path)
    return await served_company(tmp_path, COMPANY)


@pytest.fixture
async def console_parts(served: Reloading, tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    speaker = Speaker(tmp_path / "prompts", {"pyttsx3": Pyttsx3Synthesizer()})
    yield {
        "settings_shelf": ServedSettings(served, RetentionSettings()),
        "voices": ServedVoices(speaker, lambda: served.company.lines, served.folder, ModelStore(tmp_path)),
    }
    await speaker.close()


async def opened(live: Any, pages: Any, role: str = "sysadmin", path: str = PAGE, **settings: Any) -> Any:
    session = await live.house.session("paola", role)
    return await pages.page_of(live, session, path, **{"viewport": DESKTOP, **settings})


async def saved(page: Any) -> None:
    await page.get_by_role("button", name="Salva", exact=True).click()
    await page.get_by_text("Salvato: vale dalla prossima chiamata.").wait_for()


def file_of(served: Reloading) -> str:
    return (served.folder / "company.toml").read_text(encoding="utf-8")


async def test_a_word_to_recognise_and_a_title_are_there_in_the_next_call(
    live: Any, pages: Any, served: Reloading
) -> None:
    page = await opened(live, pages)
    row = page.get_by_role("row", name="Libreria")
    await row.get_by_text("sempre aperta").wait_for()
    assert await barriers(page) == []
    await row.get_by_role("button", name="Modifica Libreria").click()
    form = page.get_by_role("form", name="Libreria")
    await form.get_by_label("Nome").fill("Libreria Nuova")
    await form.get_by_label("Parole da riconoscere").first.fill("Camilleri")
    await page.keyboard.press("Enter")
    await form.get_by_text("modifiche non salvate").wait_for()
    number = form.get_by_label("Numero", exact=True)
    await number.fill("051 123")
    await form.get_by_text("Va scritto con il prefisso").wait_for()
    assert await barriers(page) == []
    await number.fill("+390510000009")
    await form.get_by_role("button", name="Ascolta: Voce").click()
    await form.get_by_role("button", name="Ferma").wait_for()
    await saved(page)
    line = served.company.lines.get("+390510000009")
    assert line.hints is not None
    assert line.hints.correct("avete camileri").text == "avete camilleri"
    assert line.title == "Libreria Nuova"
    assert 'name = "Prova"  # of the shop' in file_of(served)
    assert 'title = "Libreria Nuova"     # as people read it' in file_of(served)
    await page.get_by_role("button", name="Tutte le linee").click()
    await page.get_by_role("row", name="Libreria Nuova").get_by_text("+390510000009").wait_for()


async def test_what_was_not_saved_is_asked_for_and_what_another_wrote_stays(
    live: Any, pages: Any, served: Reloading
) -> None:
    page = await opened(live, pages, path=f"{PAGE}?section=lines&open=uno")
    form = page.get_by_role("form", name="Libreria")
    await form.get_by_label("Nome").fill("Mia")
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.get_by_role("link", name="Utenti").click()
    await page.get_by_role("tab", name="Conservazione").click()
    await pages.until(lambda: len(asked) == 2)
    assert await form.get_by_label("Nome").input_value() == "Mia"

    (served.folder / "company.toml").write_text(COMPANY + "# by hand\n", encoding="utf-8")
    await form.get_by_role("button", name="Salva", exact=True).click()
    await page.get_by_role("alert").get_by_text("Il file è stato cambiato nel frattempo").wait_for()
    assert file_of(served) == COMPANY + "# by hand\n"


async def test_another_recognizer_waits_for_a_restart(live: Any, pages: Any, served: Reloading) -> None:
    page = await opened(live, pages, path=f"{PAGE}?section=lines&open=uno")
    form = page.get_by_role("form", name="Libreria")
    await form.get_by_label("Riconoscitore").select_option("vosk")
    await form.get_by_role("button", name="Salva", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("heard by whisper since the server started").wait_for()
    assert await barriers(page) == []
    assert file_of(served) == COMPANY
    await dialog.get_by_role("button", name="Salva per il prossimo avvio").click()
    await page.get_by_text("Nei file c'è scritto altro da ciò che vale ora").wait_for()
    assert tomllib.loads(file_of(served))["lines"][0]["recognizer"] == "vosk"


async def test_days_are_kept_for_the_next_start_on_a_phone(
    live: Any, pages: Any, served: Reloading, tmp_path: Path
) -> None:
    page = await opened(live, pages, viewport=PHONE, color_scheme="dark")
    await page.get_by_role("tab", name="Conservazione").click()
    form = page.get_by_role("form", name="Conservazione")
    usual = form.get_by_role("region", name="Tutti i canali")
    await usual.get_by_label("Registrazioni").fill("90")
    await usual.get_by_label("Tutta l'interazione").fill("30")
    await form.get_by_label("Un canale con giorni suoi").click()
    await page.get_by_role("option", name="email").click()
    await form.get_by_role("region", name="Solo email").get_by_label("Parole").fill("730")
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await form.get_by_role("button", name="Salva", exact=True).click()
    await form.get_by_text("facts_days is 30, less than audio_days, 90").wait_for()
    await usual.get_by_label("Tutta l'interazione").fill("")
    await form.get_by_role("button", name="Salva", exact=True).click()
    await page.get_by_text("Aspetta il prossimo avvio").wait_for()
    assert tomllib.loads((tmp_path / "centralino.toml").read_text())["retention"] == {
        "audio_days": 90, "channels": {"email": {"transcript_days": 730}},
    }  # fmt: skip
    assert await barriers(page) == []
    await page.get_by_role("tab", name="Linee").click()
    await page.get_by_role("button", name="Modifica Libreria").click()
    await page.get_by_role("form", name="Libreria").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []


async def test_who_writes_flows_has_the_words_and_no_more(live: Any, pages: Any, served: Reloading) -> None:
    page = await opened(live, pages, "flow-admin", f"{PAGE}?section=lines&open=uno")
    form = page.get_by_role("form", name="Libreria")
    await form.get_by_label("Parole da riconoscere").first.fill("Adelphi")
    await page.keyboard.press("Enter")
    assert await form.get_by_label("Nome").count() == 0
    assert await page.get_by_role("tab", name="Conservazione").count() == 0
    await saved(page)
    assert tomllib.loads(file_of(served))["lines"][0]["words"] == ["Adelphi"]


async def test_hours_of_a_new_calendar_are_those_of_the_next_call(live: Any, pages: Any, served: Reloading) -> None:
    page = await opened(live, pages, path=f"{PAGE}?section=calendars")
    await page.get_by_role("heading", name="Nessun calendario").wait_for()
    await page.get_by_role("button", name="Aggiungi un calendario").click()
    form = page.get_by_role("form", name="Aggiungi un calendario")
    await form.get_by_label("Nome").fill("negozio")
    await form.get_by_label("Sabato").fill("mattina")
    await form.get_by_text("Serve da quando a quando").wait_for()
    assert await barriers(page) == []
    await form.get_by_label("Sabato").fill("9-13")
    await form.get_by_label("Festività").fill("it-bo")
    await form.get_by_role("button", name="Aggiungi un giorno").click()
    day = form.get_by_role("group", name="Giorno diverso 1")
    await day.get_by_label("Giorno", exact=True).fill("2026-12-24")
    await form.get_by_role("group", name="Giorno diverso: 2026-12-24").get_by_label("Orari").fill("9-12")
    assert await barriers(page) == []
    await saved(page)
    await page.get_by_role("row", name="negozio").get_by_text("nessuna").wait_for()

    await page.get_by_role("tab", name="Linee").click()
    await page.get_by_role("button", name="Modifica Libreria").click()
    line = page.get_by_role("form", name="Libreria")
    await line.get_by_label("Orari").select_option("negozio")
    await line.get_by_label("La chiamata va a un altro numero").check()
    await line.get_by_role("textbox", name="Numero", exact=True).last.fill("+390511234567")
    assert await barriers(page) == []
    await line.get_by_role("button", name="Salva", exact=True).click()
    await pages.until(lambda: served.company.lines.get("uno").hours)
    rome = ZoneInfo("Europe/Rome")
    for at, goes_to in (
        (datetime(2026, 12, 5, 10, tzinfo=rome), ""),
        (datetime(2026, 12, 5, 14, tzinfo=rome), "+390511234567"),
        (datetime(2026, 12, 24, 13, tzinfo=rome), "+390511234567"),
        (datetime(2026, 12, 25, 10, tzinfo=rome), "+390511234567"),
        (datetime(2026, 12, 23, 13, tzinfo=rome), ""),
    ):
        assert served.company.lines.get("uno").forwards_to(at) == goes_to, at

    await page.set_viewport_size(PHONE)
    await page.get_by_role("tab", name="Calendari").click()
    await page.get_by_role("button", name="Modifica negozio").click()
    form = page.get_by_role("form", name="negozio")
    assert await form.get_by_role("button", name="Togli il calendario").count() == 0, "a line goes by it"
    assert await fits_the_width(page)
    await form.get_by_label("Sabato").fill("9-15")
    await form.get_by_label("Fuso orario").fill("Europe/Roma")
    await form.get_by_role("button", name="Salva", exact=True).click()
    await form.get_by_text("there is no time zone 'Europe/Roma'").wait_for()
    assert await barriers(page) == []
    await form.get_by_label("Fuso orario").fill("Europe/Rome")
    await form.get_by_role("button", name="Salva", exact=True).click()
    saturday = datetime(2026, 12, 5, 14, tzinfo=rome)
    await pages.until(lambda: served.company.lines.get("uno").forwards_to(saturday) == "")
    written = tomllib.loads(file_of(served))["calendars"]["negozio"]
    assert written["week"] == {"mon-fri": ["09:00-18:00"], "sat": ["09:00-15:00"]}
    assert written["holidays"] == "IT-BO"
