"""Signing in with an account that lives elsewhere: OpenID Connect, the code flow with PKCE and a nonce.

The provider says who somebody is; the groups in its token say which roles they hold here, anew at each sign-in.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.roles import Role, as_roles

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Of the provider's signatures; never `none`, never a shared secret (RFC 8725 §3.1)."""
BEGUN_FOR_S = 600.0
KEYS_FOR_S = 600.0
_MOST_BEGUN = 1000
_TIMEOUT_S = 10.0
_LEEWAY_S = 60
_LARGEST_ANSWER_BYTES = 256 * 1024
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True)
class Provider:
    """issuer: its address, as in its tokens. title: on the button. groups_claim: the claim that lists groups.

    roles: of each group that means something here. name_claim: what the account is called.
    """

    issuer: str
    client_id: str
    client_secret: str
    roles: Mapping[str, Sequence[Role]]
    title: str = "OpenID Connect"
    groups_claim: str = "groups"
    name_claim: str = "preferred_username"
    scope: str = "openid profile email"


class OidcRefused(Exception):
    """code: 'oidc_away' | 'oidc_expired' | 'oidc_refused' | 'oidc_no_role' | 'oidc_no_name', for the page to translate;
    the message is for the log and holds no secret."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Begun:
    """address: where the browser goes. state: comes back with it. browser: the cookie that ties it to this browser."""

    address: str
    state: str
    browser: str


@dataclass(frozen=True)
class Person:
    """Who the provider says it is. subject: `issuer|sub`, theirs for ever; next_page: where they wanted to go."""

    subject: str
    name: str
    display_name: str
    roles: tuple[Role, ...]
    next_page: str


@dataclass(frozen=True)
class _Pending:
    browser: str
    nonce: str
    verifier: str
    next_page: str
    until_s: float


class Oidc:
    """One provider. redirect_uri: our page that it sends browsers back to. now: epoch seconds.

    What was begun is kept in memory: who is at the provider while this server restarts signs in again.
    """

    def __init__(
        self,
        provider: Provider,
        redirect_uri: str,
        *,
        now: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.provider = provider
        self._redirect_uri = redirect_uri
        self._now = now
        self._transport = transport
        self._begun: dict[str, _Pending] = {}
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._keys_until_s = 0.0

    async def begin(self, next_page: str) -> Begun:
        """Raises OidcRefused when the provider cannot be reached."""
        metadata = await self._described()
        state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        pending = _Pending(browser, nonce, verifier, next_page, self._now() + BEGUN_FOR_S)
        while len(self._begun) >= _MOST_BEGUN:
            del self._begun[next(iter(self._begun))]
        self._begun[state] = pending
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=pending.nonce, code_verifier=pending.verifier
            )
        return Begun(address, state, pending.browser)

    async def finish(self, state: str, code: str, browser: str) -> Person:
        """Who came back with `code`. state works once, and only in the browser that began. Raises OidcRefused."""
        pending = self._begun.pop(state, None)
        if pending is None or pending.until_s <= self._now() or not hmac.compare_digest(pending.browser, browser):
            raise OidcRefused("oidc_expired", "this sign-in was not begun here, or too long ago")
        metadata = await self._described()
        try:
            async with self._client() as client:
                tokens = await client.fetch_token(
                    metadata["token_endpoint"],
                    code=code,
                    code_verifier=pending.verifier,
                    grant_type="authorization_code",
                )
        except (OAuthError, httpx.HTTPError) as error:
            raise OidcRefused("oidc_refused", f"{self.provider.issuer} gave no token: {error}") from error
        return self._person(await self._claims(str(tokens.get("id_token", "")), pending.nonce), pending.next_page)

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self.provider.client_id, client_secret=self.provider.client_secret, scope=self.provider.scope,
            redirect_uri=self._redirect_uri, code_challenge_method="S256", timeout=_TIMEOUT_S,
            follow_redirects=False, trust_env=False, transport=self._transport,
        )  # fmt: skip

    async def _described(self) -> dict[str, Any]:
        """The provider's own description of itself (OpenID Connect Discovery 1.0 §4)."""
        if not self._metadata:
            found = await self._get(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise OidcRefused(
                    "oidc_away", f"{self.provider.issuer} calls itself {found.get('issuer')!r}; write that as issuer"
                )
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not str(found.get(name, "")).startswith(self.provider.issuer.split("://")[0] + "://"):
                    raise OidcRefused("oidc_away", f"{self.provider.issuer} names no usable {name}")
            self._metadata = found
        return self._metadata

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            async with (
                httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, transport=self._transport) as client,
                client.stream("GET", url) as answer,
            ):
                answer.raise_for_status()
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _LARGEST_ANSWER_BYTES:
                        raise OidcRefused("oidc_away", f"{url} answers with more than {_LARGEST_ANSWER_BYTES} bytes")
            found = httpx.Response(200, content=body).json()
        except (httpx.HTTPError, ValueError) as error:
            raise OidcRefused("oidc_away", f"{url}: {error}") from error
        if not isinstance(found, dict):
            raise OidcRefused("oidc_away", f"{url} answers with no JSON object")
        return found

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            try:
                claims = jwt.decode(token, await self._signers(), list(ALGORITHMS)).claims
            except (JoseError, ValueError):
                # Keys change; a token signed with a new one must not wait for the old ones to age.
                claims = jwt.decode(token, await self._signers(fresh=True), list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(
                now=lambda: int(self._now()), leeway=_LEEWAY_S,
                iss={"essential": True, "value": self.provider.issuer},
                aud={"essential": True, "value": self.provider.client_id},
                nonce={"essential": True, "value": nonce},
                exp={"essential": True}, sub={"essential": True},
            ).validate(claims)  # fmt: skip
        except (JoseError, ValueError) as error:
            raise OidcRefused(
                "oidc_refused", f"{self.provider.issuer} sent a token that does not hold: {error}"
            ) from error
        # OpenID Connect Core 1.0 §3.1.3.7: with several audiences, the token must have been made for us.
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self.provider.client_id:
            raise OidcRefused("oidc_refused", f"{self.provider.issuer} made the token for {claims.get('azp')!r}")
        return claims

    async def _signers(self, *, fresh: bool = False) -> KeySet:
        if self._keys is None or fresh or self._now() > self._keys_until_s:
            found = await self._get((await self._described())["jwks_uri"])
            self._keys = KeySet.import_key_set({"keys": list(found.get("keys", []))})
            self._keys_until_s = self._now() + KEYS_FOR_S
        return self._keys

    def _person(self, claims: Mapping[str, Any], next_page: str) -> Person:
        groups = claims.get(self.provider.groups_claim)
        held = {group for group in groups if isinstance(group, str)} if isinstance(groups, list) else set()
        roles = {role for group in held for role in self.provider.roles.get(group, ())}
        if not roles:
            raise OidcRefused("oidc_no_role", f"no group of {claims['sub']!r} has a role here; see [oidc.roles]")
        named = str(claims.get(self.provider.name_claim, "")).lower().split("@")[0]
        name = _NOT_IN_NAMES.sub("-", named).strip("-._")[:40]
        if len(name) < 2:
            raise OidcRefused("oidc_no_name", f"the token's claim {self.provider.name_claim!r} makes no account name")
        shown = str(claims.get("name") or named)
        return Person(f"{self.provider.issuer}|{claims['sub']}", name, shown, as_roles(roles), next_page)
