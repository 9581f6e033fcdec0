"""A whole server tells a stranger who knocked, in `/metrics` and in `/health`."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.calls.conftest import Exchange

STRANGER = {"X-Twilio-Signature": "d3Jvbmc="}


async def refused(client: httpx.AsyncClient) -> tuple[float, int]:
    """By Twilio's door, for a wrong signature."""
    families = text_string_to_metric_families((await client.get("/metrics")).text)
    samples = [sample for family in families for sample in family.samples]
    assert {"centralino_calls", "centralino_calls_started_total", "centralino_queue_waiting"} <= {
        s.name for s in samples
    }
    assert any(sample.name == "centralino_recognizer_waiting" for sample in samples)
    knocked = {"door": "twilio", "reason": "signature"}
    counted = [s.value for s in samples if s.name == "centralino_connections_refused_total" and s.labels == knocked]
    return sum(counted), (await client.get("/health")).json()["refused"].get("twilio", 0)


async def test_a_wrong_signature_is_counted(exchange: Exchange) -> None:
    async with httpx.AsyncClient(base_url=exchange.settings.own_url, trust_env=False) as client:
        metrics, health = await refused(client)
        assert (await client.post("/twilio/voice", data={"CallSid": "CA1"}, headers=STRANGER)).status_code == 403
        assert await refused(client) == (metrics + 1, health + 1)
