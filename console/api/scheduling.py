"""An operator agrees with a caller on a day and a time, and the call-back is on the list from then on."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel

from console.api.signing_in import Strict
from console.guard import Guard, refusal
from console.sessions import Session
from history import Entry, Journal, Timeline, UnknownInteraction
from telephony.lines import UnknownLine
from telephony.outbound.appointing import SCHEDULED, wrong_time
from telephony.outbound.numbers import dialled
from telephony.outbound.office import Outbound

_WHY = {
    "in_the_past": "that time is over; choose a later one",
    "too_far": "that is more than 60 days ahead; choose an earlier day",
    "outside_hours": "the line is closed then, or nobody may be called; choose a time within its hours",
}


class AppointmentIn(Strict):
    """at: when to call, with its zone."""

    at: AwareDatetime


class AppointmentView(BaseModel):
    """number: who will be called. dials: whether the server does it, once an operator is free; else people do."""

    seq: int
    number: str
    at: datetime
    dials: bool


def scheduling(timeline: Timeline, journal: Journal, outbound: Outbound, guard: Guard) -> APIRouter:
    """The route. Who calls is called at the number that they call from, and no other."""
    router = APIRouter(prefix="/api", tags=["callbacks"])
    operator = Annotated[Session, Depends(guard.having("operator", "supervisor"))]

    @router.post("/interactions/{interaction_id}/callback", status_code=201)
    async def schedule(
        session: operator, interaction_id: Annotated[str, Path(min_length=1, max_length=64)], wanted: AppointmentIn
    ) -> AppointmentView:
        try:
            call = (await timeline.get(interaction_id)).interaction
            line = outbound.lines().get(call.line)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        except UnknownLine as error:
            raise refusal(409, "unknown_line", str(error)) from None
        try:
            number = dialled(call.caller, outbound.settings.country)
        except ValueError as error:
            raise refusal(409, "no_number", f"who called cannot be called back: {error}") from None
        if await outbound.opt_outs.has(number):
            raise refusal(409, "opted_out", "this person does not want to be called by this server")
        now = datetime.now(UTC)
        if why := wrong_time(wanted.at, now, line, outbound.settings):
            raise refusal(422, why, _WHY[why])
        payload = {"queue": call.queue, "reason": SCHEDULED, "number": number, "slots": {}, "at": wanted.at.isoformat()}
        at_ms = max(0, int((now - call.started_at).total_seconds() * 1000))
        entry = Entry("callback.requested", payload, at_ms, actor=session.account.id, occurred_at=now)
        seq = await journal.append(interaction_id, [entry])
        await outbound.promises.schedule((interaction_id, seq), wanted.at.astimezone(UTC))
        dials = outbound.dials and outbound.settings.callbacks and bool(line.book.calling_back(call.queue))
        return AppointmentView(seq=seq, number=number, at=wanted.at, dials=dials)

    return router
