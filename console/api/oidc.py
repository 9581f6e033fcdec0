"""Signing in elsewhere: the way there, the way back, and which ways there are."""

from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from console.accounts import Accounts, AccountsError
from console.guard import Guard, client, refusal
from console.oidc import BEGUN_FOR_S, Oidc, OidcRefused
from console.rate import RateLimit
from console.roles import first_page

log = structlog.get_logger()

CALLBACK = "/signin/oidc"
NEXT_PAGE = r"^(/call|/console(/[A-Za-z0-9_-]{1,64}){0,6})?$"
"""Where a sign-in may lead: our own pages and nowhere else; `console/web/signin.js` knows the same."""
NextPage = Annotated[str, Query(alias="next", max_length=400, pattern=NEXT_PAGE)]
_COOKIE = "centralino-oidc"


class Ways(BaseModel):
    """How people may sign in. oidc: what to write on the button; '' when there is none."""

    password: bool
    oidc: str


def oidc_sign_in(oidc: Oidc | None, accounts: Accounts, guard: Guard, tries: RateLimit) -> APIRouter:
    """The routes. tries: how often one address may begin or come back."""
    router = APIRouter(tags=["sign-in"])

    async def count_try(request: Request) -> None:
        wait_s = tries.use(client(request))
        if wait_s:
            raise refusal(429, "too_many_tries", f"too many tries; wait {wait_s} s", retry_after_s=wait_s)

    limited = [Depends(count_try)]

    def on_the_page(code: str) -> RedirectResponse:
        return RedirectResponse(f"/signin?trouble={quote(code)}", status_code=303)

    @router.get("/api/sign-in/ways")
    async def ways() -> Ways:
        return Ways(password=True, oidc=oidc.provider.title if oidc else "")

    @router.get("/api/sign-in/oidc", include_in_schema=False, dependencies=limited)
    async def begin(request: Request, next_page: NextPage = "") -> RedirectResponse:
        if oidc is None:
            raise refusal(404, "no_oidc", "no other sign-in is configured; see [oidc] in docs/console.md")
        try:
            begun = await oidc.begin(next_page)
        except OidcRefused as refused:
            log.error("console.oidc_failed", why=str(refused))
            return on_the_page(refused.code)
        answer = RedirectResponse(begun.address, status_code=303)
        # Lax: the provider's redirect is a top-level navigation, which carries it; other sites' requests do not.
        answer.set_cookie(
            _COOKIE, begun.browser, max_age=int(BEGUN_FOR_S), path=CALLBACK, httponly=True, samesite="lax",
            secure=guard.over_https(request),
        )  # fmt: skip
        return answer

    @router.get(CALLBACK, include_in_schema=False, dependencies=limited)
    async def come_back(
        request: Request,
        state: Annotated[str, Query(max_length=128)] = "",
        code: Annotated[str, Query(max_length=4096)] = "",
        error: Annotated[str, Query(max_length=200)] = "",
    ) -> RedirectResponse:
        if oidc is None:
            raise refusal(404, "no_oidc", "no other sign-in is configured; see [oidc] in docs/console.md")
        try:
            if error:
                raise OidcRefused("oidc_refused", f"{oidc.provider.issuer} answered {error!r}")
            person = await oidc.finish(state, code, request.cookies.get(_COOKIE, ""))
            session = await accounts.signed_in_elsewhere(person)
        except OidcRefused as refused:
            log.warning("console.oidc_refused", address=client(request), why=str(refused))
            return on_the_page(refused.code)
        except AccountsError as refused:
            log.warning("console.oidc_refused", address=client(request), why=str(refused))
            return on_the_page("oidc_name_taken")
        earlier = await guard.visitor(request)
        if earlier is not None:
            await accounts.sessions.end(earlier.token)
        answer = RedirectResponse(person.next_page or first_page(session.account.roles), status_code=303)
        answer.delete_cookie(_COOKIE, path=CALLBACK)
        guard.set_cookie(request, answer, session)
        log.info("console.signed_in", account=session.account.name, address=client(request), by="oidc")
        return answer

    return router
