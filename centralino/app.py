"""The assembled server: every room opened in order, and closed in the opposite one."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from threadpoolctl import threadpool_limits

from centralino.company import Company
from centralino.contacts import contacts_in
from centralino.data_folder import data_folder_of
from centralino.errand_settings import errands_of
from centralino.flow_shelf import ServedFlows
from centralino.line_ears import ServedEars
from centralino.line_voices import ServedVoices
from centralino.loop_lag import LoopLag
from centralino.metrics import CallCounts, Figures, metrics_route
from centralino.publishing import Publishing
from centralino.readiness import Readiness
from centralino.rehearsing import ServedRehearsing
from centralino.reloading import Outcome, Reloading
from centralino.served_articles import shelves
from centralino.served_settings import ServedSettings
from centralino.settings import Settings
from centralino.summary_asking import summarizing_of
from centralino.unknown_words import unknown_words
from centralino.webhook_posting import posting
from console.accounts import Accounts
from console.api.oidc import CALLBACK
from console.app import create_console, protect
from console.command_token import CommandToken
from console.oidc import Oidc
from console.tickets import Tickets
from history import Journal, LostCall, LostCalls, Timeline
from history.analyses.next_action import rules_of
from history.deriving.worker import Deriving
from history.journeys.named import named_rules
from history.privacy.retention import Sweeper
from history.webhooks.dispatching import Dispatcher
from history.webhooks.redacting import redacted
from history.webhooks.store import Webhooks
from knowledge.revisions import Revisions
from telephony.control.registry import controls
from telephony.doors.house import House
from telephony.doors.registry import ports
from telephony.following_up.sending import FollowUps
from telephony.late_writing import LateWriting
from telephony.monitoring import Monitoring
from telephony.operators.desk import Desk
from telephony.operators.phones import Phones
from telephony.operators.restoring import follow_callbacks, restore_places
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.dialling import dialling
from telephony.outbound.office import Outbound
from telephony.parts import Parts
from telephony.reception import Reception
from telephony.recording.keeping import Keeping
from telephony.recording.recorder import Recorder
from telephony.recording.sealing.master_key import KeysUnavailable
from telephony.recording.shelf import Shelf
from telephony.server import media_routes
from telephony.wall import Wall
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore
from voice.speaking.engines import load_synthesizers
from voice.speaking.prompts import Prerendered, Speaker

log = structlog.get_logger()

LARGEST_FRAME = 64 * 1024


@dataclass(frozen=True)
class Server:
    """Everything that runs, for `centralino run` and for tests."""

    app: FastAPI
    accounts: Accounts
    timeline: Timeline
    lost: list[LostCall]
    prompts: Prerendered
    lag: LoopLag
    drain: Callable[[], Awaitable[None]]
    """Takes no further calls and lets running ones finish."""
    hurry: asyncio.Event
    """Set it to end a drain at once."""
    reload: Callable[[], Awaitable[Outcome]]
    """Takes up the company's folder as it is now."""


@asynccontextmanager
async def open_server(
    settings: Settings,
    company: Company,
    choices: Sequence[EngineChoice],
    rendered: Callable[[int, int], None] | None = None,
) -> AsyncIterator[Server]:
    """Open the history, load the models, render the prompts; then the app can serve. Closes all of it at the end.

    choices: the recognizer of each language. rendered: told (done, total) while prompts are rendered. Raises the
    rooms' own errors, each with its way out.
    """
    async with AsyncExitStack() as stack:
        database = settings.history_database()
        stack.callback(await asyncio.to_thread(data_folder_of, settings, database))
        journal = await Journal.open(database, node=settings.history.node)
        stack.push_async_callback(journal.close)
        lost = await journal.close_lost()
        if lost:
            log.warning("history.calls_were_lost", calls=[call.interaction_id for call in lost])
        timeline = await asyncio.to_thread(Timeline, database)
        stack.push_async_callback(timeline.close)
        accounts = await Accounts.open(settings.accounts_path)
        stack.push_async_callback(accounts.close)

        store = ModelStore(settings.cache_dir)
        recognizers = Recognizers(store)
        await recognizers.start(choices)
        stack.push_async_callback(recognizers.close)
        for book, _ in company.books:
            if not (unknown := await unknown_words(book, company.articles, recognizers, choices)):
                continue
            see = f"centralino flows check {company.articles.parent}"
            log.warning("recognizer.company_words_unknown", words=len(unknown), see=see)
        voices = load_synthesizers((line.voice.engine for line in company.lines), store)
        speaker = Speaker(settings.cache_dir / "prompts", voices)
        stack.push_async_callback(speaker.close)
        prompts = await speaker.prerender(company.prompts(), rendered or (lambda done, total: None))
        await speaker.warm_up(line.voice for line in company.lines)

        counts = CallCounts()
        stack.push_async_callback(_stop, asyncio.create_task(counts.follow(journal.subscribe())))
        shelf = settings.recordings()
        if any(line.recording.after_notice for line in company.lines):
            await asyncio.to_thread(_try_keys, shelf)
        recorder = Recorder(shelf)
        stack.push_async_callback(recorder.close)
        keeping = Keeping(shelf, journal, timeline)
        await keeping.adopt(lost)
        await keeping.adopt_of(settings.history.node, datetime.now(UTC))
        lag = LoopLag()
        sending = Dispatcher(
            Webhooks(timeline, journal),
            journal,
            posting(settings.webhooks.inside),
            redacted,
            node=settings.history.node,
        )
        late = LateWriting(journal)
        desk = Desk(late, lambda: int(time.monotonic() * 1000), wrap_up=settings.wrap_up)
        errands = errands_of(settings.errands, settings.messages)
        parts = Parts(
            journal, late, recognizers, speaker, desk, errands, recorder=recorder, transfers=settings.transfers,
            contacts=contacts_in(timeline, timedelta(days=settings.thread_days)),
        )  # fmt: skip
        reception = Reception(company.lines, parts, settings.most_calls, human_number=settings.human_number)
        publishing = Publishing(settings.company, Revisions(settings.revisions_path))
        reloading = Reloading(
            settings.company, company, publishing, recognizers, speaker, store, reception.take_up,
            settings.lines_path,
        )  # fmt: skip
        await reloading.begin()
        summarizing = summarizing_of(settings.summaries, journal, timeline)
        wanted = summarizing.wanted if summarizing else None
        deriving = Deriving(journal, timeline, ZoneInfo(settings.time_zone), rules_of(settings.company), wanted)
        if summarizing is not None:
            deriving.stored = summarizing.wake
        await restore_places(timeline, desk, int(time.monotonic() * 1000))
        sweeper = Sweeper(
            timeline, journal, settings.retention.retention(), lambda media: keeping.delete(media, "its time is over")
        )
        for work in (
            sweeper.run(),
            *(sending.run(), lag.watch(), desk.run(), reception.watch(), keeping.run(), reloading.watch()),
            *(follow_callbacks(journal, timeline, desk), deriving.run()),
            LostCalls(journal, settings.history.node).run(),
            *([summarizing.run()] if summarizing else []),
        ):
            stack.push_async_callback(_stop, asyncio.create_task(work))
        outgoing_calls = await OutboundDatabase.open(settings.outbound_path)
        stack.push_async_callback(outgoing_calls.close)
        outbound = Outbound.of(outgoing_calls, lambda: reception.lines, settings.outbound)
        follow_ups = FollowUps(errands, journal, timeline)
        stack.push_async_callback(follow_ups.close)
        tickets = Tickets()
        house = House(reception, settings.reached_at, settings.human_number)

        article_shelf, review_desk = shelves(publishing.revisions, timeline, reloading)
        app = FastAPI(title="Centralino", docs_url=None, redoc_url=None)
        protect(app)
        app.include_router(
            media_routes(house, desk, tickets.redeem, settings.auth_token(), settings.doors, settings.webrtc)
        )
        app.include_router(
            create_console(
                accounts,
                tickets,
                timeline,
                journal,
                public_origins=sorted({settings.own_url, settings.reached_at}),
                lines=lambda: reception.lines,
                browser_calls=settings.browser_calls,
                outbound=outbound,
                keeping=keeping,
                retention=settings.retention.retention(),
                running=reception.running,
                partials=parts.partials,
                article_shelf=article_shelf,
                review_desk=review_desk,
                knowledge=lambda: reloading.company.knowledge,
                flow_shelf=ServedFlows(publishing, reloading),
                oidc=Oidc(settings.oidc.provider(), settings.reached_at + CALLBACK) if settings.oidc else None,
                voices=ServedVoices(speaker, lambda: reception.lines, settings.company, store),
                ears=ServedEars(recognizers, lambda: reception.lines),
                rehearsing=ServedRehearsing(publishing, lambda: reloading.company, errands),
                sending=sending,
                thread_days=settings.thread_days,
                segment_rules=partial(named_rules, settings.company),
                commands=CommandToken.written_to(settings.data_dir),
                wall=Wall(desk, lambda: reception.lines, reception.in_progress),
                settings_shelf=ServedSettings(reloading, settings.retention),
                monitoring=Monitoring(settings.monitoring, desk, reception.running),
                follow_ups=follow_ups,
                zone=ZoneInfo(settings.time_zone),
            )
        )

        figures_now = Figures(counts, reception, desk, house, recognizers, lag)
        app.include_router(metrics_route(figures_now, accounts.api_tokens))
        readiness = Readiness(reception, journal, recognizers)

        @app.get("/ready")
        async def ready() -> JSONResponse:
            """Whether this server should be given calls: 200, or 503 with the reasons."""
            why = [asdict(reason) for reason in await readiness.look()]
            figures = {**reception.figures(), "most_calls": settings.most_calls, **desk.figures()}
            return JSONResponse({"ready": not why, "reasons": why, **figures}, 503 if why else 200)

        @app.get("/health")
        async def health() -> dict[str, Any]:
            """That it lives, and the figures that tell how well it does."""
            return {
                "status": "draining" if reception.draining else "ok",
                "reception": reception.figures(),
                "refused": dict(house.refused),
                "refused_for": {f"{door}: {why}": count for (door, why), count in sorted(house.refusals.items())},
                "desk": desk.figures(),
                "recognizers": [asdict(worker) for worker in recognizers.stats()],
                "event_loop": lag.figures(),
                "lines": asdict(reloading.outcome),
                "summaries": asdict(summarizing.counts) if summarizing else None,
            }

        _match_every_route_once(app)
        await stack.enter_async_context(controls(house, settings.auth_token(), settings.doors))
        for port in ports(house, settings.doors):
            await stack.enter_async_context(port)
        for problem in settings.transfers.problems(parts.controls):
            log.error("transfers.impossible", why=str(problem))
        desk.destinations = {name: one.title or name for name, one in settings.transfers.destinations.items()}
        phones = Phones(settings.transfers, desk, lambda: reception.lines, late, speaker, parts.controls)
        stack.push_async_callback(_stop, asyncio.create_task(phones.run()))
        _leave_the_cores_to_the_calls()
        stack.callback(gc.unfreeze)
        await stack.enter_async_context(dialling(outbound, reception, desk, journal, timeline))
        lag.reset()
        hurry = asyncio.Event()
        drain = partial(reception.close, settings.drain_s, hurry)
        yield Server(app, accounts, timeline, lost, prompts, lag, drain, hurry, partial(reloading.reload, "asked for"))


def _try_keys(shelf: Shelf) -> None:
    """Whoever starts the server learns now that nothing will be recorded; calls are taken all the same."""
    try:
        shelf.keys.check()
    except KeysUnavailable as error:
        log.error("recording.keys_unavailable", error=str(error), what="calls are taken, and none is recorded")


def _match_every_route_once(app: FastAPI) -> None:
    """FastAPI builds what it knows of a route when a first request looks at it (0.3 s for all of ours: measured).

    That moment must not be the first call's.
    """
    for kind in ("http", "websocket"):
        scope: dict[str, Any] = {"type": kind, "method": "GET", "path": "/-", "root_path": "", "headers": []}
        scope["query_string"] = b""
        for route in app.routes:
            route.matches(scope)


def _leave_the_cores_to_the_calls() -> None:
    """Searches and filters multiply small matrices: a second BLAS thread doubles their CPU time (measured: 14 ms for a
    search, 6 with one) and saves no time. What was loaded until now lives as long as the server; looking for garbage in
    it would hold up the event loop (0.12 s)."""
    threadpool_limits(1, user_api="blas")
    gc.collect()
    gc.freeze()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
