"""Supervisors listen to operators' calls, speak to the operator alone, or to everybody; after the notice, and noted."""

from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Depends, Path, WebSocket
from pydantic import BaseModel

from console.accounts import Accounts
from console.api.opening_sockets import Ticket
from console.api.signing_in import Strict
from console.auditing import Auditing
from console.guard import Guard, refusal
from console.sessions import Session
from console.tickets import Tickets
from telephony.monitoring import Monitoring
from telephony.operators.monitor_socket import MonitorSocket
from telephony.overhearing import CannotOverhear

log = structlog.get_logger()

TICKET = "monitor"


class NoticeView(BaseModel):
    """What is to be read before listening, by language."""

    it: str
    en: str


class MonitoringView(BaseModel):
    """possible: the settings say that workers were informed. allowed_by: what allows it. tells_operator: operators see
    that, and how, somebody listens."""

    possible: bool
    allowed_by: str
    tells_operator: bool
    notice: NoticeView


class NoticeRead(Strict):
    """That the supervisor has read the notice."""

    notice_read: Literal[True]


def monitoring_routes(monitoring: Monitoring, guard: Guard, tickets: Tickets) -> APIRouter:
    """What is said before, and tickets for the websocket."""
    router = APIRouter(prefix="/api", tags=["wall"])
    supervisor = Annotated[Session, Depends(guard.having("supervisor"))]
    settings = monitoring.settings

    @router.get("/monitoring")
    async def show(session: supervisor) -> MonitoringView:
        notice = NoticeView(it=settings.notice.it, en=settings.notice.en)
        return MonitoringView(
            possible=settings.workers_informed, allowed_by=settings.allowed_by, notice=notice,
            tells_operator=settings.tells_operator,
        )  # fmt: skip

    @router.post("/calls/{call_id}/monitor-tickets")
    async def ticket_for(
        session: supervisor, call_id: Annotated[str, Path(min_length=1, max_length=64)], read: NoticeRead
    ) -> Ticket:
        """Opens the websocket into this operator's call once."""
        if not settings.workers_informed:
            raise refusal(
                403, "monitoring_off", "nobody may listen: the settings do not say that workers were informed"
                " ([monitoring] workers_informed, see docs/privacy.md)",
            )  # fmt: skip
        try:
            monitoring.call(call_id, session.account.id)
        except CannotOverhear as error:
            raise refusal(404 if error.code == "no_operator" else 409, error.code, str(error)) from None
        ticket = tickets.issue(TICKET, {"call": call_id, "session": session.token})
        return Ticket(ticket=ticket, url=f"/ws/monitor?ticket={ticket}")

    return router


def monitoring_socket(
    monitoring: Monitoring,
    accounts: Accounts,
    guard: Guard,
    tickets: Tickets,
    auditing: Auditing,
) -> APIRouter:
    """The websocket: binary PCM16 at 16 kHz both ways, JSON for the rest (docs/console.md)."""
    router = APIRouter()

    async def supervisor(token: str) -> Session | None:
        """Whoever is signed in with this, while they hold the role."""
        session = await accounts.sessions.find(token)
        return session if session and session.account.has("supervisor") else None

    @router.websocket("/ws/monitor")
    async def monitor(socket: WebSocket) -> None:
        subject = tickets.redeem(socket.query_params.get("ticket", ""), TICKET)
        session = await supervisor(str(subject["session"])) if subject else None
        if subject is None or session is None or guard.is_foreign(socket.headers.get("origin")):
            log.warning("console.socket_refused", path="monitor")
            await socket.close(1008)
            return
        token, call_id, name = session.token, str(subject["call"]), session.account.display_name
        await socket.accept()
        try:
            overhearing, operator = monitoring.call(call_id, session.account.id)
        except CannotOverhear as error:
            await socket.close(4000, error.code)
            return

        async def written(mode: str) -> None:
            log.info("console.monitored", call_id=call_id, mode=mode, by=session.account.name)
            await auditing.write(
                session, socket, "call.monitored", "interaction", call_id, mode=mode, operator=operator.id
            )

        def told(mode: str) -> None:
            monitoring.tell_operator(call_id, mode, name)

        async def may() -> bool:
            return await supervisor(token) is not None

        await MonitorSocket(socket, overhearing, session.account.id, name, written, told, may).serve()

    return router
