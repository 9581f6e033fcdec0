"""Webhooks out: in the same transaction as the event, at least once, signed, and given up only after days."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from history import Database, Entry, HistoryUnavailable, Journal, Timeline, new_id
from history.ingestion.envelope import received
from history.webhooks.dispatching import AT_ONCE_EACH, Dispatcher
from history.webhooks.endpoint import DISABLED_AFTER, NotAnEndpoint, wanted
from history.webhooks.message import LARGEST_PAYLOAD_BYTES, message_id
from history.webhooks.posting import Answer
from history.webhooks.redacting import redacted
from history.webhooks.schedule import WAITS_S, verdict
from history.webhooks.signing import key_of, new_secret, signed_headers
from history.webhooks.store import UnknownEndpoint, Webhooks

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
STARTED, ENDED = Entry("call.started", {"line": "it", "caller": "+39051"}), Entry("call.ended", {"reason": "done"}, 9)
OK = Answer(204)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Receiver:
    """An endpoint outside, whose answers are scripted; the last one stays."""

    def __init__(self) -> None:
        self.answers: list[Answer | asyncio.Event] = [OK]
        self.got: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.got.append((url, dict(headers), json.loads(body)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return OK
        return answer

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.got]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def journal(place: Database, clock: Clock) -> AsyncIterator[Journal]:
    opened = await Journal.open(place, node="n1", now=clock)
    yield opened
    await opened.close()


@pytest.fixture
def webhooks(timeline: Timeline, journal: Journal) -> Webhooks:
    return Webhooks(timeline, journal)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def dispatcher(webhooks: Webhooks, journal: Journal, receiver: Receiver, clock: Clock) -> Dispatcher:
    return dispatcher_of(webhooks, journal, receiver, clock)


def dispatcher_of(webhooks: Webhooks, journal: Journal, receiver: Receiver, now: Callable[[], datetime]) -> Dispatcher:
    def redact(kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: "…" if name == "caller" else value for name, value in payload.items()}

    return Dispatcher(webhooks, journal, receiver, redact, node="n1", now=now, chance=lambda: 0.5)


async def rounds(dispatcher: Dispatcher, count: int = 1) -> None:
    for _ in range(count):
        await dispatcher.send_due()
        await dispatcher.settled()


def test_messages_are_signed_as_the_specification_s_example() -> None:
    body = b'{"event_type":"ping","data":{"success":true}}'
    secret = "whsec_plJ3nmyCDGBKInavdOK15jsl"
    headers = signed_headers([secret], "msg_loFOjxBNrRLzqYUf", 1731705121, body)
    assert headers["webhook-signature"] == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
    assert len(key_of(new_secret())) == 32
    for wrong in ("whsec_", "whsec_abc", "whsec_!!!!", "whsec_" + base64.b64encode(b"x" * 65).decode()):
        with pytest.raises(ValueError, match="16 to 64 bytes"):
            key_of(wrong)


def test_a_type_is_wanted_by_its_name_its_family_or_by_all() -> None:
    assert wanted(["call.ended"], "call.ended")
    assert not wanted(["call.ended"], "call.ended.twice")
    assert wanted(["call.*"], "call.ended")
    assert not wanted(["call.*"], "callback.done")
    assert wanted(["*"], "anything")


def test_what_fails_is_tried_for_days_and_then_given_up() -> None:
    bad, at, waits = Answer(500, "status 500"), NOW, []
    for attempt in range(1, len(WAITS_S) + 1):
        found = verdict(bad, attempt, NOW, NOW, 0.5)
        assert (found.state, found.endpoint_off) == ("pending", "")
        assert found.due_at is not None
        waits.append((found.due_at - NOW).total_seconds())
    assert waits == list(WAITS_S)
    assert sum(waits) > 3 * 86_400
    assert verdict(bad, len(WAITS_S) + 1, NOW, NOW, 0.5).state == "dead"
    early, late = (verdict(bad, 2, None, at, chance).due_at for chance in (0.0, 1.0))
    assert (early, late) == (at + timedelta(seconds=240), at + timedelta(seconds=360))
    asked = verdict(Answer(429, retry_after_s=900.0), 1, None, at, 0.5)
    assert asked.due_at == at + timedelta(seconds=900)
    assert verdict(Answer(429, retry_after_s=1e9), 1, None, at, 0.5).due_at == at + timedelta(days=1)


def test_an_endpoint_that_is_gone_or_fails_for_days_is_switched_off() -> None:
    assert "410" in verdict(Answer(410), 1, None, NOW, 0.5).endpoint_off
    assert "since" in verdict(Answer(0), 3, NOW - DISABLED_AFTER, NOW, 0.5).endpoint_off
    assert verdict(OK, 3, NOW - DISABLED_AFTER, NOW, 0.5).endpoint_off == ""


async def test_an_event_that_is_wanted_is_sent_once_signed_and_told_in_ids(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher
) -> None:
    endpoint = await webhooks.add("https://crm.example.org/hook", ["call.ended"])
    call = new_id()
    await journal.append(call, [STARTED, ENDED])
    await rounds(dispatcher, 2)
    ((url, headers, body),) = receiver.got
    assert url == "https://crm.example.org/hook"
    assert body == {
        "type": "call.ended",
        "timestamp": NOW.isoformat(),
        "data": {"interaction_id": call, "seq": 2, "at_ms": 9},
    }
    assert headers["webhook-id"] == message_id(call, 2)
    sent = json.dumps(body, separators=(",", ":")).encode()
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + sent
    proof = base64.b64encode(hmac.new(key_of(endpoint.secret), text, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"
    (done,) = await webhooks.deliveries()
    assert (done.state, done.attempts, done.status, done.delivered_at) == ("delivered", 1, 204, NOW)


async def test_a_payload_leaves_redacted_and_a_large_one_not_at_all(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher
) -> None:
    await webhooks.add("https://a.example.org", ["*"], "payload")
    await journal.append(new_id(), [STARTED, Entry("note", {"text": "x" * LARGEST_PAYLOAD_BYTES})])
    await rounds(dispatcher)
    told = {body["type"]: body["data"] for _, _, body in receiver.got}
    assert told["call.started"]["payload"] == {"line": "it", "caller": "…"}
    assert told["note"]["payload_left_out"] is True
    assert "payload" not in told["note"]


async def test_nothing_is_sent_of_what_was_not_committed(webhooks: Webhooks, journal: Journal) -> None:
    await webhooks.add("https://a.example.org", ["*"])

    def breaks(connection: Any, at: datetime) -> None:
        raise LookupError("broken")

    event = received(
        {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "time": "2026-05-04T09:00:00Z", "data": {}}
    )
    results = await asyncio.gather(
        journal.change(breaks), journal.receive([event, event], trusted=False), return_exceptions=True
    )
    assert isinstance(results[0], LookupError)
    assert results[1] == [True, False]  # the group was written again, each alone
    assert [one.topic for one in await webhooks.deliveries()] == ["event.received"]


async def test_a_failed_message_waits_and_has_the_same_id_when_it_is_tried_again(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher, clock: Clock
) -> None:
    endpoint = await webhooks.add("https://a.example.org", ["call.started"])
    receiver.answers = [Answer(500, "status 500"), Answer(0, "no answer: ConnectError"), OK]
    await journal.append(new_id(), [STARTED])
    await rounds(dispatcher, 2)
    assert len(receiver.got) == 1
    (waiting,) = await webhooks.deliveries("pending")
    assert (waiting.attempts, waiting.status, waiting.due_at) == (1, 500, NOW + timedelta(seconds=5))
    assert (await webhooks.endpoint(endpoint.id)).failing_since == NOW
    clock.now += timedelta(seconds=6)
    await rounds(dispatcher)
    clock.now += timedelta(seconds=301)
    await rounds(dispatcher)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.got) == 3
    assert (await webhooks.endpoint(endpoint.id)).failing_since is None


async def test_a_server_that_dies_between_delivery_and_mark_sends_it_again_with_the_same_id(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher, clock: Clock, monkeypatch: Any
) -> None:
    await webhooks.add("https://a.example.org", ["call.started"])
    await journal.append(new_id(), [STARTED])

    async def dies(*args: Any) -> None:
        raise HistoryUnavailable("killed here")

    with monkeypatch.context() as patch:
        patch.setattr(webhooks, "settle", dies)
        await rounds(dispatcher)
    await rounds(dispatcher)
    assert len(receiver.got) == 1  # its claim still runs
    await webhooks.release("n1")  # what the next server of this name does first
    await rounds(dispatcher_of(webhooks, journal, receiver, clock))
    assert len(receiver.got) == 2
    assert len(set(receiver.ids)) == 1
    assert [one.state for one in await webhooks.deliveries()] == ["delivered"]


async def test_what_was_given_up_is_listed_and_replayed_with_the_ids_it_had(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher, clock: Clock
) -> None:
    endpoint = await webhooks.add("https://a.example.org", ["call.*"])
    receiver.answers = [Answer(503, "status 503")]
    call = new_id()
    await journal.append(call, [STARTED])
    for wait_s in (0, *WAITS_S):
        clock.now += timedelta(seconds=wait_s * 1.01)
        await rounds(dispatcher)
    assert [(one.state, one.attempts) for one in await webhooks.deliveries("dead")] == [("dead", len(WAITS_S) + 1)]
    receiver.answers = [OK]
    assert await webhooks.replay_dead(endpoint.id) == 1
    assert await webhooks.replay_dead(endpoint.id) == 0
    await rounds(dispatcher)
    assert await webhooks.deliveries("dead") == []
    late = await webhooks.add("https://late.example.org", ["call.started"])
    assert await webhooks.replay_since(late.id, NOW - timedelta(days=1)) == 1
    assert await webhooks.replay_since(endpoint.id, NOW + timedelta(days=30)) == 0
    await rounds(dispatcher)
    assert {*receiver.ids} == {message_id(call, 1)}
    assert receiver.got[-1][0] == "https://late.example.org"


async def test_a_slow_endpoint_takes_no_room_from_the_others(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher
) -> None:
    held = asyncio.Event()
    await webhooks.add("https://slow.example.org", ["call.started"])
    receiver.answers = [held]
    for _ in range(3 * AT_ONCE_EACH):
        await journal.append(new_id(), [STARTED])
    await dispatcher.send_due()
    await dispatcher.send_due()
    await asyncio.sleep(0)
    assert len(receiver.got) == AT_ONCE_EACH
    await webhooks.add("https://quick.example.org", ["call.ended"])
    await journal.append(new_id(), [STARTED, ENDED])
    await dispatcher.send_due()
    await asyncio.sleep(0)
    assert receiver.got[-1][0] == "https://quick.example.org"
    held.set()
    await rounds(dispatcher, 5)
    assert {one.state for one in await webhooks.deliveries(limit=500)} == {"delivered"}


async def test_endpoints_are_checked_disabled_enabled_rotated_and_removed(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher, clock: Clock
) -> None:
    for url in ("ftp://a.example.org", "https://me@a.example.org", "https://", "https://a.example.org/#x", "x" * 2001):
        with pytest.raises(NotAnEndpoint):
            await webhooks.add(url)
    for types in ([], ["Call"], ["call.*.x"], ["*"] * 51):
        with pytest.raises(NotAnEndpoint, match="type"):
            await webhooks.add("https://a.example.org", types)
    endpoint = await webhooks.add("https://a.example.org", ["*"])
    assert endpoint.secret not in repr(endpoint)
    await webhooks.disable(endpoint.id, "by op-1")
    await journal.append(new_id(), [STARTED])
    await webhooks.enable(endpoint.id)
    await rounds(dispatcher)
    assert receiver.got == []  # it was off when it happened
    fresh = await webhooks.rotate(endpoint.id)
    await journal.append(new_id(), [STARTED])
    await rounds(dispatcher)
    assert len(receiver.got[-1][1]["webhook-signature"].split()) == 2
    assert (await webhooks.endpoint(endpoint.id)).secret == fresh
    clock.now += timedelta(hours=25)
    assert (await dispatcher.try_out(await webhooks.endpoint(endpoint.id))).accepted
    assert receiver.got[-1][2]["type"] == "webhook.test"
    assert len(receiver.got[-1][1]["webhook-signature"].split()) == 1
    await webhooks.remove(endpoint.id)
    await webhooks.prune()
    assert await webhooks.endpoints() == []
    assert await webhooks.deliveries() == []
    for change in (webhooks.enable, webhooks.remove, webhooks.rotate, webhooks.replay_dead):
        with pytest.raises(UnknownEndpoint):
            await change(endpoint.id)


async def test_a_gone_endpoint_is_switched_off_and_says_why(
    webhooks: Webhooks, journal: Journal, receiver: Receiver, dispatcher: Dispatcher
) -> None:
    endpoint = await webhooks.add("https://a.example.org", ["*"])
    receiver.answers = [Answer(410, "status 410")]
    await journal.append(new_id(), [STARTED])
    await rounds(dispatcher, 2)
    now_off = await webhooks.endpoint(endpoint.id)
    assert (now_off.state, now_off.why) == ("disabled", "it answered 410 Gone")
    receiver.answers = [OK]
    await webhooks.enable(endpoint.id)
    assert [one.state for one in await webhooks.deliveries()] == ["pending"]


async def test_the_running_dispatcher_is_woken_by_what_is_written(
    webhooks: Webhooks, journal: Journal, timeline: Timeline
) -> None:
    arrived: asyncio.Queue[str] = asyncio.Queue()

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        await arrived.put(headers["webhook-id"])
        return OK

    await webhooks.add("https://a.example.org", ["call.started"])
    dispatcher = Dispatcher(webhooks, journal, post, lambda kind, payload: payload, node="n1", now=lambda: NOW)
    running = asyncio.create_task(dispatcher.run())
    for _ in range(3):
        call = new_id()
        await journal.append(call, [STARTED])
        async with asyncio.timeout(240):
            assert await arrived.get() == message_id(call, 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_what_is_told_of_a_payload_names_nobody() -> None:
    payload = {
        "speaker": "caller",
        "text": "Il mio numero è 333 123 4567",
        "caller": "+39333",
        "slots": {"nome": "Anna"},
    }
    assert redacted("transcript", payload) == {"speaker": "caller", "text": "Il mio numero è [phone]"}
