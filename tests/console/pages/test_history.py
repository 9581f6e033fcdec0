"""The pages of the history in a real browser: found, read with the reasons, heard along the words, followed, erased."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from history import Entry, new_id
from history.deriving.worker import Deriving
from telephony.recording.opus_file import OpusFile
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.shelves import shelf_in

pytestmark = built
RATE_HZ = 16000


async def a_recorded_call(live: Any, seconds: float = 8.0) -> str:
    """An answered call with a real recording of all of it, the caller on the left."""
    call: str = await live.house.an_answered_call(said="A che ora aprite domani?")
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    voices = np.stack([np.sin(2 * np.pi * 220 * times), np.sin(2 * np.pi * 330 * times)], axis=1) * 0.4
    file = OpusFile(shelf_in(live.house.journal.path.parent).begin(f"2027/{call}.ogg"), RATE_HZ)
    file.write((voices * 32767).astype(np.int16))
    written = file.close()
    stored = {
        "file": f"2027/{call}.ogg", "bytes": written.bytes_, "sha512": written.sha512, "started_ms": 0,
        "duration_ms": int(seconds * 1000), "reason": "bot_ended", "delete_after": None, "key_id": written.key_id,
    }  # fmt: skip
    await live.house.journal.append(call, [Entry("recording.stored", stored, 9000)])
    await Deriving(live.house.journal, live.house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    return call


async def test_a_call_is_found_by_its_words_and_tells_why_the_bot_answered_so(live: Any, pages: Any) -> None:
    call = await live.house.an_answered_call(said="A che ora aprite domani?")
    await Deriving(live.house.journal, live.house.timeline, ZoneInfo("Europe/Rome")).catch_up()
    session = await live.house.session("ugo", "flow-admin")
    page = await pages.page_of(live, session, "/console/history", viewport=DESKTOP)
    await page.get_by_role("region", name="Chiamate").get_by_text("risposta data").wait_for()
    assert await barriers(page) == []
    await page.get_by_label("Cerca in quello che è stato detto").fill("aprite")
    await page.get_by_role("button", name="Cerca").click()
    await page.locator("mark", has_text="aprite").wait_for()
    await page.get_by_role("list", name="Chiamate").get_by_role("link").click()
    await page.wait_for_url(f"**/console/history/calls/{call}")
    words = page.get_by_role("list", name="Che cosa è stato detto")
    await words.get_by_text("A che ora aprite domani?", exact=True).wait_for()
    await words.get_by_text("Perché: Orari di apertura").click()
    await words.get_by_text("Eventi in libreria (34%)").wait_for()
    await page.get_by_role("region", name="Che cosa si è capito").get_by_text("Urgenza").wait_for()
    await page.get_by_text("Registro: 8 eventi").click()
    await page.get_by_text("call.started").wait_for()
    assert await page.get_by_role("link", name="Esporta JSON").count() == 0
    assert await barriers(page) == []


async def test_a_recording_is_drawn_and_the_words_walk_along(live: Any, pages: Any) -> None:
    call = await a_recorded_call(live)
    session = await live.house.session("sara", "supervisor")
    page = await pages.page_of(live, session, f"/console/history/calls/{call}", viewport=DESKTOP)
    await page.get_by_role("button", name="Mostra l'onda").click()
    await page.get_by_role("img", name="Onda del suono").wait_for()
    await page.get_by_role("button", name="Ascolta da 0:04").click()
    answer = page.get_by_role("listitem").filter(has_text="Siamo aperti dalle nove")
    await pages.until(lambda: answer.get_attribute("aria-current"))
    assert await page.evaluate("document.querySelector('audio').currentTime") >= 4.7
    heard = [event for event in await live.house.timeline.events(call) if event.type == "recording.played"]
    assert {event.actor for event in heard} == {session.account.id}
    wave = page.get_by_role("img", name="Onda del suono")
    box = await wave.bounding_box()
    await wave.click(position={"x": box["width"] * 0.4, "y": 20})
    question = page.locator("li[data-speaker=caller]")
    await pages.until(lambda: question.get_attribute("aria-current"))
    assert await barriers(page) == []


async def test_a_call_that_goes_on_is_followed(live: Any, pages: Any) -> None:
    call, journal = new_id(), live.house.journal

    def says(text: str, at_ms: int) -> Entry:
        said = {"speaker": "caller", "text": text, "start_ms": at_ms, "end_ms": at_ms + 900}
        return Entry("transcript", said, at_ms + 900, "caller")

    await journal.append(call, [Entry("call.started", {"line": "it", "caller": "+393331112222"}), says("Pronto", 1000)])
    session = await live.house.session("sara", "supervisor")
    page = await pages.page_of(live, session, "/console", viewport=DESKTOP)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{live.url}/console/history/calls/{call}")
    words = page.get_by_role("list", name="Che cosa è stato detto").get_by_role("listitem")
    facts = page.get_by_role("region", name="In breve")
    await facts.get_by_text("in corso").wait_for()
    assert await words.count() == 1
    await journal.append(call, [says("A che ora aprite?", 3000)])
    await words.get_by_text("A che ora aprite?", exact=True).wait_for()
    await page.get_by_text("Registro: 3 eventi").wait_for()
    await journal.append(call, [Entry("call.ended", {"reason": "caller_hung_up", "outcome": "answered"}, 9000)])
    await facts.get_by_text("risposta data").wait_for()
    await facts.get_by_text("ha riagganciato chi chiamava").wait_for()
    assert [path for path in asked if path.endswith("/news?after=2")], "told by the server, not by looking every while"


async def test_what_a_caller_says_is_shown_as_said_and_as_heard_and_never_runs(live: Any, pages: Any) -> None:
    said, heard = f"Quanto costa la spedizione? {live.house.xss}", f"Quanto costa la sedizione? {live.house.xss}"
    call = await live.house.an_answered_call(caller=live.house.xss, said=said, heard_as=heard)
    session = await live.house.session("sara", "supervisor")
    page = await pages.page_of(live, session, "/console/history", viewport=DESKTOP)
    table = page.get_by_role("region", name="Chiamate")
    await table.get_by_text(live.house.xss).wait_for()
    await table.get_by_role("link").click()
    await page.wait_for_url(f"**/console/history/calls/{call}")
    turn = page.locator("li[data-speaker=caller]")
    await turn.get_by_text(said, exact=True).wait_for()
    await turn.get_by_text(f"Sentito: «{heard}»").wait_for()
    await page.get_by_role("region", name="In breve").get_by_text("Libreria").wait_for()
    assert await page.locator("main script, main img").count() == 0
    assert "pwned" not in await page.title()


async def test_a_person_is_followed_on_a_phone_and_erased_with_a_receipt(live: Any, pages: Any) -> None:
    call = await live.house.an_answered_call()
    await live.house.a_callback_call(caller="+393331112222")
    session = await live.house.session("paolo", "privacy-officer")
    page = await pages.page_of(live, session, f"/console/history/calls/{call}", viewport=PHONE, color_scheme="dark")
    await page.get_by_role("link", name="Esporta vCon").wait_for()
    await page.get_by_role("region", name="Chi è").get_by_text("da richiamare").wait_for()
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await page.get_by_role("link", name="Vedi tutta la sua storia").click()
    await page.get_by_role("heading", name="+393331112222", level=1).wait_for()
    story = page.get_by_role("region", name="La sua storia")
    await story.get_by_text("risposta data").wait_for()
    assert await story.get_by_role("link").count() == 2
    assert await fits_the_width(page)
    assert await barriers(page) == []
    await page.get_by_role("button", name="Cancella la persona").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("Non si può annullare").wait_for()
    await dialog.get_by_role("button", name="Cancella la persona").click()
    await page.get_by_role("heading", name="Ricevuta della cancellazione").wait_for()
    receipt = await page.locator("pre").inner_text()
    assert "centralino.erasure/1" in receipt
    assert call in receipt
    assert (await live.house.timeline.get(call)).interaction.caller == ""
