"""Ports for sound: an even one for RTP and the one after it for RTCP, of a range that a firewall can let through."""

from __future__ import annotations

import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class SoundSockets:
    """Two bound sockets of one call. port: of the first; what comes before somebody listens waits in them."""

    rtp: socket.socket
    rtcp: socket.socket
    port: int

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


class NoPort(OSError):
    """Every pair of the range is taken."""


class Ports:
    """host: the address they are bound to; first, last: the range, both included."""

    def __init__(self, host: str, first: int, last: int) -> None:
        self._host = host
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._evens = range(first + first % 2, last, 2)
        if not self._evens:
            raise ValueError(f"ports {first}-{last} hold no even port with the one after it; widen the range")
        self._turn = 0

    def open(self) -> SoundSockets:
        """The next free pair. Raises NoPort.

        They are taken in turn, so that a port rests before its next call and no late packet of the last one is heard.
        """
        for _ in self._evens:
            port = self._evens[self._turn % len(self._evens)]
            self._turn += 1
            if (rtp := self._bind(port)) is None:
                continue
            if (rtcp := self._bind(port + 1)) is not None:
                return SoundSockets(rtp, rtcp, port)
            rtp.close()
        raise NoPort(f"no free pair of ports in {self._evens[0]}-{self._evens[-1] + 1} on {self._host}")

    def _bind(self, port: int) -> socket.socket | None:
        bound = socket.socket(self._family, socket.SOCK_DGRAM)
        bound.setblocking(False)
        try:
            bound.bind((self._host, port))
        except OSError:
            bound.close()
            return None
        return bound
