"""The API as browsers and strangers meet it."""

from __future__ import annotations

from typing import Any

import pytest

from console.guard import with_loopback_names
from console.lockout import FREE_TRIES
from console.roles import ROLES


async def test_every_api_route_but_the_way_in_asks_who_you_are(house: Any) -> None:
    """Taken from the application itself, so that a new route cannot be forgotten here."""
    open_to_all = {"/api/sign-in", "/api/sign-in/ways", "/api/welcome", "/api/welcome/check"}
    paths = house.app.openapi()["paths"]
    asked = []
    async with house.browser() as stranger:
        for path, methods in paths.items():
            if not path.startswith("/api/") or path in open_to_all:
                continue
            for method in methods:
                url = path.replace("{interaction_id}", "x").replace("{seq}", "1")
                answer = await stranger.request(method, url, json={"line": "it"} if method == "post" else None)
                assert (answer.status_code, answer.json()["detail"]["code"]) == (401, "not_signed_in"), (method, path)
                asked.append(f"{method} {path}")
    assert len(asked) >= 10
    assert {path.split(" ")[1] for path in asked} >= {
        "/api/me",
        "/api/callbacks",
        "/api/operator-tickets",
        "/api/lines",
    }


async def test_pages_for_who_is_signed_in_lead_to_the_sign_in(house: Any) -> None:
    async with house.browser() as stranger:
        for path in ("/console", "/console/desk", "/console/callbacks"):
            answer = await stranger.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/signin?next={path}")
        for path, now_at in (("/operator", "/console/desk"), ("/admin", "/console/history")):
            moved = await stranger.get(path)
            assert (moved.status_code, moved.headers["location"]) == (308, now_at)
        for path in ("/", "/signin", "/welcome?token=x", "/call"):
            assert (await stranger.get(path)).status_code == 200


async def test_signing_in_gives_a_cookie_that_scripts_cannot_read(house: Any) -> None:
    await house.session("anna", "operator", ("ordini",))
    async with house.browser() as client:
        answer = await client.post("/api/sign-in", json={"name": "Anna", "password": house.password})
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie  # http on this machine
        me = (await client.get("/api/me")).json()
        assert (me["name"], me["roles"], me["queues"]) == ("anna", ["operator"], ["ordini"])
        assert me["csrf_token"] == answer.json()["csrf_token"]
        out = await client.post("/api/sign-out", headers={"X-CSRF-Token": me["csrf_token"]})
        assert out.status_code == 204
        assert (await client.get("/api/me")).status_code == 401


async def test_over_https_the_cookie_is_secure_even_behind_a_proxy_that_speaks_http(house_of: Any) -> None:
    house = house_of(public_origins=["https://voce.example"])
    await house.session("anna", "operator")
    async with house.browser() as client:
        headers = {"Origin": "https://voce.example", "Sec-Fetch-Site": "same-origin"}
        answer = await client.post("/api/sign-in", json={"name": "anna", "password": house.password}, headers=headers)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-centralino=")
        assert "Secure" in cookie
        assert "Path=/" in cookie


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:9999", "null", "http://127.0.0.1:8080.evil.example"]
)
async def test_another_site_cannot_make_a_browser_change_anything(house: Any, origin: str) -> None:
    _, client = await house.member("anna", "admin")
    for path in ("/api/sign-out", "/api/operator-tickets", "/api/browser-calls", "/api/sign-in"):
        answer = await client.post(path, json={"line": "it"}, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "foreign_origin")
    assert (await client.get("/api/me")).status_code == 200


async def test_a_request_that_the_browser_calls_cross_site_is_refused_even_without_origin(house: Any) -> None:
    _, client = await house.member("anna", "operator")
    del client.headers["Origin"]
    answer = await client.post("/api/operator-tickets", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


async def test_a_signed_in_change_needs_the_token_header(house: Any) -> None:
    _, client = await house.member("anna", "operator")
    right = client.headers.pop("X-CSRF-Token")
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": right[:-1] + "x"}, {"X-CSRF-Token": "è"}):
        headers = {name: value.encode() for name, value in wrong.items()}
        answer = await client.post("/api/operator-tickets", headers=headers)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "csrf")
    assert (await client.post("/api/operator-tickets", headers={"X-CSRF-Token": right})).status_code == 200


def test_a_loopback_origin_stands_for_this_machines_other_names() -> None:
    assert with_loopback_names(["http://127.0.0.1:8080"]) == {
        "http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080",
    }  # fmt: skip
    assert with_loopback_names(["https://Voce.example:443/"]) == {"https://voce.example"}
    for wrong in ("voce.example", "ftp://voce.example", "https://voce.example/console"):
        with pytest.raises(ValueError, match="origin"):
            with_loopback_names([wrong])


async def test_wrong_passwords_lock_out_and_say_for_how_long(house: Any) -> None:
    await house.session("anna", "operator")
    async with house.browser() as client:
        for n in range(FREE_TRIES - 1):
            answer = await client.post("/api/sign-in", json={"name": "anna", "password": f"wrong {n}"})
            assert (answer.status_code, answer.json()["detail"]["code"]) == (401, "wrong_password")
        await client.post("/api/sign-in", json={"name": "anna", "password": "wrong again"})
        answer = await client.post("/api/sign-in", json={"name": "anna", "password": house.password})
        assert (answer.status_code, answer.json()["detail"]["code"]) == (429, "locked")
        house.clock.pass_by(int(answer.headers["retry-after"]))
        assert (await client.post("/api/sign-in", json={"name": "anna", "password": house.password})).status_code == 200


async def test_one_address_cannot_try_many_names(house_of: Any) -> None:
    house = house_of(tries_in_5_minutes=10)
    async with house.browser() as client:
        codes = []
        for n in range(12):
            answer = await client.post("/api/sign-in", json={"name": f"name{n}", "password": "Password1234"})
            codes.append(answer.status_code)
        assert codes == [401] * 10 + [429] * 2
        assert (await client.post("/api/welcome/check", json={"token": "guess"})).status_code == 429
        house.clock.pass_by(300)
        assert (await client.post("/api/welcome/check", json={"token": "guess"})).status_code == 404


async def test_a_link_sets_the_password_and_signs_in_once(house: Any) -> None:
    link = await house.accounts.create_account("anna", "Anna B.", ["operator"], ["ordini"])
    async with house.browser() as client:
        owner = (await client.post("/api/welcome/check", json={"token": link.token})).json()
        assert (owner["name"], owner["shortest_password"]) == ("anna", 12)
        short = await client.post("/api/welcome", json={"token": link.token, "password": "breve"})
        assert (short.status_code, short.json()["detail"]["code"]) == (422, "too_short")
        done = await client.post("/api/welcome", json={"token": link.token, "password": house.password})
        assert done.status_code == 200
        assert (await client.get("/api/me")).json()["display_name"] == "Anna B."
        again = await client.post("/api/welcome", json={"token": link.token, "password": house.password})
        assert (again.status_code, again.json()["detail"]["code"]) == (404, "bad_link")


async def test_an_operators_ticket_names_them_and_works_once(house: Any) -> None:
    account, client = await house.member("anna", "operator", ("ordini", "negozio"))
    answer = (await client.post("/api/operator-tickets")).json()
    assert answer["url"] == f"/ws/operator?ticket={answer['ticket']}"
    subject = house.tickets.redeem(answer["ticket"], "operator")
    assert subject == {"id": account.id, "name": "Anna", "queues": ["ordini", "negozio"], "skills": []}
    assert house.tickets.redeem(answer["ticket"], "operator") is None


async def test_who_may_call_from_the_browser(house_of: Any) -> None:
    anyone, members, off = (house_of(browser_calls=policy) for policy in ("anyone", "signed_in", "off"))
    async with anyone.browser() as stranger:
        ticket = (await stranger.post("/api/browser-calls", json={"line": "it"})).json()["ticket"]
        subject = anyone.tickets.redeem(ticket, "browser")
        assert (subject["line"], subject["account"]) == ("it", "")
        unknown = await stranger.post("/api/browser-calls", json={"line": "fr"})
        assert unknown.status_code == 404
        assert "it, en" in unknown.json()["detail"]["message"]
        assert [line["id"] for line in (await stranger.get("/api/lines")).json()] == ["it", "en"]
    async with members.browser() as stranger:
        assert (await stranger.post("/api/browser-calls", json={"line": "it"})).status_code == 401
    account, client = await members.member("anna", "operator")
    ticket = (await client.post("/api/browser-calls", json={"line": "it"})).json()["ticket"]
    assert members.tickets.redeem(ticket, "browser")["account"] == account.id
    async with off.browser() as stranger:
        answer = await stranger.post("/api/browser-calls", json={"line": "it"})
        assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "browser_calls_off")


async def test_one_address_cannot_start_calls_without_end(house_of: Any) -> None:
    house = house_of(browser_calls="anyone", browser_calls_in_a_minute=3)
    async with house.browser() as stranger:
        codes = [(await stranger.post("/api/browser-calls", json={"line": "it"})).status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        house.clock.pass_by(60)
        assert (await stranger.post("/api/browser-calls", json={"line": "it"})).status_code == 200


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"name": 1}', '{"name":"a","password":"b","more":1}', '{"name":"","password":"x"}']
)
async def test_malformed_bodies_are_refused(house: Any, body: str) -> None:
    async with house.browser() as client:
        answer = await client.post("/api/sign-in", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422


async def test_a_form_of_another_site_is_no_sign_in(house: Any) -> None:
    """A cross-site form can only send three content types, none of which is JSON."""
    await house.session("anna", "operator")
    body = f'{{"name":"anna","password":"{house.password}"}}'
    async with house.browser() as client:
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            answer = await client.post("/api/sign-in", content=body, headers={"Content-Type": kind})
            assert answer.status_code == 422


async def test_large_bodies_are_refused_whether_they_say_their_length_or_not(house: Any) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 4096

    async with house.browser() as client:
        told = await client.post("/api/sign-in", content=b" " * 70_000)
        untold = await client.post("/api/sign-in", content=endless(), headers={"Content-Type": "application/json"})
        assert (told.status_code, untold.status_code) == (413, 413)
        assert untold.json()["detail"]["code"] == "too_large"


async def test_every_answer_carries_the_security_headers(house: Any) -> None:
    async with house.browser() as client:
        for path in ("/", "/api/me", "/web/base.css", "/nowhere"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
        assert (await client.get("/api/me")).headers["cache-control"] == "no-store"


async def test_assets_are_cached_by_content_and_nothing_else_is_served(house: Any) -> None:
    async with house.browser() as client:
        first = await client.get("/web/page.js")
        assert first.headers["content-type"].startswith("text/javascript")
        again = await client.get("/web/page.js", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for path in ("/web/../accounts.py", "/web/%2e%2e/accounts.py", "/web//etc/passwd", "/web/nothing.js", "/web/"):
            assert (await client.get(path)).status_code == 404


ROUTES_BY_ROLE = {
    "/api/interactions": {"operator", "supervisor", "flow-admin", "privacy-officer"},
    "/api/contacts?value=%2B390510000000": {"operator", "supervisor", "privacy-officer"},
    "/api/callbacks": {"operator", "supervisor"},
    "/api/kpis?from=2026-05-01&to=2026-05-02": {"supervisor", "flow-admin"},
}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_its_own_routes_and_no_others(house: Any, role: str) -> None:
    _, client = await house.member("paola", role)
    for path, roles in ROUTES_BY_ROLE.items():
        answer = await client.get(path)
        assert (answer.status_code != 403) == (role in roles), (path, answer.text)
        if role not in roles:
            assert answer.json()["detail"]["code"] == "role_missing"
