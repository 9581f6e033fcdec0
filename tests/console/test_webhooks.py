"""Who adds, changes or removes an address that is told of events is in the audit log, and what changed from what to
what; no secret is."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from centralino.webhook_posting import posting
from history.webhooks.dispatching import Dispatcher
from history.webhooks.store import Webhooks

CRM = {"url": "https://crm.example.org/hook?key=k3y", "types": ["call.ended"], "detail": "payload"}


@pytest.fixture
def house(house_of: Any, timeline: Any, journal: Any) -> Any:
    sending = Dispatcher(Webhooks(timeline, journal), journal, posting([]), lambda _, whole: whole, node="test")
    return house_of(sending=sending)


async def audited(house: Any) -> list[tuple[str, str, str, Any]]:
    """Who did what to which, and from what to what."""
    query = text("SELECT actor, action, subject_id, detail FROM audit_log WHERE subject_kind = 'webhook' ORDER BY seq")
    rows = await house.timeline.read(lambda connection: connection.execute(query).all())
    return [(who, action, subject, json.loads(detail)["changes"]) for who, action, subject, detail in rows]


async def test_each_change_of_an_address_is_in_the_audit_log(house: Any) -> None:
    paola, boss = await house.member("paola", "sysadmin")
    luca, other = await house.member("luca", "sysadmin")
    made = (await boss.post("/api/webhooks", json=CRM)).json()
    hook = f"/api/webhooks/{made['id']}"

    async def done(client: httpx.AsyncClient, act: str) -> None:
        answer = await (client.post(f"{hook}/{act}") if act else client.delete(hook))
        assert answer.is_success, answer.text

    for client, act in ((other, "disable"), (other, "disable"), (boss, "enable"), (other, "rotate"), (boss, "")):
        await done(client, act)
    rows = await audited(house)
    assert rows == [
        (
            paola.id, "webhook.added", made["id"],
            {
                "host": {"from": None, "to": "https://crm.example.org"},
                "types": {"from": None, "to": ["call.ended"]},
                "detail": {"from": None, "to": "payload"},
            },
        ),
        (luca.id, "webhook.disabled", made["id"], {"state": {"from": "enabled", "to": "disabled"}}),
        (paola.id, "webhook.enabled", made["id"], {"state": {"from": "disabled", "to": "enabled"}}),
        (luca.id, "webhook.secret_rotated", made["id"], {}),
        (paola.id, "webhook.removed", made["id"], {"state": {"from": "enabled", "to": "removed"}}),
    ]  # fmt: skip
    assert not any(kept in json.dumps(rows) for kept in (made["secret"], "k3y"))


async def test_what_is_refused_or_cannot_be_written_down_changes_nothing(house: Any) -> None:
    _, boss = await house.member("paola", "sysadmin")
    _, author = await house.member("anna", "flow-admin")
    assert (await author.post("/api/webhooks", json=CRM)).status_code == 403
    assert (await boss.post("/api/webhooks", json={**CRM, "types": ["no type"]})).status_code == 422
    assert (await boss.post("/api/webhooks/ep_none/disable")).status_code == 404
    assert (await boss.post("/api/webhooks/ep_none/rotate")).status_code == 404
    assert await audited(house) == []
    assert (await boss.get("/api/webhooks")).json() == []
    await house.journal.close()
    assert (await boss.post("/api/webhooks", json=CRM)).status_code == 503
    assert (await boss.get("/api/webhooks")).json() == []
