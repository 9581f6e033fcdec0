"""From the desk, an operator agrees with the caller on when to call back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from history import Entry
from telephony.outbound.hours import CallingHours
from tests.console.pages.app import PHONE, barriers, built, fits_the_width
from tests.console.pages.test_desk import at_the_desk

pytestmark = built


def a_day_to_call() -> datetime:
    """Midnight of one on which calls may begin at 11:00, in at least two days."""
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    while not CallingHours().on(day.date()):
        day += timedelta(days=1)
    return day


async def test_a_call_back_is_agreed_on_within_hours_and_stands_on_the_list(live: Any, pages: Any) -> None:
    page = await at_the_desk(live, pages)
    call_id = await live.house.an_answered_call()
    await live.house.journal.append(call_id, [Entry("handoff.queued", {"queue": "ordini", "slots": {}}, 1000)])
    await live.caller(call_id)
    await page.get_by_role("button", name="Rispondi").click()
    await page.get_by_role("button", name="Programma una richiamata").click()
    dialog = page.get_by_role("dialog", name="Programma una richiamata")
    await dialog.get_by_text("+393331112222").wait_for()
    day = a_day_to_call().strftime("%Y-%m-%d")
    await dialog.get_by_label("Giorno e ora").fill(f"{day}T03:00")
    await dialog.get_by_role("button", name="Programma", exact=True).click()
    await dialog.get_by_text("A quell'ora la linea è chiusa").wait_for()
    await page.set_viewport_size(PHONE)
    await pages.until(lambda: fits_the_width(page))  # once the page is laid out anew
    assert await barriers(page) == []
    await dialog.get_by_label("Giorno e ora").fill(f"{day}T11:00")
    await page.keyboard.press("Enter")
    await page.get_by_text("Richiamata programmata per").first.wait_for()
    listed = page.get_by_role("list", name="Da richiamare").get_by_role("listitem")
    await listed.get_by_text("D'accordo per").wait_for()
    assert "+393331112222" in await listed.text_content()
    (promised,) = (await live.house.timeline.get(call_id)).callbacks
    assert (promised.reason, promised.number, promised.queue) == ("scheduled", "+393331112222", "ordini")
