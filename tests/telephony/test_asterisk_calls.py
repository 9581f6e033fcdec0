"""Whole calls over real sockets, from far ends that behave as Asterisk does: by websocket, AudioSocket and ARI.

`MARK_GRACE_MS` is put out of reach: where there are marks, a call comes to its end only when they are confirmed.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from centralino.calling import (
    CallRefused,
    CallResult,
    ExpectHangUp,
    ExpectSpeech,
    HangUp,
    Keys,
    Move,
    Script,
    WaitForQuiet,
    place,
    place_call,
)
from centralino.calling.asterisk import AsteriskDoor
from centralino.calling.audiosocket import AudioSocketDoor
from centralino.own_server import free_port
from telephony import playback
from telephony.doors import audiosocket
from telephony.doors.ari import Ari, AriSettings
from telephony.doors.asterisk import AsteriskSettings
from telephony.doors.audiosocket import AudioSocketSettings
from telephony.doors.registry import DoorSettings
from telephony.protocols.audiosocket import framed
from tests.telephony.conftest import NUMBER, Engines, Exchange, served
from tests.telephony.sessions import recorded

pytestmark = pytest.mark.asyncio(loop_scope="session")

ACCESS = {"username": "asterisk", "password": "0123456789abcdef"}
SOUND = {"ari": "asterisk", "ari-audiosocket": "audiosocket"}


class AsteriskHouse:
    """An exchange with all of Asterisk's doors. ports: of AudioSocket: announced, bound to a line, bound to others."""

    def __init__(self, exchange: Exchange, ports: list[int], ari: dict[str, AriSettings]) -> None:
        self.exchange, self.ports, self.ari = exchange, ports, ari

    def secrets(self, door: str) -> dict[str, str]:
        sound = {**ACCESS, "host": "127.0.0.1", "port": str(self.ports[0])}
        if door not in self.ari:
            return sound
        settings = self.ari[door]
        own = {"url": settings.url, "app": settings.app, "username": "ari", "password": "ari-0123456789"}
        return own | {f"{SOUND[door]}.{name}": value for name, value in sound.items()}

    async def call(self, door: str, *moves: Move, line: str = NUMBER, **secrets: str) -> CallResult:
        known = {**self.secrets(door), **secrets}
        script = Script(moves, max_ms=20_000)
        return await place_call(
            self.exchange.url, door=door, line=line, script=script, secrets=known, caller="+39021234"
        )


FAR_ENDS: dict[str, Any] = {
    "asterisk-plain": partial(AsteriskDoor.dial, codec="ulaw", plain=True),
    "audiosocket-16k": partial(AudioSocketDoor.dial, rate_hz=16000),
    "ari-audiosocket": place.DOORS["ari"],
}
ALL = ["asterisk", "asterisk-plain", "audiosocket", "audiosocket-16k", "ari", "ari-audiosocket"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskHouse]:
    bound = [
        {"port": 0, "line": NUMBER, "allow": ["127.0.0.0/8"]},
        {"port": 0, "line": NUMBER, "allow": ["192.0.2.0/24", "2001:db8::/32"]},
    ]
    sockets = AudioSocketSettings.model_validate({**ACCESS, "port": 0, "bound": bound})
    doors = DoorSettings(asterisk=AsteriskSettings.model_validate(ACCESS), audiosocket=sockets)
    async with contextlib.AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(served(engines, tmp_path_factory.mktemp("asterisk"), doors))
        ports = await stack.enter_async_context(audiosocket.listening(exchange.house, sockets))
        ari: dict[str, AriSettings] = {}
        for door, codec in (("ari", "slin16"), ("ari-audiosocket", "slin")):
            given = {"url": f"http://127.0.0.1:{free_port()}/ari", "username": "ari", "password": "ari-0123456789"}
            kind = {"sound": "websocket" if door == "ari" else "audiosocket", "codec": codec}
            address = f"127.0.0.1:{ports[0]}"
            ari[door] = AriSettings.model_validate({**given, **kind, "app": door, "audiosocket": address})
            await stack.enter_async_context(Ari(exchange.house, ari[door]).open())
        yield AsteriskHouse(exchange, ports, ari)


@pytest.fixture
def house(shared: AsteriskHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[AsteriskHouse]:
    monkeypatch.setattr(playback, "MARK_GRACE_MS", 600_000)
    monkeypatch.setattr("telephony.control.ari_socket.LONGEST_PAUSE_S", 0.5)
    monkeypatch.setattr(place, "DOORS", {**place.DOORS, **FAR_ENDS})
    shared.exchange.logged.clear()
    shared.exchange.house.refused.clear()
    yield shared
    shared.exchange.assert_no_traceback()


@pytest.mark.parametrize("door", ALL)
async def test_a_call_to_its_proper_end(house: AsteriskHouse, door: str) -> None:
    result = await house.call(door, WaitForQuiet(400), Keys("5"), ExpectHangUp())
    assert result.protocol_errors == ()
    assert (result.outcome, result.hung_up_by) == ("completed", "bot")
    assert result.ended_why == ("hang-up" if "audiosocket" in door else "HANGUP")
    assert result.afterwards == (("hangup",) if "ari" in door else ("done",))
    detail = await house.exchange.ended(ref=result.call_id)
    assert (detail.interaction.end_reason, detail.interaction.outcome) == ("bot_ended", "answered")
    began = (await house.exchange.events(detail.interaction.id))[0].payload
    assert began["caller"] == ("" if door == "asterisk-plain" else "+39021234")
    assert began["door"] == door.partition("-")[0]
    assert len(result.turns) == 1
    assert house.exchange.house.refused == {}


@pytest.mark.parametrize("door", ["asterisk", "audiosocket"])
async def test_a_key_stops_the_prompt(house: AsteriskHouse, door: str) -> None:
    result = await house.call(door, ExpectSpeech(5000), Keys("5"), ExpectHangUp())
    assert result.protocol_errors == ()
    assert (result.outcome, result.hung_up_by) == ("completed", "bot")


@pytest.mark.parametrize("door", ["asterisk", "audiosocket", "ari"])
async def test_a_caller_who_hangs_up(house: AsteriskHouse, door: str) -> None:
    result = await house.call(door, ExpectSpeech(5000), HangUp())
    assert result.protocol_errors == ()
    detail = await house.exchange.ended(ref=result.call_id)
    assert detail.interaction.end_reason == "caller_hung_up"
    assert result.afterwards == (("hangup",) if door == "ari" else ())


# ------------------------------------------------------------------------------------------------------- turned away


@pytest.mark.parametrize("secrets", [{"password": "another"}, {"username": "another"}])
@pytest.mark.parametrize("door", ["asterisk", "audiosocket"])
async def test_who_shows_a_wrong_password_is_refused_and_counted(
    house: AsteriskHouse, door: str, secrets: dict[str, str]
) -> None:
    with pytest.raises(CallRefused, match="403" if door == "asterisk" else "401"):
        await house.call(door, **secrets)
    assert house.exchange.house.refused == {door: 1}
    assert house.exchange.reception.figures()["expected"] == 0


async def test_a_websocket_without_the_subprotocol_is_refused(house: AsteriskHouse) -> None:
    url = house.exchange.ws_url("/asterisk/media").replace("//", "//asterisk:0123456789abcdef@")
    for offered in (None, [Subprotocol("chat")]):
        with pytest.raises(InvalidStatus, match="403"):
            await connect(url, subprotocols=offered, compression=None)
    assert house.exchange.house.refused == {"asterisk": 2}


async def test_an_unknown_line(house: AsteriskHouse) -> None:
    result = await house.call("asterisk", ExpectHangUp(), line="+390100")
    assert "1008" in result.ended_why
    with pytest.raises(CallRefused, match="404"):
        await house.call("audiosocket", line="+390100")
    with pytest.raises(CallRefused, match="continue"):
        await house.call("ari", line="+390100")


async def test_a_dialplan_that_asks_what_became_of_nothing(house: AsteriskHouse) -> None:
    async with httpx.AsyncClient(base_url=house.exchange.url, auth=tuple(ACCESS.values())) as client:  # type: ignore[arg-type]
        for path in ("/asterisk/after", "/asterisk/audiosocket/after"):
            assert (await client.post(path, data={"ref": "nobody"})).text == "failed"
            assert (await client.post(path, data={"ref": "nobody"}, auth=("asterisk", "x"))).status_code == 401
        refused = await client.post("/asterisk/audiosocket", data={"line": NUMBER, "rate_hz": "44100"})
        assert (refused.status_code, refused.text) == (422, "rate_hz must be 8000 or 16000")


# --------------------------------------------------------------------------------------------- AudioSocket, by the byte


class Tcp:
    """A connection that says what a test wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Tcp:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def until_closed(self) -> bytes:
        async with asyncio.timeout(15):
            return await self.reader.read(-1)

    async def until_hung_up(self) -> bytes:
        """What came before the hang-up; then closes, as Asterisk does."""
        sent = b""
        async with asyncio.timeout(15):
            while (message := await self._message()) != framed(0x00):
                sent += message
        self.writer.close()
        return sent

    async def _message(self) -> bytes:
        header = await self.reader.readexactly(3)
        return header + await self.reader.readexactly(int.from_bytes(header[1:]))


async def announced(house: AsteriskHouse) -> str:
    async with httpx.AsyncClient(base_url=house.exchange.url, auth=tuple(ACCESS.values())) as client:  # type: ignore[arg-type]
        return (await client.post("/asterisk/audiosocket", data={"line": NUMBER, "caller": "+39"})).text


async def test_one_byte_at_a_time(house: AsteriskHouse) -> None:
    name = await announced(house)
    tcp = await Tcp.to(house.ports[0])
    for message in (framed(0x01, uuid.UUID(name).bytes), *map(bytes, recorded("audiosocket")[1:])):  # type: ignore[arg-type]
        for at in range(len(message)):
            tcp.writer.write(message[at : at + 1])
            await tcp.writer.drain()
            await asyncio.sleep(0)
    assert any(await tcp.until_hung_up())
    assert (await house.exchange.ended(ref=name)).interaction.outcome == "answered"


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (b"", "caller_hung_up"),
        (b"\x10\x01", "connection_lost"),
        (b"\x10\x01\x40" + bytes(100), "connection_lost"),
        (framed(0x12, bytes(640)), "wrong_codec"),
        (framed(0x03, b"x"), "malformed_frame"),
        (framed(0x01, bytes(16)), "second_start"),
        (framed(0x00), "caller_hung_up"),
        (framed(0x10, bytes(64_000)) * 4, "too_fast"),
    ],
    ids=["closes", "half a header", "half a frame", "another rate", "no key", "a second UUID", "hangs up", "too fast"],
)
async def test_what_ends_an_audiosocket_call(house: AsteriskHouse, last: bytes, reason: str) -> None:
    name = await announced(house)
    tcp = await Tcp.to(house.ports[0])
    tcp.writer.write(framed(0x01, uuid.UUID(name).bytes))
    await tcp.reader.readexactly(3)  # it is never silent
    tcp.writer.write(last)
    tcp.writer.write_eof()
    await tcp.until_closed()
    tcp.writer.close()
    assert (await house.exchange.ended(ref=name)).interaction.end_reason == reason


async def test_a_uuid_is_good_once_and_only_when_announced(house: AsteriskHouse) -> None:
    name = await announced(house)
    first = await Tcp.to(house.ports[0])
    first.writer.write(framed(0x01, uuid.UUID(name).bytes))
    await first.reader.readexactly(3)
    for unknown in (name, str(uuid.uuid4())):
        other = await Tcp.to(house.ports[0])
        other.writer.write(framed(0x01, uuid.UUID(unknown).bytes))
        assert await other.until_hung_up() == b""  # so that the dialplan goes on
    assert house.exchange.house.refused == {"audiosocket": 2}
    first.writer.write_eof()
    await first.until_closed()


async def test_a_port_bound_to_a_line(house: AsteriskHouse) -> None:
    name = str(uuid.uuid4())
    tcp = await Tcp.to(house.ports[1])
    tcp.writer.write(framed(0x01, uuid.UUID(name).bytes) + framed(0x03, b"5"))
    assert any(await tcp.until_hung_up())
    assert (await house.exchange.ended(ref=name)).interaction.line == "it"


async def test_a_port_bound_to_a_line_lets_nobody_else_in(house: AsteriskHouse) -> None:
    tcp = await Tcp.to(house.ports[2])
    with contextlib.suppress(ConnectionError):
        tcp.writer.write(framed(0x01, uuid.uuid4().bytes))
        assert await tcp.until_closed() == b""
    assert house.exchange.house.refused == {"audiosocket": 1}


@pytest.mark.parametrize(
    "given",
    [{}, {"port": 9092}, {"port": 9092, "password": "short"}, {"bound": [{"port": 1, "line": "it", "allow": []}]}],
)
async def test_settings_that_would_leave_the_port_open_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"password|allow|bound"):
        AudioSocketSettings.model_validate(given)
