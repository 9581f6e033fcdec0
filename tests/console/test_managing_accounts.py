"""Accounts over HTTP: for sysadmins, each change in the audit log, and nobody locks themselves out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import text

from console.roles import ROLES

PASSWORD = "la nebbia agli irti colli"


async def audited(house: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Actions on accounts in order, with whose, and the detail."""
    query = text("SELECT action, subject_id, detail FROM audit_log WHERE subject_kind = 'account' ORDER BY seq")
    rows = await house.timeline.read(lambda connection: connection.execute(query).all())
    return [(action, subject, json.loads(detail)) for action, subject, detail in rows]


async def test_from_a_new_account_to_its_first_sign_in(house: Any) -> None:
    _, boss = await house.member("paola", "sysadmin")
    wanted = {"name": "Anna", "display_name": "Anna Bianchi", "roles": ["operator"], "queues": ["ordini"],
              "skills": ["tedesco"]}  # fmt: skip
    made = await boss.post("/api/accounts", json=wanted)
    assert made.status_code == 201
    account, path = made.json()["account"], made.json()["path"]
    assert (account["name"], account["has_password"], account["queues"]) == ("anna", False, ["ordini"])
    assert path.startswith("/welcome?token=")
    listed = (await boss.get("/api/accounts")).json()
    assert [one["name"] for one in listed] == ["anna", "paola"]
    assert "token" not in json.dumps(listed)
    async with house.browser() as anna:
        token = path.partition("=")[2]
        assert (await anna.post("/api/welcome", json={"token": token, "password": PASSWORD})).status_code == 200
        assert (await anna.get("/api/me")).json()["roles"] == ["operator"]
    assert await audited(house) == [
        ("account.added", account["id"], {"roles": "operator", "queues": "ordini", "skills": "tedesco"})
    ]


async def test_only_sysadmins_see_or_change_accounts(house: Any) -> None:
    await house.session("luca", "operator")
    for number, role in enumerate(set(ROLES) - {"sysadmin"}):
        _, client = await house.member(f"member{number}", role)
        asked = [
            await client.get("/api/accounts"),
            await client.post("/api/accounts", json={"name": "eva", "roles": ["sysadmin"]}),
            await client.put("/api/accounts/luca/duties", json={"roles": ["sysadmin"], "queues": []}),
            *[await client.post(f"/api/accounts/luca/{act}") for act in ("link", "disable", "enable", "without-phone")],
        ]
        assert {answer.status_code for answer in asked} == {403}, role
    async with house.browser() as nobody:
        assert (await nobody.get("/api/accounts")).status_code == 401
    assert await audited(house) == []


async def test_roles_and_queues_change_at_once_in_sessions_that_run(house: Any) -> None:
    _, boss = await house.member("paola", "sysadmin")
    account, anna = await house.member("anna", "operator", ("ordini",))
    wanted = {"roles": ["flow-admin", "supervisor"], "queues": ["resi", "resi"], "skills": ["vip"]}
    changed = (await boss.put("/api/accounts/anna/duties", json=wanted)).json()
    assert (changed["roles"], changed["queues"], changed["skills"]) == (["supervisor", "flow-admin"], ["resi"], ["vip"])
    assert (await anna.get("/api/me")).json()["roles"] == ["supervisor", "flow-admin"]
    assert (await audited(house))[-1] == (
        "account.duties_set", account.id,
        {"from": "operator", "to": "flow-admin,supervisor", "queues_from": "ordini", "queues_to": "resi",
         "skills_from": "", "skills_to": "vip"},
    )  # fmt: skip


async def test_who_is_disabled_is_out_at_once_and_may_come_back(house: Any) -> None:
    _, boss = await house.member("paola", "sysadmin")
    _, anna = await house.member("anna", "operator")
    assert (await boss.post("/api/accounts/anna/disable")).json()["disabled"] is True
    assert (await anna.get("/api/me")).status_code == 401
    refused = await boss.post("/api/accounts/anna/link")
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "account_disabled")
    assert (await boss.post("/api/accounts/anna/enable")).json()["disabled"] is False
    async with house.browser() as again:
        assert (await again.post("/api/sign-in", json={"name": "anna", "password": PASSWORD})).status_code == 200
    assert [action for action, _, _ in await audited(house)] == ["account.disabled", "account.enabled"]


async def test_a_lost_password_and_a_lost_phone(house: Any, clock: Any) -> None:
    _, boss = await house.member("paola", "sysadmin")
    account, anna = await house.member("anna", "operator")
    begun = (await anna.post("/api/me/second-factor/begin")).json()
    await anna.post("/api/me/second-factor/confirm", json={"code": pyotp.TOTP(begun["secret"]).at(clock())})
    assert (await boss.get("/api/accounts")).json()[0]["second_factor"] is True
    assert (await boss.post("/api/accounts/anna/without-phone")).json()["second_factor"] is False
    link = (await boss.post("/api/accounts/anna/link")).json()
    async with house.browser() as again:
        token = link["path"].partition("=")[2]
        assert (await again.post("/api/welcome", json={"token": token, "password": PASSWORD})).status_code == 200
    assert [(action, subject) for action, subject, _ in await audited(house)] == [
        ("account.without_phone", account.id), ("account.link_made", account.id),
    ]  # fmt: skip


async def test_nobody_locks_themselves_out(house: Any) -> None:
    _, boss = await house.member("paola", "admin")
    for asked in (
        boss.post("/api/accounts/paola/disable"),
        boss.post("/api/accounts/PAOLA/without-phone"),
        boss.put("/api/accounts/paola/duties", json={"roles": ["operator"], "queues": []}),
    ):
        answer = await asked
        assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "own_account")
    assert (await boss.put("/api/accounts/paola/duties", json={"roles": ["sysadmin"], "queues": []})).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"name": "Paola", "roles": ["operator"]}, 409, "name_taken"),
        ({"name": "anna bianchi", "roles": ["operator"]}, 422, "bad_name"),
        ({"name": "anna", "roles": []}, 422, None),
        ({"name": "anna", "roles": ["king"]}, 422, None),
        ({"name": "anna", "roles": ["operator"], "password": "given here"}, 422, None),
    ],
)
async def test_what_is_no_account_is_refused(house: Any, wanted: dict[str, Any], status: int, code: str | None) -> None:
    _, boss = await house.member("paola", "sysadmin")
    answer = await boss.post("/api/accounts", json=wanted)
    assert answer.status_code == status
    if code is not None:
        assert answer.json()["detail"]["code"] == code
    assert len((await boss.get("/api/accounts")).json()) == 1
    assert (await boss.post("/api/accounts/nobody/disable")).status_code == 404


async def test_what_cannot_be_written_down_is_not_done(house: Any, tmp_path: Path) -> None:
    _, boss = await house.member("paola", "sysadmin")
    await house.session("anna", "operator")
    await house.journal.close()
    assert (await boss.post("/api/accounts/anna/disable")).status_code == 503
    assert (await boss.post("/api/accounts", json={"name": "eva", "roles": ["sysadmin"]})).status_code == 503
    known = {account.name: account for account in await house.accounts.list_accounts()}
    assert not known["anna"].disabled
    assert not known["eva"].has_password, "nobody got the link that sets one"
