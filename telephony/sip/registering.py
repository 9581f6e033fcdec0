"""Being reachable at a PBX or a trunk: REGISTER, again before it expires, and again and again when it fails."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from aiosipua import SipRequest, SipResponse, generate_branch, generate_call_id, generate_tag

from telephony.sip.agent import Agent
from telephony.sip.credentials import Credentials, met
from telephony.sip.messages import USER_AGENT, Address
from telephony.sip.transactions import NoAnswer, Overloaded

log = structlog.get_logger()

USUAL_PORT = 5060
LEAST_S, LONGEST_S = 30, 3600
"""Of an interval, whatever a registrar grants."""
REFRESH_SHARE = 0.8
"""Of the interval: after so much of it the next REGISTER is sent."""
FIRST_RETRY_S, LAST_RETRY_S = 5.0, 300.0
RESOLVE_S = 5.0
BYE_S = 1.0
"""How long a registrar may take to hear that we go."""


@dataclass(frozen=True)
class Account:
    """One of ours at a registrar. user: also of our Contact, so that calls for us name it; domain: of the address."""

    registrar: str
    port: int
    user: str
    domain: str
    credentials: Credentials
    expires_s: int

    @property
    def address(self) -> str:
        return f"sip:{self.user}@{self.domain}"


class RegistrationFailed(RuntimeError):
    """Says who refused and what can be done. least_s: the interval that the registrar insists on, if that is all."""

    def __init__(self, why: str, least_s: int = 0) -> None:
        super().__init__(why)
        self.least_s = least_s


def next_after_s(granted_s: int) -> float:
    """When to register again."""
    return max(LEAST_S, min(granted_s, LONGEST_S)) * REFRESH_SHARE


def retry_after_s(failures: int, share: float) -> float:
    """The wait after so many failures in a row, doubled each time. share: 0..1, so that a restarted PBX is not asked by
    everybody at once."""
    longest_s = min(LAST_RETRY_S, FIRST_RETRY_S * float(2 ** min(failures - 1, 10)))
    return longest_s * (0.5 + share / 2)


def granted_s(response: SipResponse, contact: str, asked_s: int) -> int:
    """The interval of a 200: the one of our Contact among its bindings, else its Expires, else what we asked for."""
    for binding in response.headers.get("contact"):
        if contact in binding:
            parameters = binding.rpartition(">")[2].split(";")
            values = [part.split("=")[1] for part in map(str.strip, parameters) if part.lower().startswith("expires=")]
            if values and values[0].isdigit():
                return int(values[0])
    expires = response.get_header("expires") or ""
    return int(expires) if expires.isdigit() else asked_s


@dataclass
class Registering:
    """One account's, for as long as `run` runs. addresses: of the registrar; told: called when they were found."""

    agent: Agent
    account: Account
    found: Callable[[], None]
    addresses: list[Address] = field(default_factory=list)
    registered: bool = False
    failures: int = 0

    def __post_init__(self) -> None:
        self._call_id, self._tag, self._number = generate_call_id("centralino"), generate_tag(), 0
        self._expires_s = self.account.expires_s

    async def run(self) -> None:
        try:
            while True:
                wait_s = await self._once()
                await asyncio.sleep(wait_s)
        finally:
            if self.registered:
                with suppress(NoAnswer, Overloaded, RegistrationFailed, OSError, TimeoutError):
                    async with asyncio.timeout(BYE_S):
                        await self._register(0)

    async def _once(self) -> float:
        """Register; how long to wait until the next time."""
        try:
            granted = await self._register(self._expires_s)
        except (NoAnswer, Overloaded, RegistrationFailed, OSError) as error:
            if isinstance(error, RegistrationFailed) and self._expires_s < error.least_s <= LONGEST_S:
                self._expires_s = error.least_s
                return 0.0
            self.failures += 1
            self.registered = False
            wait_s = retry_after_s(self.failures, random.random())  # noqa: S311 (no secret)
            log.error("sip.not_registered", account=self.account.address, why=str(error), retry_s=round(wait_s))
            return wait_s
        if not self.registered:
            log.info("sip.registered", account=self.account.address, expires_s=granted)
        self.registered, self.failures = True, 0
        return next_after_s(granted)

    async def _register(self, expires_s: int) -> int:
        """The interval that was granted. Raises RegistrationFailed, NoAnswer, Overloaded and OSError."""
        account = self.account
        self.addresses = await resolved(account.registrar, account.port, self.agent.address[0])
        self.found()
        to = self.addresses[0]
        request = self._request(expires_s, to)
        response = await self.agent.ask_once(request, to)
        for _ in range(2):  # once for the challenge, once for a nonce that is too old meanwhile
            if response.status_code not in (401, 407):
                break
            request = self._request(expires_s, to)
            if not met(request, response, account.credentials):
                raise RegistrationFailed(f"{account.registrar} asks for a signature that is neither MD5 nor SHA-256")
            response = await self.agent.ask_once(request, to)
        if response.status_code == 423:
            least = response.get_header("min-expires") or ""
            raise RegistrationFailed(
                f"{account.registrar} wants a longer interval than {expires_s} s: {least[:16]}",
                least_s=int(least) if least.isdigit() and len(least) < 9 else 0,
            )
        if response.status_code in (401, 403, 407):
            raise RegistrationFailed(
                f"{account.registrar} refuses user {account.credentials.user!r} ({response.status_code}): "
                "check user, auth_user and password of this account"
            )
        if response.status_code >= 300:
            raise RegistrationFailed(f"{account.registrar} answered {response.status_code} {response.reason_phrase}")
        return granted_s(response, self._contact(to), expires_s)

    def _contact(self, to: Address) -> str:
        host, port = self.agent.contact(to)
        return f"sip:{self.account.user}@{f'[{host}]' if ':' in host else host}:{port}"

    def _request(self, expires_s: int, to: Address) -> SipRequest:
        self._number += 1
        host, port = self.agent.contact(to)
        request = SipRequest(method="REGISTER", uri=f"sip:{self.account.domain}")
        via = f"SIP/2.0/UDP {f'[{host}]' if ':' in host else host}:{port};branch={generate_branch()};rport"
        for name, value in {
            "Via": via,
            "From": f"<{self.account.address}>;tag={self._tag}",
            "To": f"<{self.account.address}>",
            "Call-ID": self._call_id,
            "CSeq": f"{self._number} REGISTER",
            "Max-Forwards": "70",
            "Contact": f"<{self._contact(to)}>",
            "Expires": str(expires_s),
            "User-Agent": USER_AGENT,
        }.items():
            request.headers.set_single(name, value)
        return request


async def resolved(host: str, port: int, like: str) -> list[Address]:
    """The addresses of a name, of the family that `like` is of. Raises OSError."""
    family = socket.AF_INET6 if ":" in like else socket.AF_INET
    found: list[Address] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(RESOLVE_S):
            rows = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_DGRAM)
            found = [(str(row[4][0]), int(row[4][1])) for row in rows]
    if not found:
        raise OSError(f"{host} has no address")
    return found
