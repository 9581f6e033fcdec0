"""A call's leg as its parts see it: those that refresh it, press its keys, transfer it, and take its requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from aiosipua import Dialog, SipRequest

from telephony.sip.messages import Address
from telephony.sip.sdp import Session
from telephony.sip.signalling import Notice, Signalling


class Party(Protocol):
    """As `leg.Leg` has them."""

    signalling: Signalling
    invite: SipRequest
    source: Address
    dialog: Dialog
    ref: str
    session: Session | None
    notify: Callable[[Notice], None]
    over: bool
    acknowledged: asyncio.Event

    def request(self, method: str, body: str = "") -> SipRequest: ...

    def ok(self, request: SipRequest, body: str = "", headers: Mapping[str, str] | None = None) -> None: ...

    def cancelled(self) -> None: ...

    def lost(self, code: str, detail: str) -> None: ...

    def leave(self) -> None: ...
