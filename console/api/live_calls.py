"""A call as it happens, for pages and for programs: server-sent events, and the same over a websocket."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, WebSocket
from starlette.websockets import WebSocketDisconnect

from console.api.opening_sockets import Ticket
from console.api.recordings import may_listen
from console.api.views import EventView
from console.api_tokens import ApiTokens, bearer
from console.auditing import Auditing
from console.event_stream import STALLED_S, EventStream
from console.following import Following, Item, Missed, Over, Ping, Speaking
from console.guard import Guard, refusal
from console.roles import READERS
from console.sessions import Session
from console.tickets import Tickets
from history import StoredEvent, UnknownInteraction

log = structlog.get_logger()

MOST_READERS = 200
MOST_READERS_OF_A_CALL = 20
TICKET = "live_call"

CallId = Annotated[str, Path(min_length=1, max_length=64)]
After = Annotated[int | None, Query(ge=0, le=2**53)]


class Places:
    """How many read at once."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, call_id: str) -> Iterator[None]:
        self._taken[call_id] += 1
        try:
            yield
        finally:
            self._taken[call_id] -= 1
            self._taken += Counter()  # forgets those at 0

    def full(self, call_id: str) -> bool:
        return self._taken[call_id] >= MOST_READERS_OF_A_CALL or self._taken.total() >= MOST_READERS


def _as_message(item: Item) -> dict[str, Any]:
    match item:
        case StoredEvent():
            return EventView.model_validate(item).model_dump(mode="json")
        case Speaking():
            said = item.message
            return {"type": "partial", "speaker": said["speaker"], "text": said["text"], "at_ms": said["at_ms"]}
        case Missed():
            return {"type": "gap", "first_seq": item.first_seq, "last_seq": item.last_seq}
        case Ping():
            return {"type": "ping"}
        case Over():
            return {"type": "end", "last_seq": item.last_seq}


def _as_event(item: Item) -> str:
    if isinstance(item, Ping):
        return ": ping\n\n"
    message = _as_message(item)
    # Only what is stored has an id: a reader resumes from the last of those.
    number = f"id: {item.seq}\n" if isinstance(item, StoredEvent) else ""
    return f"{number}event: {message['type']}\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"


def _as_news(item: Item) -> str:
    """That something happened, without a word of what."""
    match item:
        case StoredEvent(seq=seq):
            return f'id: {seq}\ndata: {{"last_seq": {seq}}}\n\n'
        case Missed(last_seq=seq):
            return f'data: {{"last_seq": {seq}}}\n\n'
        case Over(last_seq=seq):
            return f'event: end\ndata: {{"last_seq": {seq}}}\n\n'
        case Ping():
            return ": ping\n\n"
        case Speaking():
            return ""


def live_calls(
    following: Following,
    guard: Guard,
    tokens: ApiTokens,
    tickets: Tickets,
    places: Places,
    auditing: Auditing,
    stalled_s: float = STALLED_S,
) -> APIRouter:
    """`GET /api/calls/{id}/events` for who may read the call as it was, or has an API token, tickets for the websocket,
    and `GET /api/calls/{id}/news` for pages, which ask for what they may see when there is something new."""
    router = APIRouter(prefix="/api/calls", tags=["live"])

    readers = guard.having(*READERS)

    async def as_it_was(session: Session, call_id: str) -> str:
        """Who reads. Refuses those to whom this call's words are shown redacted only: a stream cannot be redacted, what
        gives a number away may come in the next turn."""
        try:
            if not may_listen(session, await following.detail(call_id)):
                why = "you may read this call redacted only: see /api/interactions/{id}, and /api/calls/{id}/news"
                raise refusal(403, "redacted_only", why)
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no call {call_id!r}") from None
        return session.account.name

    async def may_read(request: Request, call_id: CallId) -> str:
        """Who reads."""
        if (token := bearer(request.headers)) is not None:
            known = await tokens.find(token)
            if known is None:
                raise refusal(401, "bad_token", "this API token is unknown, expired or revoked")
            return f"token {known.name}"
        return await as_it_was(await readers(request), call_id)

    reader = Annotated[str, Depends(may_read)]

    async def nothing_comes(call_id: str, since: int) -> bool:
        """Whether the call is over and all of it known. Refuses an unknown call, and when too many read."""
        try:
            if await following.is_over(call_id, since):
                return True
        except UnknownInteraction:
            raise refusal(404, "unknown_interaction", f"there is no call {call_id!r}") from None
        if places.full(call_id):
            raise refusal(503, "too_many_readers", "too many read calls now", retry_after_s=10)
        return False

    @router.get("/{call_id}/events", response_model=None)
    async def follow(
        who: reader,
        request: Request,
        call_id: CallId,
        after: After = None,
        last_event_id: Annotated[str, Header(max_length=20)] = "",
    ) -> Response:
        """Server-sent events from the one behind `Last-Event-ID` (or `after`) on; 204 when there will be none."""
        since = int(last_event_id) if last_event_id.isdecimal() else after or 0
        if await nothing_comes(call_id, since):
            return Response(status_code=204)
        await auditing.followed(who, request, call_id)
        return EventStream(_counted(following, places, call_id, since), _as_event, stalled_s)

    @router.get("/{call_id}/news", response_model=None)
    async def news(
        _: Annotated[Session, Depends(readers)],
        call_id: CallId,
        after: After = None,
        last_event_id: Annotated[str, Header(max_length=20)] = "",
    ) -> Response:
        """Server-sent events `{last_seq}`, one for each event of the call, and `end`; nothing of what was said, so that
        what somebody sees is left to the routes that know who they are. 204 when there will be none."""
        since = int(last_event_id) if last_event_id.isdecimal() else after or 0
        if await nothing_comes(call_id, since):
            return Response(status_code=204)
        return EventStream(_counted(following, places, call_id, since), _as_news, stalled_s)

    @router.post("/{call_id}/event-tickets")
    async def ticket_for(session: Annotated[Session, Depends(readers)], call_id: CallId) -> Ticket:
        """Opens the websocket once, for a page."""
        ticket = tickets.issue(TICKET, {"call": call_id, "who": await as_it_was(session, call_id)})
        return Ticket(ticket=ticket, url=f"/api/calls/{call_id}/events?ticket={ticket}")

    return router


def live_sockets(
    following: Following,
    tokens: ApiTokens,
    tickets: Tickets,
    places: Places,
    auditing: Auditing,
    stalled_s: float = STALLED_S,
) -> APIRouter:
    """The websocket at the same address: with an API token in `Authorization`, or with a ticket."""
    router = APIRouter()

    async def reader(socket: WebSocket, call_id: str) -> str | None:
        if (token := bearer(socket.headers)) is not None:
            known = await tokens.find(token)
            return f"token {known.name}" if known else None
        subject = tickets.redeem(socket.query_params.get("ticket", ""), TICKET)
        return str(subject["who"]) if subject and subject["call"] == call_id else None

    @router.websocket("/api/calls/{call_id}/events")
    async def follow(socket: WebSocket, call_id: str) -> None:
        who = await reader(socket, call_id)
        if who is None:
            log.warning("console.socket_refused", path="events")
            await socket.close(1008)
            return
        since = socket.query_params.get("after", "0")
        if places.full(call_id) or not since.isdecimal() or len(since) > 16:
            await socket.close(1013)
            return
        await auditing.followed(who, socket, call_id)
        await socket.accept()
        sending = asyncio.create_task(_tell(socket, _counted(following, places, call_id, int(since)), stalled_s))
        gone = asyncio.create_task(_until_closed(socket))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            sending.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)

    return router


async def _tell(socket: WebSocket, items: AsyncIterator[Item], stalled_s: float) -> None:
    code, why = 1000, "the call has ended"
    try:
        async for item in items:
            async with asyncio.timeout(stalled_s):
                await socket.send_text(json.dumps(_as_message(item), ensure_ascii=False))
    except UnknownInteraction:
        code, why = 1008, "there is no such call"
    except TimeoutError:
        log.warning("console.reader_stalled", for_s=stalled_s)
        code, why = 1008, "nothing was taken"
    except (WebSocketDisconnect, RuntimeError):
        return
    finally:
        await items.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(stalled_s):
        await socket.close(code, why)


async def _until_closed(socket: WebSocket) -> None:
    """A reader has nothing to say; what comes all the same is not read on."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _counted(following: Following, places: Places, call_id: str, since: int) -> AsyncIterator[Item]:
    with places.taken(call_id):
        async for item in following.items(call_id, since):
            yield item
