"""Other systems write into the history over HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx

BATCH = "application/cloudevents-batch+json"


def an_event(**changed: Any) -> dict[str, Any]:
    whole = {"specversion": "1.0", "id": "1", "source": "shop", "type": "order", "time": "2026-05-04T09:00:00Z"}
    return {**whole, **changed}


async def sent(house: Any, key: str, body: Any, path: str = "/api/events", kind: str = BATCH) -> httpx.Response:
    transport = httpx.ASGITransport(house.app, client=("192.0.2.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await client.post(
            path, content=content, headers={"Authorization": f"Bearer {key}", "Content-Type": kind}
        )


async def test_one_event_a_batch_and_the_same_again(house: Any) -> None:
    key = await house.accounts.event_sources.create("shop", verifies=False)
    one = await sent(house, key, an_event(), kind="application/cloudevents+json")
    assert (one.status_code, one.json()["events"][0]["status"]) == (200, "stored")
    both = await sent(house, key, [an_event(), an_event(id="2", source="shop/bologna")])
    assert [event["status"] for event in both.json()["events"]] == ["duplicate", "stored"]
    assert both.json()["events"][0]["interaction_id"] == one.json()["events"][0]["interaction_id"]
    other = await sent(house, key, [an_event(data={"subject": "else"}), an_event(id="3")])
    assert (other.status_code, [event["status"] for event in other.json()["events"]]) == (409, ["conflict", "stored"])


async def test_only_a_source_s_own_key_writes_its_events(house: Any) -> None:
    key = await house.accounts.event_sources.create("shop", verifies=False)
    assert (await sent(house, "centralino_events_wrong", an_event())).status_code == 401
    foreign = await sent(house, key, [an_event(id="9"), an_event(source="shopping")])
    assert (foreign.status_code, foreign.json()["detail"]["code"]) == (403, "foreign_source")
    assert await house.timeline.list_interactions(channel=None) == []  # the whole batch was refused
    newer = await house.accounts.event_sources.create("shop", verifies=False)
    assert (await sent(house, key, an_event())).status_code == 401
    assert await house.accounts.event_sources.revoke("shop")
    assert (await sent(house, newer, an_event())).status_code == 401


async def test_what_is_malformed_or_too_much_stores_nothing(house: Any) -> None:
    key = await house.accounts.event_sources.create("shop", verifies=False)
    wrong = await sent(house, key, [an_event(), an_event(id="2", time="yesterday")])
    assert (wrong.status_code, wrong.json()["detail"]["message"][:13]) == (400, "event 2: time")
    many = await sent(house, key, [an_event(id=str(n)) for n in range(101)])
    assert (many.status_code, "at most 100" in many.json()["detail"]["message"]) == (400, True)
    assert (await sent(house, key, b" " * (1024 * 1024 + 1))).status_code == 413
    assert (await sent(house, key, b"{}", path="/api/events/fax")).status_code == 404
    assert await house.timeline.list_interactions(channel=None) == []


async def test_what_a_known_system_sends_is_understood(house: Any) -> None:
    key = await house.accounts.event_sources.create("shop", verifies=True)
    order = {
        "number": "A-7", "time": "2026-05-04T09:00:00Z", "status": "shipped",
        "customer": {"email": "a@example.org", "email_verified": True, "phone": "051223344", "phone_verified": True},
    }  # fmt: skip
    answer = await sent(house, key, order, path="/api/events/orders", kind="application/json")
    assert answer.status_code == 200
    found = await house.timeline.get(answer.json()["events"][0]["interaction_id"])
    assert (found.interaction.channel, found.interaction.subject, found.interaction.outcome) == (
        "shop",
        "A-7",
        "shipped",
    )
