"""A line that is closed: another flow, or another number before the bot answers; and who takes calls in its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialogs import engine
from dialogs.calendars import Calendar
from dialogs.events import CallStarted, Say
from dialogs.loading import read_flowbook
from telephony.lines import Hours
from tests.telephony.conftest import FLOWBOOK, Engines, served

NEVER = Calendar.model_validate({"week": {}})
WORKDAYS = Calendar.model_validate({"week": {"mon-fri": ["09:00-18:00"]}})
FRIDAY, SUNDAY = datetime(2026, 11, 27, 11, tzinfo=UTC), datetime(2026, 11, 29, 11, tzinfo=UTC)


def test_a_closed_line_begins_with_another_flow(engines: Engines) -> None:
    line = replace(engines.line, hours=Hours(WORKDAYS, closed_flow="chiuso"))
    assert (line.first_flow(FRIDAY), line.first_flow(SUNDAY)) == ("", "chiuso")
    assert line.forwards_to(SUNDAY) == ""
    book = read_flowbook(
        FLOWBOOK.replace("texts:", "  chiuso: [{say: bye}, {end: closed}]\ntexts:", 1), begins_with=["chiuso"]
    )
    assert not book.warnings
    _, actions = engine.step(book, engine.start(book, "it"), CallStarted(0, "it", "it", closed_flow="chiuso"))
    assert [action.key for action in actions if isinstance(action, Say)] == ["disclosure", "bye"]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_closed_line_forwards_and_a_line_has_a_human_of_its_own(engines: Engines, tmp_path: Path) -> None:
    closed = replace(engines.line, hours=Hours(NEVER, forward="+390519999999"), human_number="+390518888888")
    async with served(replace(engines, line=closed), tmp_path) as exchange:
        answer = await exchange.webhook()
        assert "<Dial" in answer.text
        assert "+390519999999" in answer.text
        detail = await exchange.ended(ref="CA1")
        assert (detail.interaction.outcome, detail.interaction.end_reason) == ("forwarded", "line_closed")

        exchange.reception.take_up(type(exchange.reception.lines)([replace(closed, hours=None)]))
        await exchange.announced("CA2")
        after = await exchange.webhook("/twilio/after", sid="CA2")
        assert "+390518888888" in after.text
