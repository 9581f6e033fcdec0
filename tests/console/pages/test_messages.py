"""From the desk, an operator writes to who calls: in the call, after it, and where nothing can be sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from history.ingestion.envelope import received
from knowledge import KnowledgeBase
from telephony.errands import Errands, MailGateway, SmsGateway
from telephony.following_up.sending import FollowUps
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.console.pages.test_desk import at_the_desk
from tests.console.pages.test_desk_articles import article
from tests.telephony.test_errands import System, http, mail_server, system

pytestmark = built
CALLER, MAIL = "+393331112222", "anna@example.org"


@pytest.fixture
async def gateway() -> AsyncIterator[System]:
    async with system(http(b"", "202 Accepted")) as there:
        yield there


@pytest.fixture
def mails() -> list[str]:
    """What clients said to the mail server."""
    return []


@pytest.fixture
async def console_parts(
    request: Any, gateway: System, mails: list[str], journal: Any, timeline: Any
) -> AsyncIterator[dict[str, Any]]:
    """The parameter 'nothing' configures no gateway."""
    ours = [article("orari", "gli orari", "Siamo aperti dalle nove.", "a che ora aprite", "quando siete aperti")]
    found = KnowledgeBase({one.id: one for one in ours}, None)
    replies = {"DATA": "354 go on", "QUIT": "221 bye"}
    async with mail_server(mails, lambda word: replies.get(word, "250 ok")) as port:
        errands = Errands(
            sms=SmsGateway(f"http://127.0.0.1:{gateway.port}/sms"),
            mail=MailGateway("127.0.0.1", "libreria@example.org", port, starttls=False),
        )
        errands = Errands() if getattr(request, "param", "") == "nothing" else errands
        yield {"follow_ups": FollowUps(errands, journal, timeline), "knowledge": lambda: found}


async def in_a_call(live: Any, page: Any, caller: str = CALLER) -> tuple[str, Any]:
    """Of somebody who wrote before, from an address that is proved to be theirs."""
    points = [{"kind": kind, "value": value, "verified": True} for kind, value in (("tel", CALLER), ("email", MAIL))]
    event = {
        "specversion": "1.0", "id": "1", "source": "shop", "type": "order", "time": "2026-11-01T10:00:00Z",
        "data": {"channel": "shop", "contact": {"points": points}},
    }  # fmt: skip
    await live.house.journal.receive([received(event)], trusted=True)
    call_id = await live.house.an_answered_call(caller=caller)
    there = await live.caller(call_id, caller=caller)
    await page.get_by_role("button", name="Rispondi").click()
    await page.get_by_role("button", name="Riaggancia").wait_for()
    return call_id, there


async def test_an_sms_in_the_call_and_an_email_after_it_are_sent_and_stand_in_the_history(
    live: Any, pages: Any, gateway: System, mails: list[str]
) -> None:
    page = await at_the_desk(live, pages)
    call_id, caller = await in_a_call(live, page)
    caller.tell(speaker="caller", text="A che ora aprite domani?", at_ms=9000, is_final=True, seq=20)
    await page.get_by_role("button", name="Invia: gli orari").click()
    dialog = page.get_by_role("dialog", name="Invia un messaggio")
    await dialog.get_by_text("24 caratteri, 1 SMS.").wait_for()
    assert await dialog.get_by_role("textbox", name="Testo", exact=True).input_value() == "Siamo aperti dalle nove."
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")

    gateway.answers = [http(b"", "503 Busy"), http(b"", "202 Accepted")]
    await page.get_by_role("button", name="Invia un messaggio").click()
    await dialog.get_by_label("A chi").wait_for()
    assert await dialog.get_by_label("A chi").locator("option").all_text_contents() == [
        f"SMS · {CALLER} (da cui chiama)",
        f"E-mail · {MAIL}",
    ]
    await dialog.get_by_label("Testo pronto").select_option("Siamo in via dei Portici 4.")
    text = dialog.get_by_role("textbox", name="Testo", exact=True)
    await text.fill(f"{await text.input_value()} L’ingresso è a destra.")
    await dialog.get_by_text("«’» non è fra le lettere degli SMS").wait_for()
    await dialog.get_by_role("button", name="Invia", exact=True).click()
    await dialog.get_by_role("alert").get_by_text("the SMS gateway answered 503").wait_for()
    for size in (PHONE, DESKTOP):
        await page.set_viewport_size(size)
        await pages.until(lambda: fits_the_width(page))  # once the page is laid out anew
        assert await barriers(page) == []
    await dialog.get_by_role("button", name="Riprova").click()
    await page.get_by_text(f"Messaggio partito per {CALLER}").first.wait_for()
    told = [json.loads(one.partition(b"\r\n\r\n")[2]) for one in gateway.heard]
    assert told[0] == told[1]
    assert (told[0]["to"], told[0]["text"]) == (CALLER, "Siamo in via dei Portici 4. L’ingresso è a destra.")

    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_role("heading", name="Chiamata conclusa").wait_for()
    await page.get_by_role("button", name="Invia un messaggio").click()
    await dialog.get_by_label("A chi").select_option(f"E-mail · {MAIL}")
    await dialog.get_by_label("Oggetto").fill("Gli orari")
    await text.fill("Apriamo alle nove.")
    await dialog.get_by_label("Oggetto").press("Enter")
    await page.get_by_text(f"Messaggio partito per {MAIL}").first.wait_for()
    assert "Subject: Gli orari" in mails

    await page.get_by_role("button", name="Ho finito, sono disponibile").click()
    await page.goto(f"{live.url}/console/history/calls/{call_id}")
    sent = page.get_by_role("region", name="Messaggi inviati").get_by_role("listitem")
    await sent.nth(1).wait_for()
    shown = await sent.all_text_contents()
    assert len(shown) == 2
    assert "inviato" in shown[0]
    assert "Apriamo alle nove." in shown[1]
    contact = (await live.house.timeline.get(call_id)).interaction.contact_id
    await page.goto(f"{live.url}/console/history/contacts/{contact}")
    story = page.get_by_role("region", name="La sua storia").get_by_role("listitem")
    await story.filter(has_text="Gli orari").filter(has_text="e-mail").wait_for()
    await story.filter(has_text="SMS").filter(has_text="da noi").wait_for()


@pytest.mark.parametrize(
    ("console_parts", "caller", "says"),
    [
        ("nothing", CALLER, "sezioni [messages.sms] e [messages.mail]"),
        ("both", "", "Non c'è nessun recapito a cui scrivere"),
    ],
    indirect=["console_parts"],
)
async def test_where_nothing_can_be_sent_the_page_says_why(live: Any, pages: Any, caller: str, says: str) -> None:
    page = await at_the_desk(live, pages)
    await in_a_call(live, page, caller)
    await page.get_by_role("button", name="Invia un messaggio").click()
    dialog = page.get_by_role("dialog", name="Invia un messaggio")
    await dialog.get_by_text(says).wait_for()
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="detached")
