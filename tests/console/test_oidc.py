"""Signing in with an account that lives elsewhere, against a provider on a real port that speaks OpenID Connect."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from console import Accounts
from console.app import create_console, protect
from console.oidc import ALGORITHMS, Oidc, OidcRefused, Provider
from console.tickets import Tickets

CLIENT, SECRET = "centralino", "a secret of the test"
REDIRECT = "http://console.example/signin/oidc"


@dataclass
class Elsewhere:
    """The provider. claims: added to the next token, or in place of its own; asked: what its token page was asked."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}))
    claims: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    key_fetches: int = 0

    def app(self, clock: Any) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def describe() -> dict[str, Any]:
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            self.key_fetches += 1
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        async def authorize(request: Request) -> RedirectResponse:
            asked = dict(request.query_params)
            assert (asked["client_id"], asked["response_type"], asked["redirect_uri"]) == (CLIENT, "code", REDIRECT)
            assert asked["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe(8)
            self.codes[code] = asked
            return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 302)

        @app.post("/token")
        async def token(
            request: Request, code: Annotated[str, Form()], code_verifier: Annotated[str, Form()]
        ) -> JSONResponse:
            asked = self.codes.pop(code, None)
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
            if (
                asked is None
                or digest != asked["code_challenge"]
                or request.headers.get("authorization") != f"Basic {basic}"
            ):
                return JSONResponse({"error": "invalid_grant"}, 400)
            now = int(clock())
            claims = {
                "iss": self.url, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
                "preferred_username": "Anna.Bianchi@example.it", "name": "Anna Bianchi", "groups": ["centralinisti"],
                **self.claims,
            }  # fmt: skip
            signed = jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
            return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": signed})

        return app


@pytest.fixture
async def elsewhere(clock: Any) -> AsyncIterator[Elsewhere]:
    provider = Elsewhere()
    server = uvicorn.Server(uvicorn.Config(provider.app(clock), port=0, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    provider.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    await task


def ours(elsewhere: Elsewhere, clock: Any, **more: Any) -> Oidc:
    roles = {"centralinisti": ["operator"], "capi": ["supervisor", "flow-admin"]}
    return Oidc(Provider(elsewhere.url, CLIENT, SECRET, roles, "Azienda", **more), REDIRECT, now=clock)  # type: ignore[arg-type]


async def sign_in(oidc: Oidc) -> Any:
    """The whole round, as the browser goes it."""
    begun = await oidc.begin("/console/desk")
    async with httpx.AsyncClient() as browser:
        back = parse_qs(urlsplit((await browser.get(begun.address)).headers["location"]).query)
    return await oidc.finish(back["state"][0], back["code"][0], begun.browser)


async def test_who_comes_back_is_who_the_token_says_with_the_roles_of_their_groups(
    elsewhere: Elsewhere, clock: Any
) -> None:
    elsewhere.claims = {"groups": ["capi", "centralinisti", "altro"]}
    person = await sign_in(ours(elsewhere, clock))
    assert person.subject == f"{elsewhere.url}|42"
    assert (person.name, person.display_name) == ("anna.bianchi", "Anna Bianchi")
    assert person.roles == ("operator", "supervisor", "flow-admin")
    assert person.next_page == "/console/desk"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"nonce": "another"}, "oidc_refused"),
        ({"aud": "another"}, "oidc_refused"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "oidc_refused"),
        ({"iss": "https://another.example"}, "oidc_refused"),
        ({"exp": 1}, "oidc_refused"),
        ({"groups": ["altro"]}, "oidc_no_role"),
        ({"groups": "centralinisti"}, "oidc_no_role"),
        ({"preferred_username": "?"}, "oidc_no_name"),
    ],
)
async def test_a_token_that_does_not_hold_signs_nobody_in(
    elsewhere: Elsewhere, clock: Any, claims: dict[str, Any], code: str
) -> None:
    elsewhere.claims = claims
    with pytest.raises(OidcRefused) as refused:
        await sign_in(ours(elsewhere, clock))
    assert refused.value.code == code


async def test_a_token_that_somebody_else_signed_is_refused_and_new_keys_are_fetched(
    elsewhere: Elsewhere, clock: Any
) -> None:
    oidc = ours(elsewhere, clock)
    await sign_in(oidc)
    elsewhere.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
    await sign_in(oidc)
    assert elsewhere.key_fetches == 2
    assert "none" not in ALGORITHMS
    assert not any(name.startswith("HS") for name in ALGORITHMS)


async def test_the_way_back_works_once_in_the_browser_that_began_and_not_for_ever(
    elsewhere: Elsewhere, clock: Any
) -> None:
    oidc = ours(elsewhere, clock)
    for spoil in ("browser", "state", "late"):
        begun = await oidc.begin("")
        async with httpx.AsyncClient() as browser:
            back = parse_qs(urlsplit((await browser.get(begun.address)).headers["location"]).query)
        if spoil == "late":
            clock.pass_by(601)
        with pytest.raises(OidcRefused) as refused:
            await oidc.finish(
                "another" if spoil == "state" else back["state"][0], back["code"][0],
                "another" if spoil == "browser" else begun.browser,
            )  # fmt: skip
        assert refused.value.code == "oidc_expired"


async def test_a_provider_that_is_away_or_calls_itself_otherwise_is_said(elsewhere: Elsewhere, clock: Any) -> None:
    for issuer in ("http://127.0.0.1:9", f"{elsewhere.url}/"):
        oidc = Oidc(Provider(issuer, CLIENT, SECRET, {}), REDIRECT, now=clock)
        with pytest.raises(OidcRefused) as refused:
            await oidc.begin("")
        assert refused.value.code == "oidc_away"


async def test_in_the_browser_from_the_button_to_the_desk(
    elsewhere: Elsewhere, clock: Any, accounts: Accounts, house: Any
) -> None:
    app = FastAPI()
    protect(app)
    app.include_router(
        create_console(
            accounts, Tickets(), house.timeline, house.journal, public_origins=["http://console.example"],
            lines=lambda: (), oidc=ours(elsewhere, clock),
        )
    )  # fmt: skip
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console.example") as browser:
        assert (await browser.get("/api/sign-in/ways")).json() == {"password": True, "oidc": "Azienda"}
        away = await browser.get("/api/sign-in/oidc", params={"next": "https://evil.example"})
        assert away.status_code == 422
        there = await browser.get("/api/sign-in/oidc", params={"next": "/console/desk"})
        async with httpx.AsyncClient() as outside:
            back = (await outside.get(there.headers["location"])).headers["location"]
        done = await browser.get(back)
        assert (done.status_code, done.headers["location"]) == (303, "/console/desk")
        me = (await browser.get("/api/me")).json()
        assert (me["name"], me["display_name"], me["roles"]) == ("anna.bianchi", "Anna Bianchi", ["operator"])
        again = await browser.get(back)
        assert again.headers["location"] == "/signin?trouble=oidc_expired"


async def test_an_account_with_a_password_is_nobody_elses(elsewhere: Elsewhere, clock: Any, accounts: Accounts) -> None:
    from console.accounts import AccountsError

    link = await accounts.create_account("anna.bianchi", "Anna", ["sysadmin"])
    person = await sign_in(ours(elsewhere, clock))
    session = await accounts.signed_in_elsewhere(person)  # it had no password yet: it was made for her
    assert (session.account.id, session.account.roles) == (link.account.id, ("operator",))
    assert await accounts.set_password(link.token, "la nebbia agli irti colli") is None

    link = await accounts.create_account("carla", "Carla", ["operator"])
    await accounts.set_password(link.token, "la nebbia agli irti colli")
    elsewhere.claims = {"sub": "43", "preferred_username": "carla"}
    with pytest.raises(AccountsError, match="somebody else"):
        await accounts.signed_in_elsewhere(await sign_in(ours(elsewhere, clock)))
    await accounts.set_disabled("anna.bianchi", True)
    elsewhere.claims = {}
    with pytest.raises(AccountsError, match="disabled"):
        await accounts.signed_in_elsewhere(await sign_in(ours(elsewhere, clock)))
