"""Figures for Prometheus: what is counted, and who may read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
from fastapi import FastAPI
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from centralino.metrics import CallCounts, metrics_route
from console.accounts import Accounts


class One(Collector):
    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily("centralino_calls_started", "Calls.", value=3)


async def answers(app: FastAPI, address: str, **headers: str) -> int:
    transport = httpx.ASGITransport(app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://centralino") as client:
        return (await client.get("/metrics", headers=headers)).status_code


async def test_they_are_read_on_this_machine_or_with_an_api_token(tmp_path: Path) -> None:
    accounts = await Accounts.open(tmp_path / "accounts.db")
    app = FastAPI()
    app.include_router(metrics_route(One(), accounts.api_tokens))
    token = await accounts.api_tokens.create("prometheus", None)
    assert await answers(app, "127.0.0.1") == 200
    assert await answers(app, "::1") == 200
    assert await answers(app, "127.0.0.1", **{"X-Forwarded-For": "203.0.113.5"}) == 401
    assert await answers(app, "203.0.113.5") == 401
    assert await answers(app, "203.0.113.5", Authorization=f"Bearer {token}") == 200
    assert await answers(app, "127.0.0.1", Authorization="Bearer centralino_made-up") == 401
    await accounts.close()


def test_calls_and_recordings_are_counted_as_the_history_tells_them() -> None:
    counts = CallCounts()
    for kind, reason in [
        ("call.started", ""), ("call.started", ""), ("call.ended", "bot_ended"), ("call.ended", "capacity"),
        ("recording.stored", "caller_hung_up"), ("recording.stored", "disk_full"),
        ("recording.discarded", "disk_failed"), ("recording.unfinished", "caller_hung_up"),
    ]:  # fmt: skip
        counts.count(kind, {"reason": reason})
    assert counts.started == 2
    assert counts.ended == {"bot_ended": 1, "capacity": 1}
    assert counts.recordings_failed == {"disk_full": 1, "disk_failed": 1, "unfinished": 1}
