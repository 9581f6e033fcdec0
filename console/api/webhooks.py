"""Endpoints outside that are told of events: for admins, and for commands of this machine."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from console.api_tokens import bearer
from console.command_token import ACTOR, CommandToken
from console.guard import Guard, client, refusal
from console.roles import Role
from history.privacy import audit
from history.privacy.chain import Act
from history.webhooks.dispatching import Dispatcher
from history.webhooks.endpoint import DEFAULT_TYPES, NotAnEndpoint
from history.webhooks.store import Note, UnknownEndpoint, Webhooks

log = structlog.get_logger()

Who = Callable[[Request], Awaitable[str]]
"""Who asks, as they are written down; refuses who may not."""
EndpointId = Annotated[str, Path(min_length=1, max_length=64)]


class EndpointIn(BaseModel):
    """types: 'call.ended', 'call.*' or '*'. detail: 'ids', or 'payload': also what happened, redacted."""

    url: str = Field(min_length=1, max_length=2000)
    types: list[str] = Field(default=list(DEFAULT_TYPES), max_length=50)
    detail: Literal["ids", "payload"] = "ids"
    description: str = Field(default="", max_length=255)


class EndpointView(BaseModel):
    """state: 'enabled' or 'disabled', by whom or what `why` says. failing_since: None while it takes messages."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    url: str
    description: str
    types: list[str]
    detail: str
    state: str
    why: str
    failing_since: datetime | None
    created_at: datetime
    changed_at: datetime


class EndpointMade(EndpointView):
    """With the secret, which is not shown again."""

    secret: str


class SecretView(BaseModel):
    """The new secret. For a day messages are also signed with the one before."""

    secret: str


class DeliveryView(BaseModel):
    """status: of the last answer, 0 without one; error: why it was not accepted."""

    model_config = ConfigDict(from_attributes=True)

    message_id: str
    endpoint_id: str
    topic: str
    interaction_id: str
    seq: int
    state: str
    attempts: int
    due_at: datetime
    last_tried_at: datetime | None
    delivered_at: datetime | None
    status: int
    error: str


class ReplayIn(BaseModel):
    """Nothing: all that was given up. message_id: that one. since: all it wants that was recorded since then."""

    message_id: str | None = Field(default=None, max_length=64)
    since: AwareDatetime | None = None


class Replayed(BaseModel):
    messages: int


class TrialView(BaseModel):
    """What the endpoint answered to a `webhook.test`."""

    accepted: bool
    status: int
    error: str


def role_or_command(guard: Guard, commands: CommandToken | None, *roles: Role) -> Who:
    """Who is signed in and holds one of these roles, or a command of this machine."""
    holder = guard.having(*roles)

    async def who(request: Request) -> str:
        if commands is not None and commands.is_it(bearer(request.headers)):
            return ACTOR
        return (await holder(request)).account.id

    return who


def webhooks(hooks: Webhooks, sending: Dispatcher, who: Who) -> APIRouter:
    """The routes; every change is in the audit log with who made it, in one transaction with the change itself."""
    router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
    asking = Annotated[str, Depends(who)]

    def noting(actor: str, request: Request) -> Note:
        def note(c: Connection, at: datetime, action: str, endpoint_id: str, changes: Mapping[str, Any]) -> None:
            detail = {"changes": changes}
            audit.write(c, at, Act(actor, "sysadmin", action, "webhook", endpoint_id, client(request)[:64], detail))

        return note

    def unknown(endpoint_id: str) -> Exception:
        return refusal(404, "unknown_endpoint", f"there is no endpoint {endpoint_id!r}; centralino webhooks list")

    @router.get("")
    async def endpoints(actor: asking) -> list[EndpointView]:
        return [EndpointView.model_validate(one) for one in await hooks.endpoints()]

    @router.post("", status_code=201)
    async def add(actor: asking, request: Request, wanted: EndpointIn) -> EndpointMade:
        try:
            note = noting(actor, request)
            made = await hooks.add(wanted.url, wanted.types, wanted.detail, wanted.description, note)
        except NotAnEndpoint as error:
            raise refusal(422, "not_an_endpoint", str(error)) from None
        sending.wake()
        log.info("webhooks.endpoint_added", actor=actor, endpoint=made.id)
        return EndpointMade.model_validate(made, from_attributes=True)

    @router.get("/deliveries")
    async def deliveries(
        actor: asking,
        state: Literal["pending", "delivered", "dead"] | None = None,
        endpoint: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        before: Annotated[str | None, Query(max_length=64)] = None,
    ) -> list[DeliveryView]:
        """The newest first; state 'dead' is the list of what was given up."""
        return [DeliveryView.model_validate(one) for one in await hooks.deliveries(state, endpoint, limit, before)]

    async def changed(actor: str, endpoint_id: str, how: str, change: Awaitable[object]) -> None:
        try:
            await change
        except UnknownEndpoint:
            raise unknown(endpoint_id) from None
        sending.wake()
        log.info(f"webhooks.endpoint_{how}", actor=actor, endpoint=endpoint_id)

    @router.delete("/{endpoint_id}", status_code=204)
    async def remove(actor: asking, request: Request, endpoint_id: EndpointId) -> None:
        await changed(actor, endpoint_id, "removed", hooks.remove(endpoint_id, noting(actor, request)))

    @router.post("/{endpoint_id}/enable", status_code=204)
    async def enable(actor: asking, request: Request, endpoint_id: EndpointId) -> None:
        await changed(actor, endpoint_id, "enabled", hooks.enable(endpoint_id, noting(actor, request)))

    @router.post("/{endpoint_id}/disable", status_code=204)
    async def disable(actor: asking, request: Request, endpoint_id: EndpointId) -> None:
        change = hooks.disable(endpoint_id, f"by {actor}", noting(actor, request))
        await changed(actor, endpoint_id, "disabled", change)

    @router.post("/{endpoint_id}/rotate")
    async def rotate(actor: asking, request: Request, endpoint_id: EndpointId) -> SecretView:
        try:
            fresh = await hooks.rotate(endpoint_id, noting(actor, request))
        except UnknownEndpoint:
            raise unknown(endpoint_id) from None
        log.info("webhooks.secret_rotated", actor=actor, endpoint=endpoint_id)
        return SecretView(secret=fresh)

    @router.post("/{endpoint_id}/test")
    async def test(actor: asking, endpoint_id: EndpointId) -> TrialView:
        try:
            answer = await sending.try_out(await hooks.endpoint(endpoint_id))
        except UnknownEndpoint:
            raise unknown(endpoint_id) from None
        return TrialView(accepted=answer.accepted, status=answer.status, error=answer.error)

    @router.post("/{endpoint_id}/replay")
    async def replay(actor: asking, endpoint_id: EndpointId, wanted: ReplayIn) -> Replayed:
        try:
            if wanted.since is not None:
                count = await hooks.replay_since(endpoint_id, wanted.since)
            else:
                count = await hooks.replay_dead(endpoint_id, wanted.message_id)
        except UnknownEndpoint:
            raise unknown(endpoint_id) from None
        sending.wake()
        log.info("webhooks.replayed", actor=actor, endpoint=endpoint_id, messages=count)
        return Replayed(messages=count)

    return router
