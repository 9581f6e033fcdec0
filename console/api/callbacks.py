"""People to be called back, for who is signed in: seen, taken by one, dealt with."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from console.accounts import Accounts
from console.api.views import CallbackView
from console.guard import Guard, refusal
from console.sessions import Session
from dialogs.queueing import ASKED_IN_QUEUE
from history import Callback, Entry, InteractionDetail, Journal, Timeline, UnknownInteraction
from telephony.outbound.appointing import SCHEDULED
from telephony.outbound.office import Outbound
from telephony.outbound.owed import Key, Task

InteractionId = Annotated[str, Path(min_length=1, max_length=64)]
Seq = Annotated[int, Path(ge=1)]


def callbacks(
    timeline: Timeline, journal: Journal, outbound: Outbound | None, accounts: Accounts, guard: Guard
) -> APIRouter:
    """The routes. Operators see those of their own queues. outbound: who has what; None: nobody takes anything."""
    router = APIRouter(prefix="/api/callbacks", tags=["callbacks"])
    operator = Annotated[Session, Depends(guard.having("operator", "supervisor"))]

    async def names() -> Mapping[str, str]:
        return {account.id: account.display_name for account in await accounts.list_accounts()}

    async def open_one(session: Session, interaction_id: str, seq: int) -> tuple[InteractionDetail, Callback]:
        """Of a queue of theirs, as the list shows it."""
        try:
            detail = await timeline.get(interaction_id)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no interaction {interaction_id!r}") from None
        one = next((one for one in detail.callbacks if one.seq == seq), None)
        account = session.account
        if one is None or (account.queues and one.queue not in account.queues and not account.has("supervisor")):
            raise refusal(404, "unknown_callback", f"interaction {interaction_id!r} has no call-back request {seq}")
        if one.done_at is not None:
            raise refusal(409, "callback_done", f"{one.done_by} has dealt with this already")
        return detail, one

    @router.get("")
    async def list_callbacks(
        session: operator, done: bool = False, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> list[CallbackView]:
        """Who is to be called back, the longest waiting first; done: who was, the latest first."""
        mine = () if session.account.has("supervisor") else session.account.queues
        found = await (timeline.callbacks_done if done else timeline.callbacks)(limit=limit, queues=mine)
        keys: list[Key] = [(one.interaction_id, one.seq) for one in found]
        tasks = await outbound.promises.tasks(keys) if outbound else {}
        known = await names()
        me = session.account.id
        return [_view(one, tasks.get(key, Task()), known, me) for one, key in zip(found, keys, strict=True)]

    @router.post("/{interaction_id}/{seq}/take", status_code=204)
    async def take(session: operator, interaction_id: InteractionId, seq: Seq) -> None:
        """It is mine: nobody else sees it as free, and the server does not dial it."""
        if outbound is None:
            raise refusal(404, "not_here", "this server keeps no list of who deals with what")
        _, one = await open_one(session, interaction_id, seq)
        if one.reason == ASKED_IN_QUEUE:
            raise refusal(409, "callback_in_queue", "it keeps its place in the queue and is offered to who is free")
        now = datetime.now(UTC)
        until = now + timedelta(minutes=outbound.settings.taken_minutes)
        if not await outbound.promises.take((interaction_id, seq), session.account.id, until, now):
            raise refusal(409, "callback_taken", "somebody else deals with this, or it is being dialled")

    @router.post("/{interaction_id}/{seq}/give-back", status_code=204)
    async def give_back(session: operator, interaction_id: InteractionId, seq: Seq) -> None:
        """It is anybody's again."""
        if outbound is None:
            raise refusal(404, "not_here", "this server keeps no list of who deals with what")
        if not await outbound.promises.give_back((interaction_id, seq), session.account.id, datetime.now(UTC)):
            raise refusal(409, "not_yours", "you do not have this call-back")

    @router.post("/{interaction_id}/{seq}/done", status_code=204)
    async def done(session: operator, interaction_id: InteractionId, seq: Seq) -> None:
        detail, _ = await open_one(session, interaction_id, seq)
        now = datetime.now(UTC)
        at_ms = max(0, int((now - detail.interaction.started_at).total_seconds() * 1000))
        entry = Entry("callback.done", {"callback_seq": seq}, at_ms, actor=session.account.id, occurred_at=now)
        await journal.append(interaction_id, [entry])

    return router


def _view(one: Callback, task: Task, names: Mapping[str, str], me: str) -> CallbackView:
    view = CallbackView.model_validate(one)
    view.tried, view.outcome = task.tried, task.outcome
    if one.done_at is not None:
        view.status, view.done_by_name = "done", names.get(one.done_by or "", one.done_by or "")
        return view
    lapsed = task.status == "taken" and task.free(datetime.now(UTC))
    view.status = "waiting" if lapsed else task.status
    view.holder = "" if lapsed else task.holder
    view.holder_name = names.get(view.holder, view.holder)
    view.mine = bool(view.holder) and view.holder == me
    if one.reason == ASKED_IN_QUEUE:
        view.status = "in_queue"
    view.next_try = task.due_at if task.status == "waiting" and task.tried else None
    if one.reason == SCHEDULED and not task.tried:
        view.due_at = task.due_at
    return view
