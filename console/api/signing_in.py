"""Signing in and out, one-time links, and who am I."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from console.accounts import Accounts
from console.guard import Guard, client, refusal
from console.passwords import LONGEST, SHORTEST, PasswordRefused
from console.rate import RateLimit
from console.roles import Role, first_page
from console.sessions import CodeWanted, Session, SignInRefused

# Dependencies are closures here, so annotations must not be postponed: FastAPI could not look their names up.

log = structlog.get_logger()


class Strict(BaseModel):
    """Unknown fields are an error, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


class SignIn(Strict):
    """code: of the phone or of the paper, where the account asks for one (401 `code_wanted`)."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    code: Annotated[str, Field(max_length=32)] = ""


class LinkToken(Strict):
    token: Annotated[str, Field(min_length=1, max_length=128)]


class NewPassword(LinkToken):
    password: Annotated[str, Field(max_length=1024)]


class Me(BaseModel):
    """Who is signed in. csrf_token: to be sent back as X-CSRF-Token with every state-changing request.
    first_page: where to go after signing in."""

    id: str
    name: str
    display_name: str
    roles: list[Role]
    second_factor: bool
    queues: list[str]
    csrf_token: str
    first_page: str


class LinkOwner(BaseModel):
    """Whose link it is, and how long a password must be."""

    name: str
    display_name: str
    shortest_password: int
    longest_password: int


def signing_in(accounts: Accounts, guard: Guard, tries: RateLimit) -> APIRouter:
    """The routes. tries: how often one address may try passwords and links."""
    router = APIRouter(tags=["sign-in"])
    signed_in = Annotated[Session, Depends(guard.signed_in)]

    async def count_try(request: Request) -> None:
        wait_s = tries.use(client(request))
        if wait_s:
            log.warning("console.too_many_tries", address=client(request), path=request.url.path)
            raise refusal(429, "too_many_tries", f"too many tries; wait {wait_s} s", retry_after_s=wait_s)

    limited = [Depends(count_try)]

    @router.post("/api/sign-in", dependencies=limited)
    async def sign_in(request: Request, response: Response, wanted: SignIn) -> Me:
        try:
            session = await accounts.sessions.sign_in(wanted.name, wanted.password, wanted.code)
        except CodeWanted:
            raise refusal(401, "code_wanted", "send the code that your phone shows, too") from None
        except SignInRefused as refused:
            log.warning("console.sign_in_refused", address=client(request), why=str(refused))
            if refused.retry_after_s:
                wait_s = int(refused.retry_after_s) + 1
                raise refusal(429, "locked", f"{refused}; wait {wait_s} s", retry_after_s=wait_s) from None
            raise refusal(401, "wrong_password", str(refused)) from None
        return await begin(request, response, session)

    @router.post("/api/sign-out", status_code=204)
    async def sign_out(request: Request, response: Response, session: signed_in) -> None:
        await accounts.sessions.end(session.token)
        guard.clear_cookie(request, response)
        log.info("console.signed_out", account=session.account.name)

    @router.get("/api/me")
    async def me(session: signed_in) -> Me:
        return _me(session)

    @router.post("/api/welcome/check", dependencies=limited)
    async def check_link(link: LinkToken) -> LinkOwner:
        account = await accounts.link_account(link.token)
        if account is None:
            raise _bad_link()
        return LinkOwner(
            name=account.name,
            display_name=account.display_name,
            shortest_password=SHORTEST,
            longest_password=LONGEST,
        )

    @router.post("/api/welcome", dependencies=limited)
    async def set_password(request: Request, response: Response, wanted: NewPassword) -> Me:
        try:
            session = await accounts.set_password(wanted.token, wanted.password)
        except PasswordRefused as refused:
            raise refusal(422, refused.code, str(refused)) from None
        if session is None:
            raise _bad_link()
        return await begin(request, response, session)

    async def begin(request: Request, response: Response, session: Session) -> Me:
        # An older session of this browser must not outlive the new one.
        earlier = await guard.visitor(request)
        if earlier is not None:
            await accounts.sessions.end(earlier.token)
        guard.set_cookie(request, response, session)
        log.info("console.signed_in", account=session.account.name, address=client(request))
        return _me(session)

    return router


def _bad_link() -> Exception:
    return refusal(404, "bad_link", "this link was used or has expired; ask an admin for a new one")


def _me(session: Session) -> Me:
    account = session.account
    return Me(
        id=account.id,
        name=account.name,
        display_name=account.display_name,
        roles=list(account.roles),
        second_factor=account.second_factor,
        queues=list(account.queues),
        csrf_token=session.csrf_token,
        first_page=first_page(account.roles),
    )
