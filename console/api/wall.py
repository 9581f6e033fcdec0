"""The live wall, for supervisors: what waits, who does what; operators' states, forced with a reason; callers who wait,
moved elsewhere."""

from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from pydantic import BaseModel, Field

from console.accounts import Accounts
from console.api.signing_in import Strict
from console.auditing import Auditing
from console.event_stream import STALLED_S, EventStream
from console.following import Ping
from console.guard import Guard, refusal
from console.sessions import Session
from console.wall_board import MOST_WATCHERS, WallBoard, WallView
from telephony.operators.forcing import CannotForce, NobodySits
from telephony.operators.moving import CannotMove, NotWaiting
from telephony.operators.seats import Forced

log = structlog.get_logger()


class WantedState(Strict):
    """why: as the operator reads it."""

    state: Literal["available", "away", "offline"]
    why: Annotated[str, Field(min_length=1, max_length=200)]


class ForcedView(BaseModel):
    """done: 'now', or 'after_call': the operator is in a call, which is not cut off."""

    done: Literal["now", "after_call"]


class WantedPlace(Strict):
    """to: 'queue' or 'operator', by `name` (an operator's: what they sign in with, or their id on the wall), or
    'front' of the queue in which they wait."""

    to: Literal["queue", "front", "operator"]
    name: Annotated[str, Field(max_length=64)] = ""


def wall(
    board: WallBoard, accounts: Accounts, guard: Guard, auditing: Auditing, stalled_s: float = STALLED_S
) -> APIRouter:
    """The routes. stalled_s: a reader who takes nothing for so long is let go."""
    router = APIRouter(prefix="/api", tags=["wall"])
    supervisors = guard.having("supervisor")
    supervisor = Annotated[Session, Depends(supervisors)]

    async def at_work(name: str) -> str:
        """The id of the operator who is called so."""
        desk = board.wall.desk
        account = None if desk.is_taken(name) else await accounts.find(name)
        operator = account.id if account else name
        if not desk.is_taken(operator):
            raise refusal(404, "not_at_work", f"{name!r} is not at work now; see /api/wall for who is")
        return operator

    @router.get("/wall")
    async def show(session: supervisor) -> WallView:
        """As it is now."""
        return await board.now()

    @router.get("/wall/events", response_model=None)
    async def watch(session: supervisor, request: Request) -> Response:
        """Server-sent events: `wall` with the whole wall, at once and whenever it changed, at most once a second."""
        if board.watchers >= MOST_WATCHERS:
            raise refusal(503, "too_many_readers", "too many watch the wall now", retry_after_s=10)

        async def still() -> bool:
            try:
                await supervisors(request)
            except HTTPException:
                return False
            return True

        return EventStream(board.items(still), _as_event, stalled_s)

    @router.post("/operators/{name}/state")
    async def force(
        session: supervisor,
        request: Request,
        name: Annotated[str, Path(min_length=1, max_length=64)],
        wanted: WantedState,
    ) -> ForcedView:
        """name: what they sign in with, or their id on the wall. Whoever is in a call changes when it is over."""
        desk = board.wall.desk
        operator = await at_work(name)
        detail = {"state": wanted.state, "why": wanted.why}
        await auditing.write(session, request, "operator.forced", "account", operator, **detail)
        try:
            now = desk.force(operator, Forced(wanted.state, wanted.why))
        except NobodySits:
            raise refusal(404, "not_at_work", f"{name!r} has just left") from None
        except CannotForce as error:
            raise refusal(409, "by_phone", str(error)) from None
        log.info("console.operator_forced", operator=operator, state=wanted.state, by=session.account.name)
        return ForcedView(done="now" if now else "after_call")

    @router.post("/waiting/{call_id}/move", status_code=204)
    async def move(
        session: supervisor,
        request: Request,
        call_id: Annotated[str, Path(min_length=1, max_length=64)],
        wanted: WantedPlace,
    ) -> None:
        """A caller who waits on the line: to another queue of their flowbook, to the front, to a free operator."""
        moving, by = board.wall.desk.moving, session.account.id
        waits = board.wall.desk.place_of(call_id)
        gone = refusal(404, "not_waiting", "nobody waits in this call (any more); see /api/wall for who does")
        if waits is None:
            raise gone
        rules = board.wall.queue_rules(waits[1].line)
        if wanted.to == "queue" and wanted.name not in rules:
            known = ", ".join(sorted(rules))
            raise refusal(404, "unknown_queue", f"their flowbook has no queue {wanted.name!r}; it has: {known}")
        operator = await at_work(wanted.name) if wanted.to == "operator" else ""
        name = operator or wanted.name
        await auditing.write(session, request, "call.moved", "interaction", call_id, to=wanted.to, name=name)
        try:
            match wanted.to:
                case "queue":
                    await moving.to_queue(call_id, name, rules[name], by)
                case "front":
                    await moving.to_front(call_id, by)
                case "operator":
                    await moving.to_operator(call_id, operator, by)
        except NotWaiting:
            raise gone from None
        except CannotMove as error:
            raise refusal(409, error.code, str(error)) from None
        log.info("console.call_moved", call_id=call_id, to=wanted.to, name=name, by=session.account.name)

    return router


def _as_event(item: WallView | Ping) -> str:
    return ": ping\n\n" if isinstance(item, Ping) else f"event: wall\ndata: {item.model_dump_json()}\n\n"
