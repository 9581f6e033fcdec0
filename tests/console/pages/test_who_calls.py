"""Who is calling, on the operator's desk: told when a call is offered and while it is talked, in one request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from history import Entry, new_id
from history.ingestion.envelope import received
from tests.console.pages.app import built
from tests.console.pages.test_desk import at_the_desk

pytestmark = built
CALLER = "+393331112222"


async def told(live: Any, event_id: str, hours_ago: int, points: list[dict[str, str]], **data: Any) -> None:
    """Another channel tells something of somebody."""
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    about = {"contact": {"name": data.pop("name", ""), "points": points}, **data}
    event = {"specversion": "1.0", "id": event_id, "source": "shop", "type": "t", "time": at.isoformat(), "data": about}
    await live.house.journal.receive([received(event)], trusted=False)


async def rings(live: Any, caller: str = CALLER) -> str:
    call_id = new_id()
    await live.house.journal.append(call_id, [Entry("call.started", {"line": "it", "caller": caller})])
    await live.caller(call_id, caller=caller)
    return call_id


@pytest.fixture
def tel() -> dict[str, str]:
    return {"kind": "tel", "value": CALLER}


async def test_who_calls_is_told_in_one_request_and_stays_during_the_call(
    live: Any, pages: Any, tel: dict[str, str]
) -> None:
    xss = live.house.xss
    await told(live, "1", 50, [tel], name="Anna Bianchi", channel="shop", subject="BX-4711", thread="BX-4711",
               outcome="shipped")  # fmt: skip
    await told(live, "2", 30, [tel], channel="chat", direction="inbound", subject=f"Re: ordine BX-4711 {xss}",
               text="Quando arriva?", thread="c1")  # fmt: skip
    await told(live, "3", 20, [{"kind": "chat", "value": "web-77"}, tel], name="Bruno Verdi", channel="chat",
               direction="inbound", text="Il mio numero è questo", thread="c2")  # fmt: skip
    past = await live.house.an_answered_call(CALLER)
    await live.house.a_callback_call(caller=CALLER)
    page = await at_the_desk(live, pages)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/contact") else None)
    call_id = await rings(live)
    who = page.get_by_role("region", name="Chi chiama")
    said = who.get_by_role("status")
    await said.filter(has_text="Anna Bianchi").wait_for()
    assert "questioni aperte" in await said.text_content()
    before = page.get_by_role("region", name="Prima di questa chiamata")
    for heading in ("Ultimi contatti", "Conversazioni in più contatti", "Recapiti"):
        await before.get_by_role("heading", name=heading).wait_for()
    whole = await who.text_content() + await before.text_content()
    for shown in (
        "Forse è Bruno Verdi", "da richiamare", "ordine in viaggio BX-4711", "messaggio senza risposta", "chat",
        "telefonata", "negozio", "2 contatti", f"{CALLER} sicuro",
        "Un numero non prova chi parla",
    ):  # fmt: skip
        assert shown in whole, shown
    assert await page.locator("#call img, #call script").count() == 0
    opens = before.locator(f"a[href='/console/history/calls/{past}']").first
    assert await opens.get_attribute("target") == "_blank"  # leaving the desk would end the call
    assert "si apre in un'altra scheda" in await opens.text_content()
    await page.get_by_role("button", name="Rispondi").click()
    await page.get_by_role("heading", name="In chiamata con").wait_for()
    assert await said.is_visible()
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_role("heading", name="Chiamata conclusa").wait_for()
    assert "Anna Bianchi" in await said.text_content()
    assert asked == [f"{live.url}/api/interactions/{call_id}/contact"]
    await page.get_by_role("button", name="Ho finito, sono disponibile").click()
    await page.locator("#state", has_text="Disponibile").wait_for()
    await rings(live, "")
    await said.filter(has_text="Ha nascosto il numero: non sappiamo chi è.").wait_for()
    assert "Anna Bianchi" not in await page.locator("#call").text_content()
    assert await before.is_hidden()


async def test_a_caller_whom_nobody_knows_is_said_plainly_in_english_too(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    await page.get_by_role("button", name="EN: Switch").click()
    await page.locator("#state", has_text="Available").wait_for()
    await rings(live, "+390512223344")
    who = page.get_by_role("region", name="Who is calling")
    await who.get_by_text("+390512223344: we do not know who it is, they have not been in touch before.").wait_for()
    before = page.get_by_role("region", name="Before this call")
    assert await before.get_by_role("heading").all_text_contents() == ["Before this call", "Addresses"]


async def test_an_error_is_said_and_can_be_tried_again_from_the_keyboard(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    answers = [503]

    async def once(route: Any) -> None:
        if not answers:
            return await route.continue_()
        detail = {"detail": {"code": "history_unavailable", "message": "broken"}}
        await route.fulfill(status=answers.pop(), json=detail)

    await page.route("**/contact", once)
    await rings(live)
    who = page.get_by_role("region", name="Chi chiama")
    await who.get_by_text("Non si riesce a sapere chi è: Lo storico non risponde").wait_for()
    await who.get_by_role("button", name="Riprova").focus()
    await page.keyboard.press("Enter")
    await who.get_by_text(f"{CALLER}: non sappiamo chi è").wait_for()
    assert await page.evaluate("document.activeElement.id") == "who-title"
    assert await page.get_by_role("button", name="Rispondi").is_visible()  # Enter worked the button, not the call


@pytest.mark.parametrize("width", [1280, 390])
async def test_nothing_of_it_scrolls_sideways(live: Any, pages: Any, width: int, tel: dict[str, str]) -> None:
    long = {"kind": "email", "value": f"{'x' * 60}@example.org"}
    await told(live, "1", 5, [tel, long], name="Bianchi-" * 25, channel="email", direction="inbound",
               subject="y" * 200, text="?", thread="t")  # fmt: skip
    session = await live.house.session("anna", "operator", ("ordini",))
    page = await pages.page_of(live, session, "/console/desk", viewport={"width": width, "height": 800})
    await page.get_by_role("button", name="Diventa disponibile").click()
    await page.locator("#state", has_text="Disponibile").wait_for()
    await rings(live)
    await page.get_by_text("messaggio senza risposta").wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    longest = "document.documentElement.scrollHeight - document.querySelector('main').getBoundingClientRect().bottom"
    assert await page.evaluate(f"{longest} - scrollY") <= 1  # what is only heard makes no page longer
