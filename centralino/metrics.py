"""`GET /metrics`: what an operator's Prometheus reads, in its text format.

Everything is read at the moment it is asked for; only what has happened (calls begun and ended, recordings that failed)
is counted as the history tells it, so a restart begins at nought, as Prometheus expects of counters.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import AsyncIterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from centralino.loop_lag import LoopLag
from console.api_tokens import ApiTokens, bearer
from history import Gap, StoredEvent
from telephony.doors.house import House
from telephony.operators.desk import Desk
from telephony.reception import Reception
from voice.listening.workers import Recognizers

log = structlog.get_logger()

FAILURES = frozenset({"no_key", "disk_full", "disk_failed", "disk_too_slow", "failed"})
"""Why a recording ended before its call wanted it to (`telephony/recording/recorder.py`)."""
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


@dataclass
class CallCounts:
    """What has happened since this server began. ended: by the reason that the history has."""

    started: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    recordings_failed: Counter[str] = field(default_factory=Counter)

    async def follow(self, events: AsyncIterable[StoredEvent | Gap]) -> None:
        """Until cancelled. Events that came faster than they could be counted are told in the log."""
        async for event in events:
            if isinstance(event, Gap):
                log.warning("metrics.events_missed", interaction=event.interaction_id)
            else:
                self.count(event.type, event.payload)

    def count(self, kind: str, payload: Mapping[str, Any]) -> None:
        reason = str(payload.get("reason", ""))
        if kind == "call.started":
            self.started += 1
        elif kind == "call.ended":
            self.ended[reason] += 1
        elif kind == "recording.unfinished":
            self.recordings_failed["unfinished"] += 1
        elif kind in ("recording.stored", "recording.discarded") and reason in FAILURES:
            self.recordings_failed[reason] += 1


@dataclass(frozen=True, eq=False)
class Figures(Collector):
    """Where the figures are; `collect` reads them."""

    counts: CallCounts
    reception: Reception
    desk: Desk
    house: House
    recognizers: Recognizers
    lag: LoopLag

    def collect(self) -> Iterator[Metric]:
        calls, desk = self.reception.figures(), self.desk.figures()
        yield _gauge("calls", "Calls that run now.", calls["calls"])
        yield _gauge("calls_expected", "Calls that were announced and whose sound is awaited.", calls["expected"])
        yield _gauge("calls_most", "Calls that may run at once.", self.reception.most_calls)
        yield _counter("calls_started", "Calls that began, those turned away included.", {(): self.counts.started})
        ended = {(reason,): count for reason, count in self.counts.ended.items()}
        yield _counter("calls_ended", "Calls that ended, by reason.", ended, "reason")
        yield _counter("calls_turned_away", "Calls that this server had no room for.", {(): calls["turned_away"]})
        refused = dict(self.house.refusals)
        what = "Connections that did not prove who they are, by what was missing or wrong."
        yield _counter("connections_refused", what, refused, "door", "reason")
        yield _gauge("queue_waiting", "Callers who wait for an operator.", desk["waiting"])
        yield _gauge("queue_promised", "Places kept for a call-back.", desk["promised"])
        yield _gauge("operators", "Operators at the desk.", desk["operators"])
        yield _gauge("operators_talking", "Operators who talk.", desk["talking"])
        yield from self._recognition()
        yield from self._loop()
        failed = {(reason,): count for reason, count in self.counts.recordings_failed.items()}
        yield _counter("recordings_failed", "Recordings that ended early or could not be finished.", failed, "reason")

    def _recognition(self) -> Iterator[Metric]:
        labels = ("engine", "model", "worker")
        waiting = GaugeMetricFamily("centralino_recognizer_waiting", "Requests that a recognizer owes.", labels=labels)
        age = GaugeMetricFamily("centralino_recognizer_waiting_seconds", "Age of the oldest of them.", labels=labels)
        restarts = CounterMetricFamily("centralino_recognizer_restarts", "Recognizers that died.", labels=labels)
        for number, worker in enumerate(self.recognizers.stats()):
            named = (worker.engine, worker.model, str(number))
            waiting.add_metric(named, worker.waiting)
            age.add_metric(named, worker.waiting_ms / 1000)
            restarts.add_metric(named, worker.restarts)
        yield from (waiting, age, restarts)

    def _loop(self) -> Iterator[Metric]:
        late, what = self.lag.figures(), "How late a timer of 5 ms was, in the last minute (worst: since the start)."
        lag = GaugeMetricFamily("centralino_event_loop_lag_seconds", what, labels=("of",))
        for name in ("p50", "p99", "worst"):
            lag.add_metric((name,), late[f"{name}_ms"] / 1000)
        yield lag


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"centralino_{name}", what, value=value)


def _counter(name: str, what: str, counts: Mapping[Any, float], *labels: str) -> Metric:
    family = CounterMetricFamily(f"centralino_{name}", what, labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(values, count)
    return family


def metrics_route(figures: Collector, tokens: ApiTokens) -> APIRouter:
    """`GET /metrics`, for programs on this machine and for holders of an API token."""
    router = APIRouter()
    registry = CollectorRegistry()
    registry.register(figures)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        token = bearer(request.headers)
        if not (await tokens.find(token) if token else _is_of_this_machine(request)):
            why = "from this machine, or with an API token (centralino accounts token) as 'Authorization: Bearer …'"
            raise HTTPException(401, f"metrics are read {why}", {"WWW-Authenticate": "Bearer"})
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _is_of_this_machine(request: Request) -> bool:
    """A proxy on this machine stands for others: what names somebody it forwards for is not of this machine."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
