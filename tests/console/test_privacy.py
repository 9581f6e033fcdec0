"""Privacy officers export, hold and erase; others do not."""

from __future__ import annotations

import io
import zipfile
from typing import Any

CALLER = "+393331112222"


async def test_an_officer_exports_holds_and_erases(house: Any) -> None:
    call = await house.an_answered_call(caller=CALLER)
    officer, client = await house.member("ada", "privacy-officer")
    contact = (await client.get("/api/contacts", params={"value": CALLER})).json()["id"]
    portable = await client.get(f"/api/contacts/{contact}/portable")
    with zipfile.ZipFile(io.BytesIO(portable.content)) as bundle:
        assert f"interactions/{call}.json" in bundle.namelist()
    held = {"subject_kind": "contact", "subject_id": contact, "reason": "causa in corso"}
    hold = (await client.post("/api/holds", json=held)).json()["id"]
    refused = await client.post(f"/api/contacts/{contact}/erasure")
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "cannot_erase")
    assert [one["id"] for one in (await client.get("/api/holds")).json()] == [hold]
    assert (await client.delete(f"/api/holds/{hold}")).status_code == 204
    receipt = (await client.post(f"/api/contacts/{contact}/erasure")).json()
    assert receipt["interactions"] == [call]
    assert (await client.get(f"/api/contacts/{contact}")).status_code == 404
    assert CALLER not in (await client.get(f"/api/interactions/{call}/events")).text
    verdict = (await client.get("/api/audit/verification")).json()
    assert verdict["bad_seq"] is None
    assert verdict["rows"] >= receipt["audit_seq"]
    rows = (await client.get("/api/audit", params={"limit": 500})).json()
    assert {"contact.viewed", "contact.exported", "hold.set", "hold.lifted", "contact.erased"} <= {
        row["action"] for row in rows
    }
    assert {row["actor"] for row in rows} == {officer.id}
    swept = (await client.post("/api/retention/sweep", params={"dry_run": True})).json()
    assert swept == {"audio": [], "words": [], "facts": []}


async def test_others_may_not(house: Any) -> None:
    for role in ("operator", "supervisor", "flow-admin", "sysadmin"):
        _, client = await house.member(f"ugo{role}", role)
        for answer in (
            await client.get("/api/audit"),
            await client.get("/api/contacts/one/portable"),
            await client.post("/api/contacts/one/erasure"),
            await client.post("/api/holds", json={}),
            await client.post("/api/retention/sweep"),
        ):
            assert (role, answer.status_code) == (role, 403)
