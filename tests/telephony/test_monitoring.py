"""Supervisors listen, whisper and barge in: real sockets, real sound, told apart by pitch in what arrives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from console import Accounts, Session
from console.app import create_console
from console.auditing import Auditing
from history import HistoryUnavailable, Timeline
from telephony.monitoring import Monitoring, MonitoringSettings
from telephony.operators import monitor_socket
from telephony.operators.monitor_socket import MonitorSocket
from telephony.operators.voice_socket import MOST_SOUND
from tests.console.conftest import PASSWORD, quick_hasher
from tests.telephony.conftest import Console, Exchange, FarEnd, Phone

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLER_HZ, OPERATOR_HZ, SUPERVISOR_HZ = 440, 1000, 2500
OTHER_CALLER_HZ, OTHER_OPERATOR_HZ = 700, 1600
VOICES_HZ = (CALLER_HZ, OPERATOR_HZ, SUPERVISOR_HZ, OTHER_CALLER_HZ, OTHER_OPERATOR_HZ)
ALLOWED = MonitoringSettings(workers_informed=True, allowed_by="accordo sindacale")
UNTOLD = ALLOWED.model_copy(update={"tells_operator": False})


def tone(hz: float, ms: int) -> bytes:
    at = np.arange(16 * ms) / 16_000
    return (np.sin(2 * np.pi * hz * at) * 6000).astype("<i2").tobytes()


def pitches(pcm: bytes) -> set[int]:
    """Which of the voices are in it, each clear of the noise by far."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(float)
    if samples.size < 3200:
        return set()
    power = np.abs(np.fft.rfft(samples * np.hanning(samples.size))) / samples.size
    hz = np.fft.rfftfreq(samples.size, 1 / 16_000)
    return {one for one in VOICES_HZ if power[np.abs(hz - one) < 20].max() > 100}


async def speak(people: Mapping[FarEnd, int], seconds: float) -> list[set[int]]:
    """All of them at once, in real time, each at their pitch; who is heard at each of the ends."""
    voices = [(end, tone(hz, 20)) for end, hz in people.items()]
    for end in people:
        end.sound = b""
    for _ in range(int(seconds * 50)):
        for end, voice in voices:
            await end.ws.send(voice)
        await asyncio.sleep(0.02)
    return [pitches(end.sound) for end in people]


async def is_heard(people: Mapping[FarEnd, int], wanted: list[set[int]]) -> None:
    """At each of the ends these voices come to be heard, and at no moment any other."""
    async with asyncio.timeout(20):
        while (heard := await speak(people, 0.6)) != wanted:
            assert all(one <= may for one, may in zip(heard, wanted, strict=True)), heard


@dataclass
class Room:
    """An exchange with the console beside it, a caller and the operator Anna, who talk."""

    exchange: Exchange
    accounts: Accounts
    timeline: Timeline
    monitoring: Monitoring
    caller: Phone
    anna: Console
    anna_session: Session

    @property
    def anna_id(self) -> str:
        return self.anna_session.account.id

    async def session(self, name: str, *roles: str) -> Session:
        link = await self.accounts.create_account(name, name.title(), roles)  # type: ignore[arg-type]
        session = await self.accounts.set_password(link.token, PASSWORD)
        assert session is not None
        return session

    def client(self, session: Session) -> httpx.AsyncClient:
        headers = {"X-CSRF-Token": session.csrf_token, "Origin": self.exchange.url}
        return httpx.AsyncClient(base_url=self.exchange.url, cookies={"centralino": session.token}, headers=headers)

    async def ask(self, session: Session, call_id: str = "", **body: Any) -> httpx.Response:
        call_id, body = call_id or self.caller.call_id, body or {"notice_read": True}
        async with self.client(session) as client:
            return await client.post(f"/api/calls/{call_id}/monitor-tickets", json=body)

    async def listens(self, session: Session) -> FarEnd:
        answer = await self.ask(session)
        assert answer.status_code == 200, answer.text
        url = self.exchange.ws_url(answer.json()["url"])
        return FarEnd(await connect(url, origin=self.exchange.url, compression=None))  # type: ignore[arg-type]

    async def all_speak(self, *ends: FarEnd, seconds: float = 1.2) -> list[set[int]]:
        """Caller, operator and supervisor at once, in real time; who is heard at each of the ends."""
        everybody = [self.caller, self.anna, *ends][:3]
        return await speak(dict(zip(everybody, VOICES_HZ, strict=False)), seconds)

    async def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        query = text("SELECT actor, subject_id, detail FROM audit_log WHERE action = 'call.monitored' ORDER BY seq")
        rows = await self.timeline.read(lambda connection: connection.execute(query).all())
        return [(row.actor, row.subject_id, json.loads(row.detail)) for row in rows]

    async def until_audited(self, count: int) -> list[str]:
        """The modes, once there are so many rows."""
        async with asyncio.timeout(20):
            while len(rows := await self.audited()) < count:
                await asyncio.sleep(0.02)
        return [detail["mode"] for _, _, detail in rows]

    def modes_told(self) -> list[tuple[str, str]]:
        return [(one["mode"], one["by"]) for one in self.anna.of("monitored")]


@pytest.fixture
def wanted(request: pytest.FixtureRequest) -> MonitoringSettings:
    return getattr(request, "param", ALLOWED)


@pytest_asyncio.fixture(loop_scope="session")
async def room(exchange: Exchange, tmp_path: Path, wanted: MonitoringSettings) -> AsyncIterator[Room]:
    accounts = await Accounts.open(tmp_path / "accounts.db", hasher=quick_hasher())
    timeline = Timeline(exchange.journal.path)
    monitoring = Monitoring(wanted, exchange.desk, exchange.reception.running)
    exchange.app.include_router(
        create_console(
            accounts, exchange.tickets, timeline, exchange.journal, public_origins=[exchange.url], lines=lambda: (),
            monitoring=monitoring,
        )
    )  # fmt: skip
    link = await accounts.create_account("anna", "Anna", ["operator", "supervisor"])
    session = await accounts.set_password(link.token, PASSWORD)
    assert session is not None
    anna = await exchange.console(link.account.id, "aiuto")
    await anna.send(type="available")
    caller = await exchange.browser()
    await caller.until_it_speaks()
    await caller.press("0")
    await anna.accept()
    yield Room(exchange, accounts, timeline, monitoring, caller, anna, session)
    await timeline.close()
    await accounts.close()


async def take(supervisor: FarEnd, mode: str) -> None:
    await supervisor.send(type="mode", mode=mode)
    await until_mode(supervisor, mode)


async def until_mode(supervisor: FarEnd, mode: str) -> None:
    await supervisor.until(lambda end: [one["mode"] for one in end.of("mode")][-1:] == [mode])


async def fails(*_: Any, **__: Any) -> None:
    raise HistoryUnavailable("no answer")


async def test_each_mode_is_heard_by_whom_it_is_for_and_written_down_before(room: Room) -> None:
    sara = await room.session("sara", "supervisor")
    supervisor = await room.listens(sara)
    await until_mode(supervisor, "listen")
    assert await room.all_speak(supervisor) == [{OPERATOR_HZ}, {CALLER_HZ}, {CALLER_HZ, OPERATOR_HZ}]
    assert room.modes_told() == [("listen", "Sara")]
    await take(supervisor, "whisper")
    assert await room.all_speak(supervisor) == [
        {OPERATOR_HZ}, {CALLER_HZ, SUPERVISOR_HZ}, {CALLER_HZ, OPERATOR_HZ},
    ]  # fmt: skip
    await take(supervisor, "barge")
    assert await room.all_speak(supervisor) == [
        {OPERATOR_HZ, SUPERVISOR_HZ}, {CALLER_HZ, SUPERVISOR_HZ}, {CALLER_HZ, OPERATOR_HZ},
    ]  # fmt: skip
    await take(supervisor, "listen")
    assert await room.all_speak(supervisor) == [{OPERATOR_HZ}, {CALLER_HZ}, {CALLER_HZ, OPERATOR_HZ}]
    await supervisor.send(type="stop")
    assert await supervisor.until_closed() == (4000, "stopped")
    assert await room.until_audited(5) == ["listen", "whisper", "barge", "listen", "end"]
    expected = (sara.account.id, room.caller.call_id, {"mode": "listen", "operator": room.anna_id})
    assert (await room.audited())[0] == expected
    told = ["listen", "whisper", "barge", "listen", ""]
    await room.anna.until(lambda console: len(console.of("monitored")) == 5)
    assert room.modes_told() == [(mode, "Sara") for mode in told]
    assert await room.all_speak() == [{OPERATOR_HZ}, {CALLER_HZ}]
    events = [(one.type, one.actor) for one in await room.exchange.events(room.caller.call_id)]
    assert [one for one in events if one[0].startswith("supervisor.")] == [
        ("supervisor.joined", sara.account.id), ("supervisor.left", sara.account.id),
    ]  # fmt: skip


async def test_beside_another_operators_call_a_supervisor_is_in_one_alone(room: Room) -> None:
    bruno = await room.exchange.console("bruno", "aiuto")
    await bruno.send(type="available")
    other = await room.exchange.browser()
    await other.until_it_speaks()
    await other.press("0")
    assert await bruno.accept() == other.call_id
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await until_mode(supervisor, "listen")
    people: dict[FarEnd, int] = {room.caller: CALLER_HZ, room.anna: OPERATOR_HZ, supervisor: SUPERVISOR_HZ}
    people |= {other: OTHER_CALLER_HZ, bruno: OTHER_OPERATOR_HZ}
    both, others = {CALLER_HZ, OPERATOR_HZ}, [{OTHER_OPERATOR_HZ}, {OTHER_CALLER_HZ}]
    await is_heard(people, [{OPERATOR_HZ}, {CALLER_HZ}, both, *others])
    await take(supervisor, "whisper")
    await is_heard(people, [{OPERATOR_HZ}, {CALLER_HZ, SUPERVISOR_HZ}, both, *others])
    await take(supervisor, "barge")
    await is_heard(people, [{OPERATOR_HZ, SUPERVISOR_HZ}, {CALLER_HZ, SUPERVISOR_HZ}, both, *others])
    assert bruno.of("monitored") == []
    elsewhere = await room.ask(await room.session("ugo", "supervisor"), call_id=other.call_id)
    assert elsewhere.status_code == 200  # one person for each call, not for all
    await supervisor.send(type="stop")
    await supervisor.until_closed()


async def test_the_words_so_far_and_those_to_come_are_read(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await supervisor.until(lambda end: end.of("transcript"))
    assert supervisor.of("transcript")[0]["speaker"] == "bot"
    room.exchange.reception.running(room.caller.call_id)._show(  # type: ignore[union-attr]
        {"type": "transcript", "speaker": "caller", "text": "mi sente", "at_ms": 5, "is_final": False}
    )
    await supervisor.until(lambda end: end.of("transcript")[-1]["text"] == "mi sente")


async def test_what_is_told_in_confidence_is_silent_for_who_listens(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await supervisor.until(lambda end: end.of("confidential"))
    assert [one["confidential"] for one in supervisor.of("confidential")] == [False]
    await room.anna.send(type="recording", wanted="pause")
    await supervisor.until(lambda end: end.of("confidential")[-1]["confidential"])
    assert await room.all_speak(supervisor) == [{OPERATOR_HZ}, {CALLER_HZ}, set()]
    assert supervisor.sound == b""
    await room.anna.send(type="recording", wanted="resume")
    await supervisor.until(lambda end: not end.of("confidential")[-1]["confidential"])
    assert (await room.all_speak(supervisor))[2] == {CALLER_HZ, OPERATOR_HZ}


async def test_it_ends_with_the_call(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await take(supervisor, "barge")
    await room.caller.ws.close()
    assert await supervisor.until_closed() == (4000, "ended")
    await room.exchange.ended(id=room.caller.call_id)
    assert await room.until_audited(3) == ["listen", "barge", "end"]
    types = [one.type for one in await room.exchange.events(room.caller.call_id)]
    assert types.index("supervisor.joined") < types.index("supervisor.left") < types.index("call.ended")


async def test_it_ends_when_the_page_goes_away(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await room.anna.until(lambda console: console.of("monitored"))
    supervisor.ws.transport.abort()
    await room.anna.until(lambda console: console.of("monitored")[-1]["mode"] == "")
    assert await room.until_audited(2) == ["listen", "end"]
    other = await room.listens(await room.session("ugo", "supervisor"))  # and somebody else may
    await until_mode(other, "listen")


async def test_it_ends_with_the_session(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_socket, "STILL_MAY_S", 0.05)
    sara = await room.session("sara", "supervisor")
    supervisor = await room.listens(sara)
    await until_mode(supervisor, "listen")
    await room.accounts.sessions.end(sara.token)
    assert await supervisor.until_closed() == (4000, "signed_off")
    assert await room.until_audited(2) == ["listen", "end"]


async def test_a_supervisor_who_does_not_read_delays_nobody(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await until_mode(supervisor, "listen")
    call = room.exchange.reception.running(room.caller.call_id)
    ours = call.overhearing._supervisor  # type: ignore[union-attr]
    assert isinstance(ours, MonitorSocket)
    supervisor.ws.transport.pause_reading()
    async with asyncio.timeout(60):
        while len(ours._sound) < MOST_SOUND:  # until the sockets' buffers take no more
            ours.sound(bytes(60_000))
            await asyncio.sleep(0.001)
    assert await room.all_speak(seconds=1.0) == [{OPERATOR_HZ}, {CALLER_HZ}]
    assert len(room.anna.sound) >= 0.9 * 32_000
    assert len(ours._sound) == MOST_SOUND
    supervisor.ws.transport.abort()
    assert (await room.until_audited(2))[-1] == "end"


async def test_one_person_listens_and_never_to_their_own_call(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await until_mode(supervisor, "listen")
    refused = await room.ask(await room.session("ugo", "supervisor"))
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "overheard_already")
    assert "Sara" in refused.json()["detail"]["message"]
    await supervisor.send(type="stop")
    await supervisor.until_closed()
    await room.until_audited(2)
    refused = await room.ask(room.anna_session)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "own_call")


@pytest.mark.parametrize("wanted", [MonitoringSettings()], indirect=True)
async def test_where_workers_were_not_informed_nobody_listens(room: Room) -> None:
    sara = await room.session("sara", "supervisor")
    refused = await room.ask(sara)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (403, "monitoring_off")
    async with room.client(sara) as client:
        told = (await client.get("/api/monitoring")).json()
    assert (told["possible"], told["tells_operator"]) == (False, True)
    assert told["notice"]["it"].startswith("Chi lavora è stato informato")


@pytest.mark.parametrize("wanted", [UNTOLD], indirect=True)
async def test_operators_are_not_told_where_the_settings_say_so(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await take(supervisor, "whisper")
    assert (await room.all_speak(supervisor))[1] == {CALLER_HZ, SUPERVISOR_HZ}
    assert room.modes_told() == []
    assert await room.until_audited(2) == ["listen", "whisper"]


async def test_a_desk_that_comes_back_is_told_again(room: Room) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await take(supervisor, "whisper")
    again = await room.exchange.console(room.anna_id, "aiuto")
    await again.until(lambda console: console.of("monitored"))
    assert again.of("monitored")[0]["mode"] == "whisper"


async def test_who_works_by_phone_cannot_be_told_and_is_not_listened_to(room: Room) -> None:
    next(iter(room.exchange.desk._seats)).calls_back = False
    refused = await room.ask(await room.session("sara", "supervisor"))
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "cannot_be_told")


async def test_nobody_else_gets_in(room: Room) -> None:
    sara = await room.session("sara", "supervisor")
    for role in ("operator", "flow-admin", "privacy-officer", "sysadmin"):
        assert (await room.ask(await room.session(role.replace("-", ""), role))).status_code == 403, role
    assert (await room.ask(sara, notice_read=False)).status_code == 422
    assert (await room.ask(sara, call_id="c9")).status_code == 404
    url = room.exchange.ws_url((await room.ask(sara)).json()["url"])
    for origin in ("https://altrove.example", room.exchange.url):  # the second time the ticket is spent
        with pytest.raises(InvalidStatus):
            await connect(url, origin=origin)  # type: ignore[arg-type]
    assert await room.audited() == []
    assert room.modes_told() == []


async def test_without_an_audit_log_nobody_listens(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    sara = await room.session("sara", "supervisor")
    monkeypatch.setattr(Auditing, "write", fails)
    supervisor = await room.listens(sara)
    assert await supervisor.until_closed() == (4000, "history_unavailable")
    assert (supervisor.sound, room.modes_told()) == (b"", [])


async def test_a_mode_that_cannot_be_written_down_is_not_taken(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await until_mode(supervisor, "listen")
    with monkeypatch.context() as patched:
        patched.setattr(Auditing, "write", fails)
        await supervisor.send(type="mode", mode="barge")
        await supervisor.until(lambda end: end.of("error"))
    assert await room.all_speak(supervisor) == [{OPERATOR_HZ}, {CALLER_HZ}, {CALLER_HZ, OPERATOR_HZ}]
    assert room.modes_told()[-1] == ("listen", "Sara")


@pytest.mark.parametrize("frame", ['{"type":"mode","mode":"shout"}', '{"type":"dance"}', b"\x00"])
async def test_a_page_that_misbehaves_is_disconnected(room: Room, frame: str | bytes) -> None:
    supervisor = await room.listens(await room.session("sara", "supervisor"))
    await until_mode(supervisor, "listen")
    await supervisor.ws.send(frame)
    assert (await supervisor.until_closed())[0] == 1003
    assert await room.until_audited(2) == ["listen", "end"]
