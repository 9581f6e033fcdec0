"""The console as one router, and what an application around it must add."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from console.accounts import Accounts
from console.api.callbacks import callbacks
from console.api.campaigns import campaigns
from console.api.contacts import contacts
from console.api.events import LARGER, events
from console.api.interactions import interactions
from console.api.live_calls import Places, live_calls, live_sockets
from console.api.opening_sockets import BrowserCalls, ShownLine, opening_sockets
from console.api.recordings import Listenings, RunningCall, recordings
from console.api.signing_in import signing_in
from console.following import Following
from console.guard import Guard
from console.headers import BodyLimit, SecurityHeaders
from console.pages import pages
from console.rate import RateLimit
from console.tickets import Tickets
from history import HistoryUnavailable, Journal, Timeline
from telephony.outbound.office import Outbound
from telephony.partials import Partials
from telephony.recording.keeping import Keeping

log = structlog.get_logger()

LARGEST_LIST_BYTES = 4 * 1024 * 1024
"""Of a campaign's list, some 50,000 people; a larger one is imported on the command line."""


def create_console(
    accounts: Accounts,
    tickets: Tickets,
    timeline: Timeline,
    journal: Journal,
    *,
    public_origins: Sequence[str],
    lines: Callable[[], Iterable[ShownLine]],
    browser_calls: BrowserCalls = "signed_in",
    tries_in_5_minutes: int = 30,
    browser_calls_in_a_minute: int = 10,
    outbound: Outbound | None = None,
    keeping: Keeping | None = None,
    running: Callable[[str], RunningCall | None] = lambda call_id: None,
    partials: Partials | None = None,
    now: Callable[[], float] = time.monotonic,
) -> APIRouter:
    """Pages and API of the console; the two websockets they open are the application's.

    public_origins: the addresses under which browsers reach this server, as `http(s)://host[:port]`; state-changing
    requests from pages of any other origin are refused. A loopback address stands for all names of this machine.
    journal: where a call-back is marked as done. lines: asked at each request. browser_calls: who may call from
    `/call`. tries_in_5_minutes: passwords and links one address may try (an office shares one address).
    browser_calls_in_a_minute: calls one address may start. outbound: campaigns, and who deals with which call-back.
    browser_calls_in_a_minute: calls one address may start. keeping: where recordings are, None where nothing is
    recorded. running: the call with an id, while it talks. partials: words that are still being recognised.
    now: a monotonic clock in seconds, for the two limits. Raises ValueError when an origin is malformed.

    The application must also be given to `protect`.
    """
    guard = Guard(accounts, public_origins)
    router = APIRouter(dependencies=[Depends(guard.same_site)])
    router.include_router(signing_in(accounts, guard, RateLimit(tries_in_5_minutes, 300.0, now=now)))
    router.include_router(
        opening_sockets(guard, tickets, lines, browser_calls, RateLimit(browser_calls_in_a_minute, 60.0, now=now))
    )
    router.include_router(interactions(timeline, accounts, guard))
    router.include_router(callbacks(timeline, journal, outbound, accounts, guard))
    router.include_router(contacts(timeline, journal, guard))
    router.include_router(events(journal, accounts.event_sources))
    if outbound:
        router.include_router(campaigns(outbound, guard))
    if keeping is not None:
        router.include_router(recordings(timeline, journal, guard, keeping, running, Listenings(now)))
    following = Following(journal, timeline, partials or Partials())
    places = Places()
    router.include_router(live_calls(following, guard, accounts.api_tokens, tickets, places))
    router.include_router(pages(guard))
    whole = APIRouter()
    whole.include_router(router)
    whole.include_router(live_sockets(following, accounts.api_tokens, tickets, places))
    return whole


def protect(app: FastAPI) -> None:
    """Adds to every HTTP answer of `app` the security headers, to every request the limit on its body, and answers 503
    when the history cannot be read or written."""

    async def history_unavailable(request: Request, error: Exception) -> JSONResponse:
        log.error("console.history_unavailable", path=request.url.path, error=str(error))
        detail = {"code": "history_unavailable", "message": str(error), "retry_after_s": 5}
        return JSONResponse({"detail": detail}, 503, {"Retry-After": "5"})

    app.add_exception_handler(HistoryUnavailable, history_unavailable)
    app.add_middleware(BodyLimit, larger={"/api/campaigns": LARGEST_LIST_BYTES, **LARGER})
    app.add_middleware(SecurityHeaders)
