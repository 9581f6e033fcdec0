"""A caller who waits: music, the place, the offer to be called back, and the place that is kept."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from centralino.calling import Keys, Silence, WaitForQuiet
from centralino.calling.script import ExpectHangUp
from centralino.own_server import own_server, settings_beside
from centralino.settings import load_settings
from tests.calls.conftest import Exchange


async def test_music_place_and_a_call_back_that_keeps_the_place(tmp_path: Path) -> None:
    """Nobody takes the call; the queue may be joined all the same, and offers a call-back after a second."""
    company = tmp_path / "company"
    shutil.copytree(load_settings().company, company)
    book = (company / "flowbook.yaml").read_text(encoding="utf-8")
    queue = "  assistenza: {max_wait: 120s, announce_every: 12s, callback_after: 1s, join_empty: true}\n"
    lines = [queue if line.startswith("  assistenza: {") else line for line in book.splitlines(keepends=True)]
    (company / "flowbook.yaml").write_text("".join(lines), encoding="utf-8")
    settings = settings_beside(load_settings(company=company), tmp_path / "data")
    log = tmp_path / "server.log"
    async with own_server(settings, log) as process:
        exchange = Exchange(settings, process, log)
        heard: list[float] = []
        moves = (
            WaitForQuiet(), Keys("0"), Silence(26_000), Keys("1"), ExpectHangUp(30_000),
        )  # fmt: skip
        result, record = await exchange.call("libreria", moves, observer=lambda one: heard.append(one.at_ms))
        async with asyncio.timeout(20):
            await exchange.record_of(record.detail.interaction.caller)
    # place, place again with the offer; while nobody speaks there is music: no silence of more than a moment
    assert record.keys.count("queue_next") >= 2
    assert "queue_callback_offer" in record.keys
    assert record.keys[-1] == "queue_callback_promised"
    assert result.dead_air_ms < 4000
    assert record.detail.interaction.outcome == "callback"
    (promised,) = record.of("callback.requested")
    assert (promised.payload["reason"], promised.payload["place"]) == ("asked_in_queue", 1)
    assert promised.payload["since"] < promised.occurred_at.isoformat()
    assert "Traceback" not in exchange.log_text()
