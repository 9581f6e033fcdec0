"""The door for SIP: calls in, each with its sound and its line; registrations; transfers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType

import structlog

from history import HistoryUnavailable
from telephony.door import Door, Refused
from telephony.doors.house import House
from telephony.doors.numbers import e164
from telephony.expected import Expected
from telephony.lines import UnknownLine
from telephony.media import Started
from telephony.protocols.sip import SipCall
from telephony.reception import Draining, Forwarded, Full
from telephony.rtp.codecs import CODECS
from telephony.rtp.pacer import Pacer
from telephony.rtp.ports import NoPort, Ports, SoundSockets
from telephony.rtp.stream import Stream
from telephony.sip import session_timer
from telephony.sip.access import Access
from telephony.sip.agent import Agent
from telephony.sip.control import SipControl
from telephony.sip.credentials import Credentials
from telephony.sip.leg import Leg
from telephony.sip.messages import CALL_HEADER
from telephony.sip.registering import USUAL_PORT, Account, Registering
from telephony.sip.sdp import BadDescription, Session
from telephony.sip.settings import SipAccount, SipSettings, SipUnavailable
from telephony.sip.transfer import Progress, transfer
from telephony.sip.wire import SipWire

log = structlog.get_logger()

CLOSE_S = 5.0
"""How long calls may take to end when the port is closed."""
RETRY = {"Retry-After": "10"}


class SipPort:
    """An async context: open while it is."""

    def __init__(self, house: House, settings: SipSettings) -> None:
        self._house, self._settings = house, settings
        users = {name: secret.get_secret_value() for name, secret in settings.users.items()}
        access = Access(settings.trusted, users, settings.realm)
        refused = partial(house.count_refused, missing="credentials")
        self.agent = Agent(access, self._invited, refused, settings.public_ip)
        self.pacer = Pacer()
        self.ports = Ports(settings.host, settings.first_rtp_port, settings.last_rtp_port)
        self.codecs = [codec for name in settings.codecs for codec in CODECS if codec.name == name]
        self.registrations = [
            Registering(self.agent, _account(account), self._registrars_found) for account in settings.accounts
        ]
        self._call_ids: dict[str, str] = {}
        self._control = SipControl(self)
        self._registering: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> SipPort:
        host, port = self._settings.host, self._settings.port
        try:
            await self.agent.open(host, port)
        except OSError as error:
            raise SipUnavailable(
                f"[doors.sip] cannot listen on {host} port {port}: {error}; set host or port"
            ) from None
        self._registering = [asyncio.create_task(one.run()) for one in self.registrations]
        self._house.reception.controls.add(self._control)
        log.info("sip.open", host=self.agent.address[0], port=self.agent.address[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._house.reception.controls.remove(self._control)
        for task in self._registering:
            task.cancel()
        await asyncio.gather(*self._registering, return_exceptions=True)
        await self.agent.close(CLOSE_S)
        await self.pacer.close()

    async def transfer(self, ref: str, target: str, progress: Callable[[Progress], None]) -> Progress:
        """A blind transfer of the call with this Call-ID to a SIP URI; the new call carries our call id as X-Call-Id.

        Our own leg is not ended by it: that is for who asked. Raises LookupError for a call that is not here, and as
        `telephony.sip.transfer.transfer` does.
        """
        leg = next((leg for leg in self.agent.legs if leg.ref == ref and leg.accepted and not leg.over), None)
        if leg is None:
            raise LookupError(f"no SIP call {ref!r} is going on")
        return await transfer(leg, target, {CALL_HEADER: self._call_ids.get(ref, "")}, progress)

    # ------------------------------------------------------------------------------------------------------- one call

    async def _invited(self, leg: Leg) -> None:
        wire = self.wire(leg)
        expected = await self._expected(leg)
        if expected is None:
            return
        self._call_ids[leg.ref] = expected.call_id
        try:
            await self._talk(leg, wire, expected)
        except HistoryUnavailable as error:
            log.error("sip.history_unavailable", call_id=expected.call_id, error=str(error))
            leg.refuse(503, RETRY)
        finally:
            self._call_ids.pop(leg.ref, None)

    async def _expected(self, leg: Leg) -> Expected | None:
        reception = self._house.reception
        try:
            return await reception.expect(self._line_of(leg), leg.caller, "sip", leg.ref)
        except UnknownLine:
            leg.refuse(404)
        except Forwarded as closed:
            leg.move_to(closed.number)
        except Draining:
            leg.refuse(503, RETRY)
        except Full:
            leg.refuse(486)
        except HistoryUnavailable as error:
            log.error("sip.turned_away", reason=str(error))
            leg.refuse(503, RETRY)
        return None

    async def _talk(self, leg: Leg, wire: SipWire, expected: Expected) -> None:
        reception = self._house.reception
        if leg.over:
            return await reception.give_up(expected, "cancelled")
        sockets = await self._answered(leg, expected)
        if sockets is None:
            return
        await leg.acknowledged.wait()
        session = leg.session
        if leg.over or session is None or session.agreed is None:
            sockets.close()
            return await reception.give_up(expected, "not_acknowledged", "the far end went while it was answered")
        await self.carry(leg, wire, sockets, expected)

    def wire(self, leg: Leg) -> SipWire:
        """From now on it notices what happens to the leg."""
        wire = SipWire(leg, self._settings.silence_s)
        leg.notify = wire.noticed
        return wire

    async def carry(self, leg: Leg, wire: SipWire, sockets: SoundSockets, expected: Expected) -> None:
        """The sound of a call that is answered, until it is over. Raises HistoryUnavailable."""
        reception, session = self._house.reception, leg.session
        assert session
        assert session.agreed

        async def admit(started: Started) -> Expected:
            claimed = reception.claim(started.token, leg.ref)
            if claimed is None:
                raise Refused("the token is unknown, used or too old")
            return claimed

        stream = Stream(session.agreed.media, leg.source[0], wire.heard)
        await stream.open(sockets)
        wire.begin(stream, expected.token)
        self.pacer.add(stream)
        self._call_ids[leg.ref] = expected.call_id
        try:
            await Door(wire, SipCall(stream.rate_hz), reception, admit).serve()
        finally:
            self._call_ids.pop(leg.ref, None)
            self.pacer.remove(stream)
            stream.close()
            log.info("sip.media", call_id=expected.call_id, **stream.figures())

    async def _answered(self, leg: Leg, expected: Expected) -> SoundSockets | None:
        """Answer with 200; None when it could not be, and the call is over."""
        give_up = self._house.reception.give_up
        try:
            sockets = self.ports.open()
        except NoPort as error:
            log.error("sip.no_port", why=str(error))
            leg.refuse(503, RETRY)
            await give_up(expected, "no_port", str(error))
            return None
        session = Session(self.agent.contact(leg.source)[0], sockets.port, self.codecs)
        try:
            leg.accept(session, {CALL_HEADER: expected.call_id})
        except BadDescription as error:
            leg.refuse(488)
            await give_up(expected, error.code, str(error))
        except session_timer.TooShort as error:
            leg.refuse(422, {"Min-SE": str(session_timer.LEAST_S)})
            await give_up(expected, "session_timer", str(error))
        if leg.accepted:
            return sockets
        sockets.close()
        return None

    def _line_of(self, leg: Leg) -> str:
        """The line that is meant: of the account that was called, else the first name that a line has."""
        for one, account in zip(self.registrations, self._settings.accounts, strict=True):
            here = leg.source[0] in {address[0] for address in one.addresses}
            if account.line and here and account.user in leg.called:
                return account.line
        names = [name for user in leg.called for name in (user, e164(user))]
        for name in names:
            try:
                return self._house.reception.lines.get(name).id
            except UnknownLine:
                continue
        return names[0] if names else ""

    def _registrars_found(self) -> None:
        known = {address[0]: one.account.credentials for one in self.registrations for address in one.addresses}
        self.agent.know(known)


def _account(settings: SipAccount) -> Account:
    host, _, port = settings.registrar.partition(":")
    credentials = Credentials(settings.auth_user or settings.user, settings.password.get_secret_value())
    domain = settings.domain or host
    return Account(host, int(port or USUAL_PORT), settings.user, domain, credentials, settings.expires_s)
