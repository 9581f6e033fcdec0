"""Call control over ARI: channels are rung into our Stasis application, and bridged, moved and hung up there.

A number is rung by the template `dial` of the settings, `PJSIP/{to}@trunk`; an endpoint is given as it is. A blind
transfer lets the caller go on in the dialplan, at the extension that is the number, in `transfer_context`.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import ClassVar

import structlog

from telephony.control.ari import AriClient, AriError
from telephony.control.ari_events import Entered, Left, Watches
from telephony.control.contract import NUMBER, CallControl, CannotDo, ControlFailed, Deed, Order
from telephony.control.legs import Leg, Outcome
from telephony.expected import Expected

log = structlog.get_logger()

ENDPOINT = re.compile(r"[A-Za-z0-9_]{2,16}/[A-Za-z0-9_.+@\-]{1,128}")
CAUSES = {
    "user busy": Outcome.BUSY,
    "call rejected": Outcome.DECLINED,
    "no user responding": Outcome.NO_ANSWER,
    "no answer from user": Outcome.NO_ANSWER,
    "user alerting, no answer": Outcome.NO_ANSWER,
    "normal clearing": Outcome.NO_ANSWER,
}
"""Asterisk's words for why a channel that rang is gone; any other one is FAILED."""

Serve = Callable[[Entered, Expected], Awaitable[None]]
"""Brings the sound of a channel that has come into the application to a door, until it is over."""


class AriControl(CallControl):
    """dial: 'PJSIP/{to}@trunk', '' where only endpoints are rung; transfer_context: of the dialplan, '' for none."""

    name: ClassVar[str] = "ari"
    lacks = "set transfer_context of [doors.ari] to a context of your dialplan"

    def __init__(
        self, client: AriClient, watches: Watches, app: str, dial: str, transfer_context: str, serve: Serve
    ) -> None:
        self._ari, self._watches, self._app = client, watches, app
        self._dial, self._context, self._serve = dial, transfer_context, serve
        transfers = {Deed.TRANSFER} if transfer_context else set()
        self.can = frozenset({Deed.HANG_UP, Deed.SEND_KEYS, Deed.HOLD, Deed.DIAL, Deed.BRIDGE} | transfers)
        self._ringing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._ringing:
            task.cancel()
        await asyncio.gather(*self._ringing, return_exceptions=True)

    async def hang_up(self, ref: str) -> None:
        await self._do(Deed.HANG_UP, self._ari.hang_up(ref))

    async def send_keys(self, ref: str, keys: str) -> None:
        await self._do(Deed.SEND_KEYS, self._ari.send_keys(ref, keys))

    async def hold(self, ref: str, held: bool) -> None:
        await self._do(Deed.HOLD, self._ari.start_music(ref) if held else self._ari.stop_music(ref))

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        self.check(Deed.TRANSFER)
        await self._do(Deed.TRANSFER, self._ari.set_variable(ref, "CENTRALINO_CALL_ID", call_id))
        await self._do(Deed.TRANSFER, self._ari.continue_in_dialplan(ref, self._context, order.to, 1))

    async def bridge(self, name: str, refs: tuple[str, ...]) -> None:
        await self._do(Deed.BRIDGE, self._ari.create_bridge(f"{self._app}-group-{name}"), but=409)
        await self._do(Deed.BRIDGE, self._ari.add_to_bridge(f"{self._app}-group-{name}", *refs))

    async def unbridge(self, name: str, refs: tuple[str, ...]) -> None:
        await self._do(Deed.BRIDGE, self._ari.remove_from_bridge(f"{self._app}-group-{name}", *refs), but=404)

    def reaches(self, to: str) -> None:
        if ENDPOINT.fullmatch(to) or (NUMBER.fullmatch(to) and self._dial):
            return
        why = (
            "needs dial = 'PJSIP/{to}@trunk' in [doors.ari]"
            if NUMBER.fullmatch(to)
            else "is no endpoint like PJSIP/anna"
        )
        raise CannotDo(self.name, Deed.DIAL, f"{to!r} {why}")

    async def ring(self, order: Order, expected: Expected, leg: Leg) -> None:
        self.reaches(order.to)
        endpoint = self._dial.replace("{to}", order.to) if NUMBER.fullmatch(order.to) else order.to
        leg.ref = channel = f"{self._app}-leg-{uuid.uuid4()}"
        rung = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._follow(channel, endpoint, order, expected, leg, rung))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)
        await rung

    async def _follow(
        self, channel: str, endpoint: str, order: Order, expected: Expected, leg: Leg, rung: asyncio.Future[None]
    ) -> None:
        """From before it rings, so that no event is missed, until it is over."""
        with self._watches.watching(channel, ringing=True) as watch:
            headers = {"PJSIP_HEADER(add,X-Call-Id)": expected.call_id} if endpoint.startswith("PJSIP/") else {}
            try:
                await self._ari.originate(
                    channel, endpoint, self._app, ("leg",), order.shown, order.ring_s, variables=headers
                )
            except AriError as error:
                rung.set_exception(ControlFailed(self.name, Deed.DIAL, str(error), error.status))
                return
            rung.set_result(None)
            while not isinstance(event := await watch.next(), Entered):
                if isinstance(event, Left) and event.hung_up:
                    leg.tell(CAUSES.get(event.why.lower(), Outcome.FAILED), event.why)
                    return
            await self._serve(event, expected)
            leg.tell(Outcome.FAILED, "its sound did not come")

    async def _do(self, deed: Deed, asked: Awaitable[None], but: int = 0) -> None:
        try:
            await asked
        except AriError as error:
            if error.status != but:
                raise ControlFailed(self.name, deed, str(error), error.status) from None
