"""Who a request comes from, and whether it may change anything.

Two walls stand against requests that another site makes a browser send. Every state-changing request must name no
foreign origin (`same_site`); a signed-in one must also carry the session's token in `X-CSRF-Token` (`signed_in`).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response
from starlette.requests import HTTPConnection

from console.accounts import Accounts
from console.rate import address_key
from console.roles import Role
from console.sessions import LONGEST_S, Session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "centralino"
SECURE_COOKIE = "__Host-centralino"
"""The prefix makes a browser refuse the cookie unless it is Secure, for this host alone and for the whole path."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def refusal(status: int, code: str, message: str, *, retry_after_s: int = 0) -> HTTPException:
    """An error answer. code: for the pages to translate; message: for who reads it raw, with the way out."""
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else None
    detail = {"code": code, "message": message, "retry_after_s": retry_after_s}
    return HTTPException(status, detail, headers)


def with_loopback_names(origins: Sequence[str]) -> frozenset[str]:
    """The origins, normalised; one on a loopback address also stands for its other names (127.0.0.1, localhost, [::1]).

    Raises ValueError for anything that is not `http(s)://host[:port]`.
    """
    allowed = set()
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f"origin {origin!r} is not of the form http(s)://host[:port]")
        host, colon, port = parts.netloc.rpartition(":")
        if not colon or not port.isdigit():
            host, port = parts.netloc, ""
        usual = {"http": "80", "https": "443"}[parts.scheme]
        end = f":{port}" if port and port != usual else ""
        for name in _LOOPBACK if host.lower() in _LOOPBACK else (host.lower(),):
            allowed.add(f"{parts.scheme}://{name}{end}")
    return frozenset(allowed)


class Guard:
    """The checks of the console's routes, to be used as FastAPI dependencies."""

    def __init__(self, accounts: Accounts, public_origins: Sequence[str]) -> None:
        self._accounts = accounts
        self._origins = with_loopback_names(public_origins)

    async def same_site(self, request: Request) -> None:
        """Refuses (403) a state-changing request that a browser sends on behalf of another site.

        A program that is no browser sends neither header and passes: it has no cookie that a stranger could use.
        """
        if request.method in SAFE_METHODS:
            return
        origin = request.headers.get("origin")
        if origin is not None and self.is_foreign(origin):
            known = ", ".join(sorted(self._origins))
            raise refusal(
                403, "foreign_origin", f"requests from {origin[:100]!r} are refused; this console answers to {known}"
            )
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise refusal(403, "foreign_origin", "requests made by another site are refused")

    def is_foreign(self, origin: str | None) -> bool:
        """Whether a page of another site asks; a program that is no browser names none."""
        return origin is not None and origin.lower() not in self._origins

    async def visitor(self, request: Request) -> Session | None:
        """The session of who asks, None when not signed in."""
        token = request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)
        return await self._accounts.sessions.find(token) if token else None

    async def signed_in(self, request: Request) -> Session:
        """The session of who asks. 401 when not signed in; 403 when a state-changing request lacks the CSRF token."""
        session = await self.visitor(request)
        if session is None:
            raise refusal(401, "not_signed_in", "sign in first")
        if request.method not in SAFE_METHODS:
            sent = request.headers.get("x-csrf-token", "")
            if not hmac.compare_digest(sent.encode(), session.csrf_token.encode()):
                raise refusal(403, "csrf", "send the csrf_token of /api/me in the header X-CSRF-Token")
        return session

    def having(self, *roles: Role) -> Callable[[Request], Awaitable[Session]]:
        """The dependency of a route for who holds one of these roles; 403 for others."""

        async def holder(request: Request) -> Session:
            session = await self.signed_in(request)
            if not session.account.has(*roles):
                raise refusal(403, "role_missing", f"this needs the role {' or '.join(roles)}; ask a sysadmin for it")
            return session

        return holder

    def set_cookie(self, request: Request, response: Response, session: Session) -> None:
        """Hands the session to the browser: HttpOnly, SameSite=Lax, Secure when the page was loaded over https."""
        secure = self.over_https(request)
        response.set_cookie(
            SECURE_COOKIE if secure else COOKIE,
            session.token,
            max_age=int(LONGEST_S),
            path="/",
            secure=secure,
            httponly=True,
            samesite="lax",
        )

    def clear_cookie(self, request: Request, response: Response) -> None:
        """Makes the browser forget the session."""
        secure = self.over_https(request)
        name = SECURE_COOKIE if secure else COOKIE
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")

    def over_https(self, request: Request) -> bool:
        """Whether the page was loaded over https."""
        # Behind a proxy that ends TLS the server itself sees http; the browser's Origin tells how the page was loaded.
        return request.headers.get("origin", str(request.url)).startswith("https://")


def client(request: HTTPConnection) -> str:
    """Whom to count a request against: the peer's address (behind a proxy, the one uvicorn takes from its headers)."""
    return address_key(request.client.host if request.client else None)
