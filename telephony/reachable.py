"""Which addresses requests to other systems may reach: hosts that were named, resolved once, and checked.

The request then goes to the address that was checked, so that a name which resolves differently a moment later leads
nowhere else. Private networks and this machine only where a host was named as being inside; link-local addresses, where
clouds keep their metadata, never.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

NEVER = tuple(
    ip_network(network)
    for network in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "0.0.0.0/8", "::/128", "224.0.0.0/4", "ff00::/8",
                    "255.255.255.255/32", "100.100.100.200/32")
)  # fmt: skip
"""Link-local (169.254.169.254 and fd00:ec2::254 are metadata services), unspecified, multicast and broadcast."""


class Refused(Exception):
    """It is not allowed, or not possible, to ask for this; the message has no secret and says why."""


@dataclass(frozen=True)
class Target:
    """url: with the address in place of the name. host: for the Host header. name: for TLS, as in certificates."""

    url: str
    host: str
    name: str


async def checked(url: str, hosts: Collection[str], inside: Collection[str], setting: str = "[errands]") -> Target:
    """Where `url` leads. setting: the section of the settings in which hosts are named. Raises Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Refused("the address of the request is no URL") from None
    name = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not name or parts.username is not None:
        raise Refused("the address of the request is not http:// or https:// with a host")
    named = {name, f"{name}:{port}"}
    if not named & {host.lower() for host in (*hosts, *inside)}:
        raise Refused(f"the host {name}:{port} is not among those that may be asked ({setting} hosts)")
    private_too = bool(named & {host.lower() for host in inside})
    addresses = await _resolved(name, port)
    for address in addresses:
        if not may_be_asked(address, private_too):
            raise Refused(f"the host {name} has an address that may not be asked ({setting} inside)")
    first = addresses[0]
    literal = f"[{first}]" if isinstance(first, IPv6Address) else str(first)
    host = name if port in (80, 443) and parts.port is None else f"{name}:{port}"
    return Target(urlunsplit((parts.scheme, f"{literal}:{port}", parts.path, parts.query, "")), host, name)


def may_be_asked(address: IPv4Address | IPv6Address, private_too: bool) -> bool:
    """Whether the address is a public one, or one of a private network where that is allowed."""
    if isinstance(address, IPv6Address) and (inner := address.ipv4_mapped or address.sixtofour):
        return may_be_asked(inner, private_too)
    if any(address in network for network in NEVER if network.version == address.version):
        return False
    return address.is_global or (private_too and (address.is_private or address.is_loopback))


async def _resolved(name: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(f"the host {name} is not known") from None
    return [ip_address(str(info[4][0]).partition("%")[0]) for info in found]
