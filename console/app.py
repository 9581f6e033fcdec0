"""The console as one router, and what an application around it must add."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, timedelta, tzinfo

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from console.accounts import Accounts
from console.api.accounts import accounts_of_people
from console.api.analyses import analyses
from console.api.articles import LARGER as LARGER_IMPORTS
from console.api.articles import articles
from console.api.callbacks import callbacks
from console.api.campaigns import campaigns
from console.api.consents import consents
from console.api.contacts import contacts
from console.api.events import LARGER, events
from console.api.flow_graph import flow_graph
from console.api.flow_passages import flow_passages
from console.api.flows import LARGER as LARGER_TEXTS
from console.api.flows import flows
from console.api.funnel import funnel
from console.api.hearing_texts import LineVoices, hearing_texts
from console.api.interactions import interactions
from console.api.journeys import journeys
from console.api.kpis import kpis
from console.api.live_calls import Places, live_calls, live_sockets
from console.api.messaging import messaging
from console.api.monitoring import monitoring_routes, monitoring_socket
from console.api.oidc import oidc_sign_in
from console.api.opening_sockets import BrowserCalls, ShownLine, opening_sockets
from console.api.portability import portability
from console.api.privacy import nothing_recorded, privacy
from console.api.queue_people import queue_people
from console.api.recordings import Listenings, RunningCall, recordings
from console.api.review import review
from console.api.scheduling import scheduling
from console.api.search import search
from console.api.second_factor import second_factor
from console.api.segments import Rules, segments
from console.api.settings import settings
from console.api.signing_in import signing_in
from console.api.simulated_speech import LARGER as LARGER_CLIPS
from console.api.simulated_speech import Ears, simulated_speech
from console.api.simulator import simulator
from console.api.suggesting import suggesting
from console.api.threads import threads
from console.api.topics import topics
from console.api.vcons import LARGER as LARGER_VCONS
from console.api.vcons import vcons
from console.api.wall import wall as wall_routes
from console.api.webhooks import role_or_command, webhooks
from console.article_shelf import ArticleShelf, ReviewDesk
from console.auditing import Auditing
from console.built_app import built_app
from console.command_token import CommandToken
from console.flow_shelf import FlowShelf
from console.following import Following
from console.guard import Guard
from console.headers import BodyLimit, SecurityHeaders
from console.oidc import Oidc
from console.pages import pages
from console.rate import RateLimit
from console.rehearsing import Rehearsing, Simulations
from console.settings_shelf import SettingsShelf
from console.sound_response import tell_unreadable
from console.tickets import Tickets
from console.wall_board import WallBoard
from history import HistoryUnavailable, Journal, Timeline
from history.deriving.report import KpiReport
from history.deriving.topics import Topics
from history.privacy.audit import Audit
from history.privacy.retention import EVER, Retention
from history.threads import WITHIN
from history.webhooks.dispatching import Dispatcher
from history.webhooks.store import Webhooks
from knowledge import KnowledgeBase
from telephony.following_up.sending import FollowUps
from telephony.monitoring import Monitoring
from telephony.outbound.office import Outbound
from telephony.partials import Partials
from telephony.recording.keeping import Keeping
from telephony.wall import Wall

log = structlog.get_logger()

LARGEST_LIST_BYTES = 4 * 1024 * 1024
"""Of a campaign's list, some 50,000 people; a larger one is imported on the command line."""
TEXTS_IN_A_MINUTE = 20
"""That one account may hear."""
CLIPS_IN_A_MINUTE = 20
"""That one account may say to simulated calls."""
MESSAGES_IN_A_MINUTE = 10
"""That one account may send: each SMS costs something."""
SEARCHES_IN_A_MINUTE = 60
"""Of articles by one account: one for each thing that a caller says, and some by hand."""


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
    article_shelf: ArticleShelf | None = None,
    review_desk: ReviewDesk | None = None,
    knowledge: Callable[[], KnowledgeBase] | None = None,
    sending: Dispatcher | None = None,
    commands: CommandToken | None = None,
    thread_days: int = WITHIN.days,
    segment_rules: Rules = dict,
    flow_shelf: FlowShelf | None = None,
    oidc: Oidc | None = None,
    retention: Retention = EVER,
    rehearsing: Rehearsing | None = None,
    voices: LineVoices | None = None,
    ears: Ears | None = None,
    wall: Wall | None = None,
    settings_shelf: SettingsShelf | None = None,
    monitoring: Monitoring | None = None,
    follow_ups: FollowUps | None = None,
    zone: tzinfo = UTC,
    now: Callable[[], float] = time.monotonic,
) -> APIRouter:
    """Pages and API of the console; the two websockets they open are the application's.

    public_origins: the addresses under which browsers reach this server, as `http(s)://host[:port]`; state-changing
    requests from pages of any other origin are refused. A loopback address stands for all names of this machine.
    journal: where a call-back is marked as done. lines: asked at each request. browser_calls: who may call from
    `/call`. tries_in_5_minutes: passwords and links one address may try (an office shares one address).
    browser_calls_in_a_minute: calls one address may start. outbound: campaigns, and who deals with which call-back.
    keeping: where recordings are, None where nothing is
    recorded. running: the call with an id, while it talks. partials: words that are still being recognised.
    article_shelf, review_desk: the articles and what they did not answer, None where nobody edits them here.
    knowledge: the articles that calls are answered from, asked at each search; None: operators are suggested none.
    sending: webhooks out, None where nobody is told. commands: what commands of this machine send.
    thread_days: how far apart a contact's interactions about the same are one thread.
    segment_rules: the company's segments. flow_shelf: flowbooks to edit and publish; None: there are none. rehearsing:
    tries them out. voices: speak texts for who writes them, None where nothing speaks. ears: hear what is said to
    simulated calls, None where nothing listens. oidc: a provider people may sign in with. retention: what is kept how
    long. wall: who waits and who works here. monitoring: to whom supervisors may listen. settings_shelf: lines,
    calendars, retention, None where nobody edits them here. follow_ups: what operators send to callers. zone: whose day
    is today. now: a monotonic clock in seconds, for the limits. Raises ValueError when an origin is malformed.

    The application must also be given to `protect`.
    """
    guard = Guard(accounts, public_origins)
    router = APIRouter(dependencies=[Depends(guard.same_site)])
    router.include_router(signing_in(accounts, guard, RateLimit(tries_in_5_minutes, 300.0, now=now)))
    router.include_router(second_factor(accounts, guard))
    router.include_router(oidc_sign_in(oidc, accounts, guard, RateLimit(tries_in_5_minutes, 300.0, now=now)))
    router.include_router(
        opening_sockets(guard, tickets, lines, browser_calls, RateLimit(browser_calls_in_a_minute, 60.0, now=now))
    )
    auditing = Auditing(Audit(journal, timeline))
    router.include_router(accounts_of_people(accounts, guard, auditing))
    delete_file = keeping.delete if keeping is not None else nothing_recorded
    officer = role_or_command(guard, commands, "privacy-officer")
    router.include_router(privacy(timeline, journal, delete_file, officer, retention))
    shelf = keeping.shelf if keeping is not None else None
    router.include_router(portability(timeline, journal, officer, shelf))
    router.include_router(interactions(timeline, accounts, guard, auditing))
    router.include_router(callbacks(timeline, journal, outbound, accounts, guard))
    router.include_router(kpis(KpiReport(timeline), guard))
    router.include_router(funnel(KpiReport(timeline), guard))
    router.include_router(topics(Topics(timeline), guard, zone))
    analyst = role_or_command(guard, commands, "supervisor", "flow-admin")
    if wall is not None:
        router.include_router(wall_routes(WallBoard(wall, KpiReport(timeline), zone), accounts, guard, auditing))
    if monitoring is not None:
        router.include_router(monitoring_routes(monitoring, guard, tickets))
    router.include_router(journeys(timeline, journal, analyst, zone))
    supervisor = role_or_command(guard, commands, "supervisor")
    router.include_router(segments(timeline, journal, segment_rules, outbound, supervisor))
    router.include_router(contacts(timeline, journal, guard, auditing, timedelta(days=thread_days)))
    router.include_router(threads(journal, guard))
    router.include_router(search(timeline, journal, guard, auditing))
    router.include_router(analyses(timeline, guard, auditing))
    router.include_router(consents(timeline, guard, auditing))
    router.include_router(events(journal, accounts.event_sources))
    router.include_router(vcons(timeline, journal, officer, shelf))
    if sending is not None:
        sysadmin = role_or_command(guard, commands, "sysadmin")
        router.include_router(webhooks(Webhooks(timeline, journal), sending, sysadmin))
    if flow_shelf is not None:
        flow_admin = guard.having("flow-admin")
        router.include_router(flows(flow_shelf, flow_admin))
        router.include_router(flow_graph(flow_shelf, flow_admin))
        router.include_router(flow_passages(flow_shelf, timeline, flow_admin))
        router.include_router(queue_people(accounts, flow_admin))
        if rehearsing is not None:
            simulations, clips = Simulations(now), RateLimit(CLIPS_IN_A_MINUTE, 60.0, now=now)
            router.include_router(simulator(flow_shelf, rehearsing, timeline, simulations, flow_admin, auditing))
            router.include_router(simulated_speech(simulations, ears, flow_admin, clips))
    if article_shelf is not None:
        router.include_router(articles(article_shelf, guard))
        if review_desk is not None:
            router.include_router(review(review_desk, article_shelf.unusable, guard))
    if settings_shelf is not None:
        router.include_router(settings(settings_shelf, guard, auditing))
    if knowledge is not None:
        router.include_router(suggesting(knowledge, guard, RateLimit(SEARCHES_IN_A_MINUTE, 60.0, now=now)))
    if voices is not None:
        router.include_router(hearing_texts(voices, guard, RateLimit(TEXTS_IN_A_MINUTE, 60.0, now=now)))
    if outbound:
        router.include_router(campaigns(outbound, guard))
        router.include_router(scheduling(timeline, journal, outbound, guard))
        if follow_ups is not None:
            messages = RateLimit(MESSAGES_IN_A_MINUTE, 60.0, now=now)
            router.include_router(messaging(timeline, follow_ups, outbound, guard, auditing, messages))
    if keeping is not None:
        router.include_router(recordings(timeline, journal, guard, keeping, running, Listenings(now), auditing))
    following = Following(journal, timeline, partials or Partials())
    places = Places()
    router.include_router(live_calls(following, guard, accounts.api_tokens, tickets, places, auditing))
    router.include_router(pages())
    router.include_router(built_app(guard))
    whole = APIRouter()
    whole.include_router(router)
    whole.include_router(live_sockets(following, accounts.api_tokens, tickets, places, auditing))
    if monitoring is not None:
        whole.include_router(monitoring_socket(monitoring, accounts, guard, tickets, auditing))
    return whole


def protect(app: FastAPI) -> None:
    """Adds to every HTTP answer of `app` the security headers, to every request the limit on its body, and answers 503
    when the history cannot be read or written, or recordings cannot be opened."""

    async def history_unavailable(request: Request, error: Exception) -> JSONResponse:
        log.error("console.history_unavailable", path=request.url.path, error=str(error))
        detail = {"code": "history_unavailable", "message": str(error), "retry_after_s": 5}
        return JSONResponse({"detail": detail}, 503, {"Retry-After": "5"})

    app.add_exception_handler(HistoryUnavailable, history_unavailable)
    tell_unreadable(app)
    larger = {"/api/campaigns": LARGEST_LIST_BYTES}
    larger |= LARGER | LARGER_IMPORTS | LARGER_TEXTS | LARGER_VCONS | LARGER_CLIPS
    app.add_middleware(BodyLimit, larger=larger)
    app.add_middleware(SecurityHeaders)
