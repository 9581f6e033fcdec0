"""The signed-in person's own second factor: begin, confirm with a first code, end."""

import io
from typing import Annotated

import segno
import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.accounts import Accounts
from console.api.signing_in import Strict
from console.guard import Guard, refusal
from console.second_factor import SecondFactorRefused
from console.sessions import Session, SignInRefused

log = structlog.get_logger()

ISSUER = "Centralino"


class Enrolled(BaseModel):
    """secret: for typing. uri: what the picture says. qr_svg: the picture, an SVG document."""

    secret: str
    uri: str
    qr_svg: str


class Code(Strict):
    code: Annotated[str, Field(min_length=6, max_length=32)]


class Password(Strict):
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    code: Annotated[str, Field(min_length=6, max_length=32)]


class State(BaseModel):
    """papers_left: codes on paper that were not used yet."""

    on: bool
    papers_left: int


class Papers(BaseModel):
    """To be printed or written down: each stands for the phone once."""

    recovery_codes: list[str]


def second_factor(accounts: Accounts, guard: Guard) -> APIRouter:
    """The routes under `/api/me/second-factor`."""
    router = APIRouter(prefix="/api/me/second-factor", tags=["sign-in"])
    signed_in = Annotated[Session, Depends(guard.signed_in)]
    factor = accounts.second_factor

    @router.get("")
    async def state(session: signed_in) -> State:
        return State(on=session.account.second_factor, papers_left=await factor.papers_left(session.account.id))

    @router.post("/begin")
    async def begin(session: signed_in) -> Enrolled:
        try:
            begun = await factor.begin(session.account.id, ISSUER)
        except SecondFactorRefused as refused:
            raise refusal(409, refused.code, str(refused)) from None
        picture = io.BytesIO()
        segno.make(begun.uri, micro=False).save(picture, kind="svg", scale=4, xmldecl=False)
        return Enrolled(secret=begun.secret, uri=begun.uri, qr_svg=picture.getvalue().decode())

    @router.post("/confirm")
    async def confirm(session: signed_in, wanted: Code) -> Papers:
        try:
            papers = await factor.confirm(session.account.id, wanted.code, session.token)
        except SecondFactorRefused as refused:
            raise refusal(422, refused.code, str(refused)) from None
        log.info("console.second_factor_on", account=session.account.name)
        return Papers(recovery_codes=papers)

    @router.post("/end", status_code=204)
    async def end(session: signed_in, wanted: Password) -> None:
        """Only with both proofs: who finds an open screen must not switch it off."""
        try:
            proof = await accounts.sessions.sign_in(session.account.name, wanted.password, wanted.code)
        except SignInRefused as refused:
            wait_s = int(refused.retry_after_s) + 1 if refused.retry_after_s else 0
            code = "locked" if wait_s else "wrong_password"
            raise refusal(403, code, str(refused), retry_after_s=wait_s) from None
        await accounts.sessions.end(proof.token)
        await factor.end(session.account.id)
        log.info("console.second_factor_off", account=session.account.name)

    return router
