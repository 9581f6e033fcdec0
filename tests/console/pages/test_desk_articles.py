"""What stands beside a call on the desk: suggested articles, notes, other pages; and that everybody can use it."""

from __future__ import annotations

from typing import Any

import pytest

from history import new_id
from knowledge import KnowledgeBase
from knowledge.articles import Article
from telephony.operators.call_side import DeskEvent, SayArticle, StopSaying
from tests.console.pages.app import DESKTOP, PHONE, barriers, built, fits_the_width
from tests.console.pages.conftest import WaitingCaller
from tests.console.pages.test_desk import at_the_desk, wrapped_up

pytestmark = built
RATE_HZ = 16000


def article(name: str, title: str, spoken: str, *phrasings: str) -> Article:
    return Article(id=name, title={"it": title}, phrasings={"it": phrasings}, spoken={"it": spoken})


@pytest.fixture
async def console_parts() -> dict[str, Any]:
    ours = [
        article("orari", "gli orari", "Siamo aperti dalle nove.", "a che ora aprite", "quando siete aperti"),
        article("posti", "il parcheggio", "Si parcheggia in piazza.", "dove posso parcheggiare", "avete un parcheggio"),
    ]
    found = KnowledgeBase({one.id: one for one in ours}, None)
    return {"knowledge": lambda: found}


class WithBot(WaitingCaller):
    """A call whose bot says articles, as `telephony.saying` has it say them."""

    bot_flows: Any = ()

    def from_desk(self, event: DeskEvent) -> None:
        super().from_desk(event)
        match event:
            case SayArticle():
                self._tell(article=event.article, state="speaking")
            case StopSaying():
                self._tell(article=self.told_again[0]["article"], state="over", why="stopped")

    def _tell(self, **news: str) -> None:
        told = {"type": "saying", **news}
        self.told_again = [] if news["state"] == "over" else [told]
        self._desk.tell_operator(self.call_id, told)


async def in_a_call(live: Any, page: Any, kind: type[WaitingCaller] = WaitingCaller) -> tuple[str, Any]:
    call_id = new_id()
    caller = await live.caller(call_id, said="Vorrei parlare con una persona", kind=kind, urgency="high")
    await page.get_by_role("button", name="Rispondi").wait_for()
    assert "Urgenza: alta" in await page.locator("#call-sub").text_content()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="In chiamata con").wait_for()
    return call_id, caller


async def test_an_article_is_there_when_the_caller_has_asked_and_others_are_found_by_hand(
    live: Any, pages: Any
) -> None:
    page = await at_the_desk(live, pages)
    _, caller = await in_a_call(live, page)
    articles = page.get_by_role("region", name="Articoli")
    caller.tell(speaker="caller", text="a che ora aprite dom", at_ms=9000, is_final=False)
    caller.tell(speaker="caller", text="A che ora aprite domani?", at_ms=9000, is_final=True, seq=20)
    await articles.get_by_text("Siamo aperti dalle nove.").wait_for()
    caller.tell(speaker="operator", text="Un momento.", at_ms=11000, is_final=True, seq=21)
    await articles.get_by_label("Cerca negli articoli").fill("parcheggio")
    await articles.get_by_text("Si parcheggia in piazza.").wait_for()
    await articles.get_by_label("Cerca negli articoli").fill("")
    await articles.get_by_text("Siamo aperti dalle nove.").wait_for()
    assert await barriers(page) == []


async def test_the_bot_says_an_article_to_the_caller_until_it_is_stopped(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    call_id, caller = await in_a_call(live, page, WithBot)
    articles = page.get_by_role("region", name="Articoli")
    caller.tell(speaker="caller", text="A che ora aprite domani?", at_ms=9000, is_final=True, seq=20)
    await articles.get_by_role("button", name="Falla dire al bot: gli orari").click()
    await articles.get_by_text("Parla il bot").wait_for()
    (wish,) = (event for event in caller.events if isinstance(event, SayArticle))
    assert (wish.article, wish.language) == ("orari", "it")
    assert len(wish.version) == 10
    assert await barriers(page) == []
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    await page.reload()
    await articles.get_by_role("button", name="Ferma il bot").click()
    await articles.get_by_text("Il bot è stato fermato.").wait_for()
    refused = {"type": "say_failed", "article": "orari", "reason": "on_hold", "message": "on hold"}
    live.desk.tell_operator(call_id, refused)
    await articles.get_by_text("Il bot non la dice: chi chiama è in attesa").wait_for()


async def test_what_is_noted_in_the_call_is_the_note_behind_it_also_when_the_page_is_loaded_again(
    live: Any, pages: Any
) -> None:
    page = await at_the_desk(live, pages)
    call_id, caller = await in_a_call(live, page)
    await page.get_by_label("Note").fill("Vuole la fattura")
    (seat,) = live.desk._seats
    await pages.until(lambda: seat.noted == "Vuole la fattura")
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    await page.reload()
    await page.get_by_role("heading", name="In chiamata con +393331112222").wait_for()
    assert await page.get_by_label("Note").input_value() == "Vuole la fattura"
    assert "12345" in await page.locator("#call").text_content()
    caller.hang_up()
    await pages.until(lambda: page.get_by_label("Nota (facoltativa)").count())
    assert await page.get_by_label("Nota (facoltativa)").input_value() == "Vuole la fattura"
    assert await barriers(page) == []
    await page.get_by_role("button", name="Ho finito, sono disponibile").click()
    events = await pages.until(lambda: wrapped_up(live, call_id))
    assert events[-1].payload["note"] == "Vuole la fattura"


async def test_a_call_goes_on_while_its_operator_looks_at_another_page(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    _, caller = await in_a_call(live, page)
    await page.get_by_role("navigation", name="Pagine").get_by_role("link", name="Storico").click()
    await page.get_by_role("heading", name="Storico").wait_for()
    await page.get_by_text("In chiamata con +393331112222").wait_for()
    heard = len(caller.heard)
    await pages.until(lambda: len(caller.heard) > heard + RATE_HZ)
    caller.tell(speaker="caller", text="È ancora lì?", at_ms=9900, is_final=True, seq=21)
    assert await barriers(page) == []
    await page.get_by_role("link", name="Torna alla postazione").click()
    await page.locator("#words li").filter(has_text="È ancora lì?").wait_for()
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_role("heading", name="Chiamata conclusa").wait_for()


async def test_a_break_has_a_reason_which_outlives_a_broken_connection(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    await page.get_by_role("button", name="Motivo della pausa").click()
    await page.get_by_role("menuitem", name="Pranzo").click()
    await page.locator("#state", has_text="In pausa: Pranzo").wait_for()
    (seat,) = live.desk._seats
    assert seat.why == "Pranzo"
    seat.socket.close("gone")
    await page.get_by_text("Connessione persa: nuovo tentativo fra").wait_for()
    await page.locator("#state", has_text="In pausa: Pranzo").wait_for()


async def test_who_of_the_supervisors_is_in_the_call_is_said(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    call_id, _ = await in_a_call(live, page)
    live.desk.tell_monitored(call_id, "listen", "Sara")
    await page.get_by_role("status").get_by_text("Sara ascolta la chiamata").wait_for()
    live.desk.tell_monitored(call_id, "whisper", "Sara")
    await page.get_by_text("Sara parla solo con Lei").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    await page.reload()
    await page.get_by_text("Sara parla solo con Lei").wait_for()
    live.desk.tell_monitored(call_id, "", "Sara")
    await page.get_by_text("Sara parla solo con Lei").wait_for(state="detached")


async def test_a_call_that_the_bot_has_for_a_while_cannot_be_spoken_to_and_comes_back(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    call_id, _ = await in_a_call(live, page)
    assert await page.get_by_role("button", name="Passa al bot").count() == 0  # the server named no flows
    flows = [{"flow": "tessera", "titles": {"it": "Numero della tessera"}, "returns": True}]
    live.desk.tell_operator(call_id, {"type": "to_bot_flows", "flows": flows})
    await page.get_by_role("button", name="Passa al bot").click()
    await page.get_by_role("menuitem", name="Numero della tessera (poi torna qui)").wait_for()
    await page.get_by_role("menuitem", name="«Che altro posso fare?» (e non torna)").wait_for()
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    live.desk.tell_operator(call_id, {"type": "with_bot", "flow": "tessera"})
    await page.get_by_text("Chi chiama è con il bot (Numero della tessera)").wait_for()
    await page.get_by_role("button", name="Lascialo al bot").wait_for()
    for gone in ("Riaggancia", "Silenzia", "Metti in attesa"):
        assert await page.get_by_role("button", name=gone).count() == 0
    back = {"type": "returned", "reason": "flow", "slots": {"tessera": "***"}, "queue": "ordini"}
    live.desk.tell_operator(call_id, back)
    live.desk.connected(call_id)
    await page.get_by_text("Chi chiama è di nuovo in linea con Lei").wait_for()
    await page.get_by_text("***").wait_for()
    await page.get_by_role("button", name="Riaggancia").wait_for()


@pytest.mark.parametrize(("screen", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
async def test_everybody_can_use_it(live: Any, pages: Any, screen: dict[str, int], scheme: str) -> None:
    session = await live.house.session("anna", "operator", ("ordini",))
    await live.house.a_callback_call()
    page = await pages.page_of(live, session, "/console/desk", viewport=screen, color_scheme=scheme)
    await page.get_by_role("button", name="Diventa disponibile").click()
    await page.locator("#state", has_text="Disponibile").wait_for()
    assert await barriers(page) == []
    await live.caller(new_id())
    await page.get_by_role("button", name="Rispondi").wait_for()
    assert await barriers(page) == []
    assert await fits_the_width(page)
    await page.get_by_role("heading", name="Chiamata da").click()
    await page.keyboard.press("Escape")
    await page.get_by_text("Chiamata rifiutata: passa a un collega.").wait_for()
