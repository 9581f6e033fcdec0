"""Call control over SIP: INVITE, CANCEL, REFER and BYE of our own; digits as the call's sound carries them.

A number is called through the first account of the settings, by its registrar; an address `sip:anna@pbx.example` is
called where it says. Joining calls is done in our own sound: SIP itself has no bridge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from telephony.control.contract import NUMBER, SIP_URI, CallControl, CannotDo, ControlFailed, Deed, Order
from telephony.control.legs import Leg as RungLeg
from telephony.control.legs import Outcome
from telephony.expected import Expected
from telephony.rtp.codecs import Codec
from telephony.rtp.ports import NoPort, Ports, SoundSockets
from telephony.sip.agent import Agent
from telephony.sip.calling import Calling, NotTaken
from telephony.sip.leg import Leg
from telephony.sip.messages import CALL_HEADER, Address
from telephony.sip.registering import USUAL_PORT, Registering, resolved
from telephony.sip.sdp import BadDescription, Session
from telephony.sip.signalling import Gone
from telephony.sip.transactions import NoAnswer, Overloaded
from telephony.sip.transfer import Progress, TransferFailed
from telephony.sip.wire import SipWire


class SipPort(Protocol):
    """What it needs of `port.SipPort`."""

    @property
    def agent(self) -> Agent: ...
    @property
    def ports(self) -> Ports: ...
    @property
    def codecs(self) -> Sequence[Codec]: ...
    @property
    def registrations(self) -> Sequence[Registering]: ...
    async def transfer(self, ref: str, target: str, progress: Callable[[Progress], None]) -> Progress: ...
    def wire(self, leg: Leg) -> SipWire: ...
    async def carry(self, leg: Leg, wire: SipWire, sockets: SoundSockets, expected: Expected) -> None: ...


class SipControl(CallControl):
    name: ClassVar[str] = "sip"
    can = frozenset({Deed.HANG_UP, Deed.TRANSFER, Deed.DIAL})

    def __init__(self, port: SipPort) -> None:
        self._port = port
        self._ringing: dict[str, Calling] = {}

    def reaches(self, to: str) -> None:
        if NUMBER.fullmatch(to) and not self._port.registrations:
            raise CannotDo(self.name, Deed.DIAL, f"{to} needs an account in [doors.sip], through which it is called")
        if not (NUMBER.fullmatch(to) or SIP_URI.fullmatch(to)):
            raise CannotDo(self.name, Deed.DIAL, f"{to!r} is neither a number nor an address like sip:anna@pbx.example")

    async def hang_up(self, ref: str) -> None:
        if leg := self._leg(ref):
            leg.notify(Gone("caller_hung_up"))  # the sound's connection hears of it as if they had
            leg.hang_up("bot_ended")

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        self.reaches(order.to)
        target = order.to if order.to.startswith("sip") else f"sip:{order.to}@{self._account().account.domain}"
        try:
            await self._port.transfer(ref, target, lambda progress: None)
        except (TransferFailed, NoAnswer, Overloaded, LookupError, ValueError) as error:
            status = error.status if isinstance(error, TransferFailed) else 0
            raise ControlFailed(self.name, Deed.TRANSFER, str(error), status) from None

    async def ring(self, order: Order, expected: Expected, leg: RungLeg) -> None:
        self.reaches(order.to)
        port = self._port
        try:
            to, sender, where = await self._route(order)
            sockets = port.ports.open()
        except (OSError, NoPort) as error:
            raise ControlFailed(self.name, Deed.DIAL, str(error)) from None
        session = Session(port.agent.contact(where)[0], sockets.port, port.codecs)
        calling = Calling(port.agent, to, sender, where, session, {CALL_HEADER: expected.call_id})
        leg.ref = calling.ref
        self._ringing[calling.ref] = calling
        port.agent.start(self._ring(calling, sockets, order.ring_s, expected, leg))

    async def stop_ringing(self, leg: RungLeg) -> None:
        if calling := self._ringing.get(leg.ref):
            await calling.take_back()

    async def _ring(
        self, calling: Calling, sockets: SoundSockets, ring_s: int, expected: Expected, rung: RungLeg
    ) -> None:
        giving_up = asyncio.get_running_loop().call_later(ring_s, lambda: self._port.agent.start(calling.take_back()))
        try:
            leg = await calling.answered()
        except (NotTaken, BadDescription) as error:
            sockets.close()
            rung.tell(error.outcome if isinstance(error, NotTaken) else Outcome.FAILED, str(error))
            return
        except BaseException:
            sockets.close()
            raise
        finally:
            giving_up.cancel()
            self._ringing.pop(calling.ref, None)
        await self._port.agent.join(leg, self._serve(leg, sockets, expected, rung))

    async def _serve(self, leg: Leg, sockets: SoundSockets, expected: Expected, rung: RungLeg) -> None:
        try:
            await self._port.carry(leg, self._port.wire(leg), sockets, expected)
        finally:
            rung.tell(Outcome.FAILED, "its sound did not come")
            leg.hang_up("server_stopped")

    async def _route(self, order: Order) -> tuple[str, str, Address]:
        """Whom the INVITE calls, who calls, and where it is sent. Raises OSError."""
        own = self._port.agent.address[0]
        if order.to.startswith("sip"):
            host, _, at_port = order.to.partition("@")[2].partition(":")
            where = (await resolved(host, int(at_port or USUAL_PORT), own))[0]
            here = self._port.agent.contact(where)
            user = order.shown or "centralino"
            return order.to, f"sip:{user}@{f'[{here[0]}]' if ':' in here[0] else here[0]}", where
        registering = self._account()
        account = registering.account
        where = (registering.addresses or await resolved(account.registrar, account.port, own))[0]
        sender = f"sip:{order.shown}@{account.domain}" if order.shown else account.address
        return f"sip:{order.to}@{account.domain}", sender, where

    def _account(self) -> Registering:
        return self._port.registrations[0]

    def _leg(self, ref: str) -> Leg | None:
        return next((leg for leg in self._port.agent.legs if leg.ref == ref and not leg.over), None)
