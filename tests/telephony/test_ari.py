"""ARI: what Asterisk is asked, what it tells, and what becomes of callers when one of the two goes away."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import islice
from typing import Any

import pytest
import pytest_asyncio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from centralino.calling.ari_pbx import AriPbx, Channel
from centralino.calling.ari_rest import ari, listening_at
from centralino.own_server import free_port
from telephony.control.ari import AriClient, AriError
from telephony.control.ari_events import MOST_UNREAD, Digit, Entered, Left, Watches, event_of
from telephony.control.ari_socket import LONGEST_PAUSE_S, pauses_s
from telephony.doors.ari import Ari, AriSettings
from telephony.doors.registry import DoorSettings
from tests.telephony.conftest import MOST_CALLS, NUMBER, Exchange

pytestmark = pytest.mark.asyncio(loop_scope="session")

ACCESS = {"username": "ari", "password": "ari-0123456789"}


def event(kind: str, channel: str = "1.1", **content: Any) -> str:
    return json.dumps({"type": kind, "application": "centralino", "channel": {"id": channel}, **content})


# -------------------------------------------------------------------------------------------------- what Asterisk tells


async def test_events_become_what_happened_to_a_channel() -> None:
    about = {"id": "1.1", "caller": {"number": "+39021234"}, "dialplan": {"exten": "300"}}
    assert event_of(event("StasisStart", args=["libreria"], channel_=1)) == Entered("1.1", ("libreria",))
    whole = json.dumps({"type": "StasisStart", "args": [], "channel": about})
    assert event_of(whole) == Entered("1.1", (), "+39021234", "300")
    assert event_of(event("ChannelDtmfReceived", digit="5")) == Digit("1.1", "5")
    assert event_of(event("StasisEnd")) == Left("1.1", "left", hung_up=False)
    assert event_of(event("ChannelDestroyed", cause_txt="User busy")) == Left("1.1", "User busy", hung_up=True)
    assert event_of(event("ChannelVarset")) is None


@pytest.mark.parametrize("message", ["", "{", "[]", "null", "{}", '{"type": 1}'])
async def test_what_no_asterisk_sends(message: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        event_of(message)


async def test_who_watches_a_channel_hears_of_it_and_nobody_else() -> None:
    watches = Watches()
    with watches.watching("1.1", "1.2") as one, watches.watching("1.2") as other:
        assert watches.tell(Left("1.2", "left", hung_up=False))
        assert not watches.tell(Left("1.3", "left", hung_up=False))
        assert await one.next() == await other.next() == Left("1.2", "left", hung_up=False)
        for _ in range(3 * MOST_UNREAD):
            watches.tell(Digit("1.1", "5"))
        watches.lose_all_but(frozenset({"1.2"}), "gone")
        heard = [await one.next() for _ in range(MOST_UNREAD + 1)]
        assert heard[-1] == Left("1.1", "gone", hung_up=True)
    assert not watches.tell(Digit("1.1", "5"))


async def test_the_pauses_between_tries_grow_to_a_bound() -> None:
    pauses = list(islice(pauses_s(), 20))
    assert pauses[0] <= 0.5
    assert all(LONGEST_PAUSE_S / 2 <= pause <= LONGEST_PAUSE_S for pause in pauses[-5:])


# --------------------------------------------------------------------------------------------------- what it is asked


@pytest_asyncio.fixture(loop_scope="session")
async def asked() -> AsyncIterator[tuple[AriClient, list[str], dict[str, int]]]:
    """A client, what it asks, and what it is to be answered (by method and path)."""
    requests: list[str] = []
    answers: dict[str, int] = {}

    async def answer(request: Request) -> Response:
        what = f"{request.method} {request.url.path.removeprefix('/ari')}"
        body = (await request.body()).decode()
        query = dict(request.query_params)
        requests.append(" ".join(filter(None, (what, json.dumps(query) if query else "", body))))
        assert request.headers["Authorization"].startswith("Basic ")
        status = answers.get(what, 204)
        return JSONResponse({"message": "no"}, status) if status != 204 else Response(status_code=204)

    methods = ["GET", "POST", "DELETE"]
    port = free_port()
    async with listening_at("127.0.0.1", port, [Route("/ari/{rest:path}", answer, methods=methods)]):
        client = AriClient(f"http://127.0.0.1:{port}/ari", "ari", "secret")
        yield client, requests, answers
        await client.close()


Deed = Callable[[AriClient], Awaitable[Any]]
ASKED: list[tuple[Deed, str]] = [
    (lambda ari: ari.answer("1.1"), "POST /channels/1.1/answer"),
    (lambda ari: ari.hang_up("1.1", "busy"), 'DELETE /channels/1.1 {"reason": "busy"}'),
    (lambda ari: ari.continue_in_dialplan("1.1"), "POST /channels/1.1/continue"),
    (
        lambda ari: ari.continue_in_dialplan("1.1", "people", "anna", 1),
        'POST /channels/1.1/continue {"context": "people", "extension": "anna", "priority": "1"}',
    ),
    (
        lambda ari: ari.originate("centralino-1", "PJSIP/anna", "centralino", ("operator", "1.1"), "+39", 20),
        'POST /channels/centralino-1 {"endpoint": "PJSIP/anna", "app": "centralino", "appArgs": "operator,1.1", '
        '"callerId": "+39", "timeout": "20"} {"variables":{}}',
    ),
    (
        lambda ari: ari.external_media("m", "centralino", "pbx-client", "slin16", {"A": "b"}),
        'POST /channels/externalMedia {"connection_type": "client", "channelId": "m", "app": "centralino", '
        '"external_host": "pbx-client", "format": "slin16", "transport": "websocket", "encapsulation": "none", '
        '"transport_data": "f(json)"} {"variables":{"A":"b"}}',
    ),
    (
        lambda ari: ari.external_media("m", "centralino", "h:1", "slin", over="audiosocket", data="u-u"),
        'POST /channels/externalMedia {"connection_type": "client", "channelId": "m", "app": "centralino", '
        '"external_host": "h:1", "format": "slin", "transport": "tcp", "encapsulation": "audiosocket", '
        '"data": "u-u"} {"variables":{}}',
    ),
    (
        lambda ari: ari.send_keys("1.1", "12#"),
        'POST /channels/1.1/dtmf {"dtmf": "12#", "between": "100", "duration": "100"}',
    ),
    (lambda ari: ari.start_music("1.1", "jazz"), 'POST /channels/1.1/moh {"mohClass": "jazz"}'),
    (lambda ari: ari.stop_music("1.1"), "DELETE /channels/1.1/moh"),
    (lambda ari: ari.create_bridge("b", "call"), 'POST /bridges/b {"type": "mixing", "name": "call"}'),
    (lambda ari: ari.destroy_bridge("b"), "DELETE /bridges/b"),
    (lambda ari: ari.add_to_bridge("b", "1.1", "1.2"), 'POST /bridges/b/addChannel {"channel": "1.1,1.2"}'),
    (lambda ari: ari.remove_from_bridge("b", "1.1"), 'POST /bridges/b/removeChannel {"channel": "1.1"}'),
    (lambda ari: ari.start_bridge_music("b"), "POST /bridges/b/moh"),
    (lambda ari: ari.stop_bridge_music("b"), "DELETE /bridges/b/moh"),
    (lambda ari: ari.answer("../x"), "POST /channels/../x/answer"),  # decoded again: it was sent as one name
]


async def test_every_request_is_as_the_interface_documents_it(asked: Any) -> None:
    client, requests, _ = asked
    for deed, _ in ASKED:
        await deed(client)
    assert requests == [expected for _, expected in ASKED]


async def test_to_end_what_has_ended_is_no_error_and_everything_else_is(asked: Any) -> None:
    client, _, answers = asked
    answers |= {"DELETE /channels/1.1": 404, "DELETE /bridges/b": 500, "POST /channels/1.1/answer": 404}
    await client.hang_up("1.1")
    with pytest.raises(AriError, match="DELETE /bridges/b: 500"):
        await client.destroy_bridge("b")
    with pytest.raises(AriError, match="answer: 404") as error:
        await client.answer("1.1")
    assert error.value.status == 404


async def test_an_asterisk_that_is_not_there() -> None:
    client = AriClient("http://127.0.0.1:9/ari", "ari", "s3cret")
    with pytest.raises(AriError, match="no answer") as error:
        await client.answer("1.1")
    assert (error.value.status, "s3cret" in str(error.value)) == (0, False)
    await client.close()


# ------------------------------------------------------------------------------------------------- who goes away when


class Switch:
    """A phone system, and this server driving it. sounds: the external media channels that were connected."""

    def __init__(self, exchange: Exchange, port: int) -> None:
        self.exchange = exchange
        self.settings = AriSettings.model_validate({"url": f"http://127.0.0.1:{port}/ari", **ACCESS})
        self.pbx = AriPbx("centralino", self._connect)
        self.sounds: list[Mapping[str, str]] = []
        self.unreachable = False

    async def _connect(self, channel: Channel, given: Mapping[str, str]) -> None:
        if self.unreachable:
            raise OSError("nobody there")
        self.sounds.append(given)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with ari(self.pbx, self.settings.url, **ACCESS):
            yield

    @contextlib.asynccontextmanager
    async def driven(self) -> AsyncIterator[Ari]:
        async with Ari(self.exchange.house, self.settings).open() as driver:
            await self.listening()
            yield driver

    async def listening(self) -> None:
        async with asyncio.timeout(10):
            await self.pbx.listening.wait()

    async def ring(self, name: str = "1.1", *args: str) -> Channel:
        caller = Channel(name, "PJSIP/trunk", "+39021234", NUMBER)
        await self.pbx.ring(caller, *args)
        return caller

    async def parted(self, caller: Channel) -> str:
        """What became of the caller, once nothing is left of the call."""
        async with asyncio.timeout(10):
            await caller.gone.wait()
            await self.pbx.empty.wait()
        return caller.fate

    async def joined(self, caller: Channel) -> Channel:
        """The channel of the sound, once it is joined to the caller's."""
        name = f"centralino-sound-{caller.id}"
        async with asyncio.timeout(10):
            while name not in self.pbx.channels:
                await asyncio.sleep(0.005)
            await self.pbx.channels[name].joined.wait()
        return self.pbx.channels[name]


@pytest.fixture
def switch(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> Switch:
    monkeypatch.setattr("telephony.control.ari_socket.FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr("telephony.control.ari_socket.LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr("telephony.doors.ari.SETTLED_S", 0.05)
    return Switch(exchange, free_port())


async def test_a_caller_who_leaves_before_the_sound_comes(switch: Switch) -> None:
    async with switch.running(), switch.driven():
        caller = await switch.ring("1.1", NUMBER)
        await switch.joined(caller)  # the sound of this test never says a word
        await switch.pbx.vanish(caller)
        assert await switch.parted(caller) == "hangup"
    done = [request for request in switch.pbx.requests if not request.startswith("GET")]
    assert done[:4] == [
        "POST /channels/1.1/answer", "POST /bridges/centralino-bridge-1.1",
        "POST /bridges/centralino-bridge-1.1/addChannel", "POST /channels/externalMedia",
    ]  # fmt: skip
    detail = await switch.exchange.ended(ref="1.1")
    assert detail.interaction.end_reason in ("caller_hung_up", "no_media")


async def test_a_sound_that_cannot_be_connected_lets_the_caller_go_on(switch: Switch) -> None:
    switch.unreachable = True
    async with switch.running(), switch.driven():
        caller = await switch.ring()
        assert await switch.parted(caller) == "continue"
    detail = await switch.exchange.ended(ref="1.1", door="ari")
    assert detail.interaction.end_reason == "no_media"


async def test_callers_beyond_the_bound_go_on_at_once(switch: Switch) -> None:
    async with switch.running(), switch.driven():
        callers = [await switch.ring(f"1.{number}") for number in range(MOST_CALLS + 2)]
        for caller in callers[-2:]:
            async with asyncio.timeout(10):
                await caller.gone.wait()
            assert caller.fate == "continue"
        assert switch.exchange.reception.turned_away == 2
        for caller in callers[:-2]:
            await switch.pbx.vanish(caller)
        await switch.parted(callers[0])


async def test_events_that_break_off_end_no_call(switch: Switch) -> None:
    async with switch.running(), switch.driven():
        caller = await switch.ring()
        sound = await switch.joined(caller)
        await switch.pbx.drop_events()
        await switch.listening()
        assert (caller.fate, sound.fate) == ("", "")
        await switch.pbx.vanish(sound)
        assert await switch.parted(caller) == "continue"  # the bot had not ended the call


async def test_who_hung_up_while_the_events_were_away_is_found_out(switch: Switch) -> None:
    async with switch.running(), switch.driven():
        caller = await switch.ring()
        await switch.joined(caller)
        await switch.pbx.drop_events()
        await switch.pbx.vanish(caller)
        assert await switch.parted(caller) == "hangup"


async def test_a_phone_system_that_is_restarted(switch: Switch) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with switch.running():
            driving = switch.driven()
            await stack.enter_async_context(driving)
            await switch.joined(await switch.ring("1.1"))
        switch.pbx = AriPbx("centralino", switch._connect)  # it knows nothing of before
        async with switch.running():
            await switch.listening()
            caller = await switch.ring("2.1")
            await switch.joined(caller)
            assert (await switch.exchange.ended(ref="1.1")).interaction.outcome == "failed"
            await switch.pbx.vanish(caller)
            assert await switch.parted(caller) == "hangup"


async def test_what_a_server_that_died_left_behind_is_let_go(switch: Switch) -> None:
    caller = Channel("1.1", "PJSIP/trunk", in_app=True, state="Up")
    sound = Channel("centralino-sound-1.1", "WebSocket/centralino", in_app=True)
    switch.pbx.channels |= {caller.id: caller, sound.id: sound}
    switch.pbx.bridges |= {"centralino-bridge-1.1": {"1.1"}, "of-somebody-else": set()}
    async with switch.running(), switch.driven():
        async with asyncio.timeout(10):
            await asyncio.gather(caller.gone.wait(), sound.gone.wait())
            while "centralino-bridge-1.1" in switch.pbx.bridges:
                await asyncio.sleep(0.005)
        assert (caller.fate, sound.fate) == ("continue", "hangup")
        assert list(switch.pbx.bridges) == ["of-somebody-else"]


async def test_channels_that_call_control_originates_are_no_callers(switch: Switch) -> None:
    async with switch.running(), switch.driven() as driver:
        with driver.watches.watching("centralino-operator-1") as watch:
            operator = await switch.ring("centralino-operator-1", "operator")
            await switch.pbx.key(operator, "1")
            assert isinstance(await watch.next(), Entered)
            assert await watch.next() == Digit("centralino-operator-1", "1")
        assert switch.exchange.reception.figures()["expected"] == 0


async def test_a_wrong_password_is_said_and_tried_again_without_end(switch: Switch) -> None:
    switch.settings = switch.settings.model_copy(update={"username": "other"})
    async with switch.running(), Ari(switch.exchange.house, switch.settings).open():
        async with asyncio.timeout(10):
            while len(switch.exchange.log_of("ari.not_connected")) < 2:
                await asyncio.sleep(0.01)
    said = str(switch.exchange.log_of("ari.not_connected"))
    assert "403" in said
    assert "ari-0123456789" not in said


@pytest.mark.parametrize(
    "sections",
    [
        {"ari": ACCESS},
        {"ari": {**ACCESS, "sound": "audiosocket", "audiosocket": "h:1"}},
        {"ari": {**ACCESS, "sound": "audiosocket"}, "asterisk": {"password": "0123456789"}},
        {"ari": {**ACCESS, "url": "pbx:8088"}, "asterisk": {"password": "0123456789"}},
        {"ari": {**ACCESS, "app": "a b"}, "asterisk": {"password": "0123456789"}},
        {"asterisk": {"password": "short"}},
    ],
)
async def test_settings_that_cannot_work_are_refused(sections: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needs|must start|pattern|at least 8"):
        DoorSettings.model_validate(sections)
