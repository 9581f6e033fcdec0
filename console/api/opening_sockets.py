"""Tickets for the two websockets of the pages, and the lines a caller may choose from."""

from collections.abc import Callable, Iterable
from typing import Annotated, Literal, Protocol

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from console.api.signing_in import Strict
from console.guard import Guard, client, refusal
from console.rate import RateLimit
from console.sessions import Session
from console.tickets import Tickets

log = structlog.get_logger()

BrowserCalls = Literal["anyone", "signed_in", "off"]
"""Who may call from the browser page."""


class ShownLine(Protocol):
    """What is shown of a line; `telephony.lines.Line` is one."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def language(self) -> str: ...


class LineView(BaseModel):
    """A line. number: as callers dial it, '' when it can be reached by its id only."""

    id: str
    title: str
    number: str
    language: str


class WantedCall(Strict):
    line: Annotated[str, Field(min_length=1, max_length=64)]


class Ticket(BaseModel):
    """Opens the websocket at `url` (a path on this server) once, within a minute."""

    ticket: str
    url: str


def opening_sockets(
    guard: Guard,
    tickets: Tickets,
    lines: Callable[[], Iterable[ShownLine]],
    browser_calls: BrowserCalls,
    calls_by_address: RateLimit,
) -> APIRouter:
    """The routes. calls_by_address: how often one address may start a call."""
    router = APIRouter(tags=["sockets"])
    operator = Annotated[Session, Depends(guard.having("operator"))]

    async def may_call(request: Request) -> Session | None:
        if browser_calls == "off":
            raise refusal(403, "browser_calls_off", "calls from the browser are switched off (setting browser_calls)")
        if browser_calls == "signed_in":
            return await guard.signed_in(request)
        # Open to anyone: a ticket is made in nobody's name, so there is no session to protect.
        return await guard.visitor(request)

    calling = Annotated[Session | None, Depends(may_call)]

    async def may_list(request: Request) -> None:
        # Who works here needs the lines' titles even where nobody may call from the browser.
        if await guard.visitor(request) is None:
            await may_call(request)

    @router.get("/api/lines", dependencies=[Depends(may_list)])
    async def list_lines() -> list[LineView]:
        return [_view(line) for line in lines()]

    @router.post("/api/browser-calls")
    async def start_browser_call(request: Request, wanted: WantedCall, visitor: calling) -> Ticket:
        if wanted.line not in {line.id for line in lines()}:
            known = ", ".join(line.id for line in lines())
            raise refusal(404, "unknown_line", f"no line {wanted.line!r}; the lines are: {known}")
        wait_s = calls_by_address.use(client(request))
        if wait_s:
            log.warning("console.too_many_calls", address=client(request))
            raise refusal(429, "too_many_calls", f"too many calls; wait {wait_s} s", retry_after_s=wait_s)
        account = visitor.account.id if visitor else ""
        ticket = tickets.issue("browser", {"line": wanted.line, "account": account, "address": client(request)})
        return Ticket(ticket=ticket, url=f"/ws/browser?ticket={ticket}")

    @router.post("/api/operator-tickets")
    async def issue_operator_ticket(session: operator) -> Ticket:
        account = session.account
        subject = {
            "id": account.id, "name": account.display_name, "queues": list(account.queues),
            "skills": list(account.skills),
        }  # fmt: skip
        ticket = tickets.issue("operator", subject)
        return Ticket(ticket=ticket, url=f"/ws/operator?ticket={ticket}")

    return router


def _view(line: ShownLine) -> LineView:
    return LineView(id=line.id, title=line.title or line.id, number=line.number, language=line.language)
