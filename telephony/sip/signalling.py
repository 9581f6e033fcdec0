"""What a leg tells, and what it needs of the port that it came in by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from aiosipua import SipRequest, SipResponse

from telephony.rtp.stream import Media
from telephony.sip.messages import Address


@dataclass(frozen=True)
class KeySent:
    """By SIP INFO; keys in the sound are the stream's."""

    key: str


@dataclass(frozen=True)
class MediaChanged:
    media: Media


@dataclass(frozen=True)
class Gone:
    """The far end is not there any more. code: a word for the history; detail: '' when it hung up itself."""

    code: str
    detail: str = ""


Notice = KeySent | MediaChanged | Gone


class Signalling(Protocol):
    def now_s(self) -> float: ...

    def contact(self, far_end: Address) -> Address:
        """Where that far end reaches us."""
        ...

    def answer(self, request: SipRequest, response: SipResponse) -> None: ...

    def acknowledged(self, invite: SipRequest) -> None:
        """The ACK of our 200 came: it need not be repeated any more."""
        ...

    def send(self, request: SipRequest, to: Address) -> None:
        """Once, for an ACK."""
        ...

    async def ask(self, make: Callable[[], SipRequest], to: Address) -> SipResponse:
        """The final answer; a challenge is met where we have a password. Raises NoAnswer and Overloaded."""
        ...

    def forget(self, local_tag: str) -> None:
        """The leg with this tag of ours is over."""
        ...

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """In the background, for as long as the port is open."""
        ...
