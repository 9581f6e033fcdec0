"""Callers on hold and together inside the phone system: Asterisk over ARI, FreeSWITCH over its event socket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from centralino.calling.ari_pbx import AriPbx, Channel
from centralino.calling.ari_rest import ari
from centralino.own_server import free_port
from telephony.control.ari import AriClient
from telephony.control.ari_control import AriControl
from telephony.control.ari_events import Watches
from telephony.control.contract import CannotDo, ControlFailed, Deed, Order
from tests.telephony.control.test_carriers import freeswitch

pytestmark = pytest.mark.asyncio(loop_scope="session")

GROUP = "centralino-group-call-77"


async def nothing(*given: Any) -> None: ...


@contextlib.asynccontextmanager
async def asterisk(transfer_context: str = "") -> AsyncIterator[tuple[AriControl, AriPbx]]:
    """Two callers, c-1 and c-2, in our application, and one, c-9, that is still in the dialplan."""
    pbx, url = AriPbx("centralino", nothing), f"http://127.0.0.1:{free_port()}/ari"
    for name in ("c-1", "c-2", "c-9"):
        pbx.channels[name] = Channel(name, f"PJSIP/{name}", state="Up", in_app=name != "c-9")
    client = AriClient(url, "ari", "ari-0123456789")
    async with ari(pbx, url, username="ari", password="ari-0123456789"):
        yield AriControl(client, Watches(), "centralino", "", transfer_context, nothing), pbx
        await client.close()


async def test_a_caller_is_put_on_hold_and_taken_back() -> None:
    async with asterisk() as (control, pbx):
        await control.hold("c-1", True)
        assert (pbx.channels["c-1"].music, pbx.channels["c-2"].music) == (True, False)
        await control.hold("c-1", False)
        assert not pbx.channels["c-1"].music
        with pytest.raises(ControlFailed, match="404"):
            await control.hold("gone", True)


async def test_callers_join_one_bridge_and_leave_it_by_themselves() -> None:
    async with asterisk() as (control, pbx):
        await control.bridge("call-77", ("c-1",))
        await control.bridge("call-77", ("c-2",))  # it is there already, and they join it
        assert pbx.bridges == {GROUP: {"c-1", "c-2"}}
        await control.unbridge("call-77", ("c-1",))
        assert pbx.bridges[GROUP] == {"c-2"}
        await control.unbridge("never made", ("c-1",))
        for wrong in ("c-9", "gone"):
            with pytest.raises(ControlFailed):
                await control.bridge("call-77", (wrong,))
        assert pbx.bridges[GROUP] == {"c-2"}


async def test_a_caller_goes_on_in_the_dialplan_where_there_is_a_context_for_it() -> None:
    async with asterisk("outside") as (control, pbx):
        await control.transfer("c-1", Order("+393331234567"), "call-77")
        channel = pbx.channels.get("c-1")
        assert channel is None or (channel.fate, channel.place) == ("continue", ("outside", "+393331234567"))
    async with asterisk() as (control, _):
        with pytest.raises(CannotDo, match="transfer_context"):
            await control.transfer("c-1", Order("+393331234567"), "call-77")


async def test_freeswitch_holds_joins_two_and_parks_each() -> None:
    async with freeswitch() as (control, server):
        server.channels |= {"a", "b"}
        await control.hold("a", True)
        await control.hold("a", False)
        await control.bridge("call-77", ("a", "b"))
        await control.unbridge("call-77", ("a", "b"))
        assert server.commands == [
            "uuid_hold a",
            "uuid_hold off a",
            "uuid_bridge a b",
            "uuid_park a",
            "uuid_park b",
        ]
        for wrong in (("a",), ("a", "b", "c"), ("a", "b\nuuid_kill b"), ("gone", "b")):
            with pytest.raises(ControlFailed):
                await control.bridge("call-77", wrong)
        with pytest.raises(ControlFailed, match="No such channel"):
            await control.unbridge("call-77", ("gone",))
        assert server.channels == {"a", "b"}
        assert {Deed.HOLD, Deed.BRIDGE} <= control.can
