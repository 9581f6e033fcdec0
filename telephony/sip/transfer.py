"""A blind transfer: the far end is asked to call somebody else (REFER, RFC 3515), and tells how that goes (NOTIFY)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from aiosipua import SipRequest

from telephony.sip.party import Party

RINGING_S = 60.0
"""How long a transfer may take until it is given up."""
_STATUS_LINE = re.compile(r"^\s*SIP/2\.0\s+(\d{3})\b[ \t]*([^\r\n]{0,64})")
_URI = re.compile(r"sips?:[^\s<>\"]{1,256}", re.IGNORECASE)


class TransferFailed(RuntimeError):
    """The far end would not transfer the call, or could not. status: its SIP status, 0 when it told none."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Progress:
    """How the new call goes, as a SIP status: 100 tried, 180 ringing, 200 answered, 486 busy…"""

    status: int
    text: str


class Transfer:
    """One REFER, until its last NOTIFY."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[Progress | None] = asyncio.Queue(32)

    def told(self, progress: Progress) -> None:
        if not self._told.full():
            self._told.put_nowait(progress)

    def left(self) -> None:
        """The far end hung up. Many do as soon as the new call rings, without a last word about it."""
        if not self._told.full():
            self._told.put_nowait(None)

    async def run(
        self, leg: Party, request: Callable[[], SipRequest], progress: Callable[[Progress], None]
    ) -> Progress:
        """The last progress that was told: 200, or less when the far end hung up before. Raises TransferFailed."""
        response = await leg.signalling.ask(request, leg.source)
        if response.status_code >= 300:
            raise TransferFailed(response.status_code, f"REFER was refused: {response.status_code}")
        last = Progress(100, "Trying")
        try:
            async with asyncio.timeout(RINGING_S):
                while (told := await self._told.get()) is not None:
                    last = told
                    progress(told)
                    if told.status >= 300:
                        raise TransferFailed(told.status, f"the transfer failed: {told.status} {told.text}")
                    if told.status >= 200:
                        break
        except TimeoutError:
            raise TransferFailed(0, f"nobody answered the transfer within {RINGING_S:.0f} s") from None
        return last


class Transferable(Party, Protocol):
    """transfer: the one under way."""

    transfer: Transfer | None


async def transfer(
    leg: Transferable, target: str, headers: Mapping[str, str], progress: Callable[[Progress], None]
) -> Progress:
    """Ask the far end to call `target` instead of us; the call with us goes on until somebody hangs up.

    target: a SIP URI; headers: of the new call, e.g. X-Call-Id (few and short: many systems cut them off). Raises
    TransferFailed, NoAnswer, and ValueError for a target that is no SIP URI or when another transfer is under way.
    """
    if not _URI.fullmatch(target):
        raise ValueError(f"transfer to {target[:64]!r}: a SIP URI is expected, like sip:anna@pbx.example")
    if leg.transfer:
        raise ValueError(f"call {leg.ref}: a transfer is already under way")
    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in headers.items())
    leg.transfer = Transfer()

    def refer() -> SipRequest:
        request = leg.request("REFER")
        request.headers.set_single("Refer-To", f"<{target}?{asked}>" if asked else f"<{target}>")
        request.headers.set_single("Referred-By", request.get_header("Contact") or "")
        return request

    try:
        return await leg.transfer.run(leg, refer, progress)
    finally:
        leg.transfer = None


def progress_of(notify: SipRequest) -> Progress | None:
    """What a NOTIFY tells of a transfer; None when it is about something else."""
    event = (notify.get_header("event") or notify.get_header("o") or "").partition(";")[0].strip().lower()
    found = _STATUS_LINE.match(notify.text[:256])
    return Progress(int(found.group(1)), found.group(2).strip()) if event == "refer" and found else None
