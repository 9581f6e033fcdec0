"""The UDP ports on which browsers reach a peer: of a range, on addresses of the settings.

aioice itself takes any free port of the system and leaves loopback out, and has no setting for either.
"""

from __future__ import annotations

import asyncio
import random
import socket
from ipaddress import ip_address

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol

from telephony.webrtc.settings import WebrtcSettings


class NoPort(OSError):
    """None of the range is free on any of the addresses."""


def bound_to(connection: Connection, settings: WebrtcSettings) -> None:
    """The connection gathers these candidates and no others; when it does, it raises NoPort."""

    async def host_candidates(component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:  # noqa: ASYNC109 (aioice's own)
        found: list[Candidate] = []
        for address in settings.addresses or addresses:
            if (bound := _bind(address, settings.first_port, settings.last_port)) is None:
                continue
            _, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: StunProtocol(connection), sock=bound
            )
            protocol.local_candidate = _candidate(component, _reached(address, settings.public_ip), bound)
            connection._protocols.append(protocol)
            found.append(protocol.local_candidate)
        if not found:
            ports = f"{settings.first_port}-{settings.last_port}"
            raise NoPort(f"no UDP port of {ports} is free on {', '.join(settings.addresses or addresses) or 'nothing'}")
        return found

    connection.get_component_candidates = host_candidates  # type: ignore[method-assign]


def _bind(address: str, first: int, last: int) -> socket.socket | None:
    """On a port of the range, from a random one on, so that a port rests before its next call."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    ports = range(first, last + 1)
    turn = random.randrange(len(ports))  # noqa: S311 (no secret)
    for port in (*ports[turn:], *ports[:turn]):
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.setblocking(False)
        try:
            bound.bind((address, port))
        except OSError:
            bound.close()
        else:
            return bound
    return None


def _reached(address: str, public_ip: str) -> str:
    """Of the same kind: a router that has a public IPv4 address says nothing of IPv6."""
    same = public_ip and ip_address(public_ip).version == ip_address(address.partition("%")[0]).version
    return public_ip if same else address


def _candidate(component: int, host: str, bound: socket.socket) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=host,
        port=bound.getsockname()[1],
        type="host",
    )
