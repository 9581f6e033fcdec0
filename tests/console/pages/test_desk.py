"""The operator's desk in a real browser, against the real desk of telephony."""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from history import new_id
from tests.console.pages.app import built

pytestmark = built
RATE_HZ = 16000


async def at_the_desk(live: Any, pages: Any) -> Any:
    """An operator of the queue 'ordini' who is available."""
    session = await live.house.session("anna", "operator", ("ordini",))
    page = await pages.page_of(live, session, "/console/desk")
    await page.get_by_role("button", name="Diventa disponibile").click()
    await page.locator("#state", has_text="Disponibile").wait_for()
    return page


async def test_from_the_one_time_link_to_the_desk(live: Any, pages: Any) -> None:
    link = await live.house.accounts.create_account("anna", "Anna Bianchi", ["operator"], ("ordini",))
    context = await pages.context()
    page = await context.new_page()
    await page.goto(link.url(live.url))
    await page.get_by_text("Salve, Anna Bianchi.").wait_for()
    await page.get_by_label("Nuova password").fill(live.house.password)
    await page.get_by_label("Conferma della password").fill("un'altra frase lunga")
    await page.get_by_role("button", name="Salva ed entra").click()
    await page.get_by_text("Le due password sono diverse.").wait_for()
    await page.get_by_label("Conferma della password").fill(live.house.password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/desk")
    await page.get_by_text("Code: ordini").wait_for()
    await page.get_by_role("button", name="account e uscita").click()
    await page.get_by_role("menuitem", name="Esci").click()
    await page.wait_for_url("**/signin?next=*")
    await page.goto(f"{live.url}/console/desk")
    await page.wait_for_url("**/signin?next=/console/desk")
    await page.get_by_label("Nome utente").fill("anna")
    await page.get_by_label("Password").fill("sbagliata")
    await page.keyboard.press("Enter")
    await page.get_by_text("Nome utente o password non corretti.").wait_for()
    await page.get_by_label("Password").fill(live.house.password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/desk")


async def test_a_call_from_offer_to_wrap_up_with_both_voices(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    call_id = new_id()
    caller = await live.caller(call_id)
    await page.get_by_role("heading", name="Chiamata da +393331112222").wait_for()
    panel = page.locator("#call")
    for shown in ("Ha chiesto di parlare con una persona", "Vorrei un operatore", "12345", "ordini", "Italiano"):
        assert shown in await panel.text_content()
    await pages.until(lambda: page.evaluate("document.title.startsWith('☎')"))
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="In chiamata con +393331112222").wait_for()
    assert "☎" not in await page.title()

    await pages.until(lambda: len(caller.heard) > 3 * 2 * RATE_HZ)
    heard = np.frombuffer(bytes(caller.heard[2 * RATE_HZ :]), "<i2").astype(float) / 32768
    assert np.sqrt(np.mean(heard**2)) > 0.01, "silence"
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(np.fft.rfftfreq(len(heard), 1 / RATE_HZ)[spectrum.argmax()] - 440) < 12

    times = np.arange(320) / RATE_HZ
    frame = (0.4 * np.sin(2 * math.pi * 500 * times) * 32767).astype("<i2").tobytes()
    for _ in range(10):
        caller.say(frame)
    caller.tell(speaker="operator", text="Buongiorno, sono Anna.", at_ms=9000, is_final=True, seq=20)
    caller.tell(speaker="caller", text="il mio ord", at_ms=9900, is_final=False)
    caller.tell(speaker="caller", text="il mio ordine non arriva", at_ms=9900, is_final=True, seq=21)
    caller.tell(speaker="caller", text="il mio ordine non arriva", at_ms=9900, is_final=True, seq=21)
    words = page.locator("#words li")
    await words.filter(has_text="il mio ordine non arriva").wait_for()
    assert await words.count() == 4
    assert await words.nth(2).locator("strong").text_content() == "Operatore"

    await page.get_by_role("button", name="Silenzia").click()
    await asyncio.sleep(0.5)
    before = len(caller.heard)
    await pages.until(lambda: len(caller.heard) > before + RATE_HZ)
    assert not any(caller.heard[before:])
    await page.get_by_text("In registrazione").wait_for()
    await page.get_by_role("button", name="Sospendi registrazione").click()
    await page.get_by_text("nulla viene registrato né trascritto").wait_for()
    await page.get_by_role("button", name="Riprendi registrazione").click()
    await page.get_by_text("In registrazione").wait_for()
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_role("heading", name="Chiamata conclusa").wait_for()
    after = len(caller.heard)
    await page.get_by_role("radio", name="Risolto").click()
    await page.get_by_label("Nota (facoltativa)").fill(live.house.xss)
    await page.get_by_role("button", name="Ho finito, sono disponibile").click()
    await page.locator("#state", has_text="Disponibile").wait_for()
    assert len(caller.heard) - after < RATE_HZ  # the microphone closed with the call
    events = await pages.until(lambda: wrapped_up(live, call_id))
    assert [event.type for event in events[:2]] == ["offer.made", "offer.accepted"]
    assert (events[-1].payload["code"], events[-1].payload["note"]) == ("solved", live.house.xss)


async def wrapped_up(live: Any, call_id: str) -> Any:
    """What happened in a call, once the work behind it is written."""
    events = await live.house.timeline.events(call_id)
    return events[-1].type == "operator.wrapped_up" and events


async def test_the_end_of_the_time_for_the_wrap_up_is_told_and_can_be_put_off_once(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    call_id = new_id()
    caller = await live.caller(call_id)
    await page.get_by_role("button", name="Rispondi").wait_for()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="In chiamata con").wait_for()
    caller.hang_up()
    await page.get_by_text("Senza una scelta vale «Altro».").wait_for()
    assert await page.evaluate("document.activeElement.value") == "solved"  # by keyboard from here on
    await page.keyboard.press("ArrowDown")
    await page.get_by_label("Nota (facoltativa)").fill("Richiamare lunedì")
    (seat,) = live.desk._seats
    await pages.until(lambda: (seat.wraps_up.code, seat.wraps_up.note) == ("follow_up", "Richiamare lunedì"))
    await page.reload()
    await page.get_by_role("radio", name="Da seguire", checked=True).wait_for()
    assert await page.get_by_label("Nota (facoltativa)").input_value() == "Richiamare lunedì"
    await page.get_by_role("button", name="Ancora tempo (+2:00)").click()
    await page.get_by_role("timer").filter(has_text="Ancora 3:").wait_for()
    assert await page.get_by_role("button", name="Ancora tempo").count() == 0
    seat.wraps_up = replace(seat.wraps_up, ends_ms=0)
    await page.get_by_text("la chiamata è stata chiusa con «Da seguire»").wait_for()
    await page.locator("#state", has_text="Disponibile").wait_for()
    events = await pages.until(lambda: wrapped_up(live, call_id))
    assert (events[-1].payload["code"], events[-1].payload["note"]) == ("follow_up", "Richiamare lunedì")


async def test_waiting_calls_of_my_queues_are_listed(live: Any, pages: Any) -> None:
    session = await live.house.session("anna", "operator", ("ordini",))
    page = await pages.page_of(live, session, "/console/desk")
    await page.get_by_text("Nessuno in attesa.").wait_for()
    other = await live.house.session("bruno", "operator", ("ordini",))
    busy = await pages.page_of(live, other, "/console/desk")
    await busy.get_by_role("button", name="Diventa disponibile").click()
    await busy.locator("#state", has_text="Disponibile").wait_for()
    first = await live.caller(new_id())
    await busy.get_by_role("button", name="Rispondi").click()
    await busy.get_by_role("heading", name="In chiamata").wait_for()
    assert first.events
    await live.caller(new_id(), caller="+390212345")
    row = page.get_by_role("list", name="In attesa").get_by_role("listitem")
    await row.filter(has_text="+390212345").wait_for()
    assert "1º in «ordini»" in await row.text_content()
    assert await row.count() == 1


async def test_declining_passes_the_call_on_and_stops_the_ring(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    call_id = new_id()
    await live.caller(call_id)
    await page.get_by_role("button", name="Rifiuta").click()
    await page.get_by_text("Chiamata rifiutata: passa a un collega.").wait_for()
    await page.get_by_text("Quando qualcuno vuole una persona, qui squilla.").wait_for()
    assert "☎" not in await page.title()


async def test_a_caller_who_leaves_ends_the_ring(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    caller = await live.caller(new_id())
    await page.get_by_role("button", name="Rispondi").wait_for()
    caller.hang_up()
    await page.get_by_text("Chi chiamava ha riagganciato.").wait_for()
    assert await page.get_by_role("button", name="Rispondi").is_hidden()


async def test_a_hostile_caller_name_and_transcript_stay_text(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    xss = live.house.xss
    await live.caller(new_id(), said=xss, caller=xss, slots={"<b>nome</b>": xss})
    await page.get_by_role("button", name="Rispondi").wait_for()
    assert await page.locator("#words li").nth(1).locator("p").last.text_content() == xss
    assert xss in await page.locator("#call-title").text_content()
    assert await page.locator("#call script, #call img, #call b").count() == 0
    await page.get_by_role("button", name="Rispondi").click()
    await page.get_by_role("heading", name="In chiamata con").wait_for()
    assert "pwned" not in await page.title()


async def test_a_second_tab_says_where_the_softphone_is_and_can_take_it(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    second = await page.context.new_page()
    await second.goto(f"{live.url}/console/desk")
    await second.get_by_text("La postazione è già aperta in un'altra scheda").wait_for()
    await live.caller(new_id())
    await page.get_by_role("button", name="Rispondi").wait_for()
    assert await second.get_by_role("button", name="Rispondi").is_hidden()
    await page.get_by_role("button", name="Rifiuta").click()
    await second.get_by_role("button", name="Usa questa scheda").click()
    await page.get_by_text("La postazione è passata a un'altra scheda").wait_for()
    await second.locator("#state", has_text="Disponibile").wait_for()  # the first tab left when this one was there


async def test_of_two_tabs_that_take_the_softphone_at_once_one_has_it_and_a_closed_or_frozen_one_holds_nobody_up(
    live: Any, pages: Any
) -> None:
    first = await at_the_desk(live, pages)
    second, third = [await first.context.new_page() for _ in range(2)]
    for page in (second, third):
        await page.goto(f"{live.url}/console/desk")
        await page.get_by_text("La postazione è già aperta in un'altra scheda").wait_for()
    frozen = await first.context.new_cdp_session(first)
    await frozen.send("Page.setWebLifecycleState", {"state": "frozen"})
    takes = "[...document.querySelectorAll('button')].find((one) => one.textContent === 'Usa questa scheda').click()"
    await asyncio.gather(second.evaluate(takes), third.evaluate(takes))

    async def who_has_it() -> tuple[Any, Any] | None:
        for has, other in ((second, third), (third, second)):
            has_not = other.get_by_text(re.compile("La postazione è (passata a|già aperta in) un'altra scheda"))
            if await has.locator("#state", has_text="Disponibile").count() and await has_not.count():
                return has, other
        return None

    owner, other = await pages.until(who_has_it)
    await frozen.send("Page.setWebLifecycleState", {"state": "active"})
    await first.get_by_text("La postazione è passata a un'altra scheda").wait_for()
    caller = await live.caller(new_id())
    await owner.get_by_role("button", name="Rispondi").click()
    await owner.get_by_role("heading", name="In chiamata con").wait_for()
    await first.close()
    await owner.close()
    await other.get_by_role("heading", name="In chiamata con").wait_for()
    before = len(caller.heard)
    await pages.until(lambda: len(caller.heard) > before + RATE_HZ)


async def test_no_tab_takes_the_seat_back_from_another_computer(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    second = await page.context.new_page()
    await second.goto(f"{live.url}/console/desk")
    await second.get_by_text("La postazione è già aperta in un'altra scheda").wait_for()
    (seat,) = live.desk._seats
    seat.socket.close("signed_off")
    for tab in (page, second):
        await tab.get_by_text("La postazione è stata chiusa da un supervisore.").wait_for()


async def test_a_broken_connection_comes_back_with_the_call(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    caller = await live.caller(new_id())
    await page.get_by_role("button", name="Rispondi").click()
    await page.get_by_role("heading", name="In chiamata con").wait_for()
    (seat,) = live.desk._seats
    seat.socket.close("gone")  # the network drops; the page is not told why
    await page.get_by_text("Connessione persa: nuovo tentativo fra").wait_for()
    await page.locator("#state", has_text="In chiamata").wait_for()
    await pages.until(lambda: page.locator("#words li").count())
    assert await page.locator("#words li").count() == 2
    assert await page.get_by_role("region", name="Stato").get_by_role("alert").count() == 0
    heard = len(caller.heard)
    await pages.until(lambda: len(caller.heard) > heard + RATE_HZ)


async def test_a_page_loaded_again_in_mid_call_goes_on_with_it(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    caller = await live.caller(new_id())
    await page.get_by_role("button", name="Rispondi").click()
    await page.get_by_role("heading", name="In chiamata con").wait_for()
    for told in ({"type": "held", "held": True}, {"type": "guest", "to": "magazzino", "state": "joined"}):
        caller.told_again.append(told)
        live.desk.tell_operator(caller.call_id, told)
    await page.get_by_role("button", name="Silenzia").click()
    shown = [page.get_by_role("button", name=name) for name in ("Riattiva il microfono", "Riprendi chi è in attesa")]
    for button in shown:
        await button.wait_for()
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    await page.reload()
    await page.locator("#state", has_text="In chiamata").wait_for()
    for button in shown:
        await button.wait_for()
    await page.get_by_text("magazzino").wait_for()
    before = len(caller.heard)
    await pages.until(lambda: len(caller.heard) > before + RATE_HZ)
    assert not any(caller.heard[before:])
    await shown[0].click()
    await pages.until(lambda: any(caller.heard[before:]))
    heard = len(caller.heard)
    await pages.until(lambda: len(caller.heard) > heard + RATE_HZ)
    await pages.until(lambda: page.locator("#words li").count())
    assert await page.locator("#words li").count() == 2


async def test_a_call_back_is_taken_given_back_and_done_from_the_list(live: Any, pages: Any) -> None:
    await live.house.a_callback_call()
    session = await live.house.session("anna", "operator")
    page = await pages.page_of(live, session, "/console/desk")
    row = page.get_by_role("list", name="Da richiamare").get_by_role("listitem")
    await row.get_by_role("button", name="Prendo io: +393339998888").click()
    await row.get_by_text("Se ne occupa Lei").wait_for()
    await row.get_by_role("button", name="Lascia: +393339998888").click()
    await row.get_by_text("Aspetta", exact=True).wait_for()
    await row.get_by_role("button", name="Fatto: +393339998888").click()
    await page.get_by_text("Nessuno da richiamare.").wait_for()


async def test_the_pages_speak_english_on_request_and_remember_it(live: Any, pages: Any) -> None:
    context = await pages.context()
    page = await context.new_page()
    await page.goto(f"{live.url}/call")
    assert await page.locator("html").get_attribute("lang") == "it"
    await page.get_by_role("button", name="Switch to English").click()
    await page.get_by_role("heading", name="Call from the browser").wait_for()
    await page.goto(f"{live.url}/signin")
    await page.get_by_label("Username").wait_for()
    assert await page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("width", [1280, 390])
async def test_no_page_scrolls_sideways(live: Any, pages: Any, width: int) -> None:
    session = await live.house.session("ada", "admin")
    page = await pages.page_of(live, session, "/", viewport={"width": width, "height": 800})
    for path in ("/", "/welcome?token=x", "/call"):
        await page.goto(live.url + path)
        await page.get_by_role("navigation").wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
