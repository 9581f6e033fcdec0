"""What the dialler works off: campaigns and promised call-backs look the same to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.outbound.picking import Busy
from telephony.outbound.placing import Wanted
from telephony.outbound.results import Result


@dataclass(frozen=True)
class Job:
    """One call that is claimed. claim: its name until the call has begun; campaign: its id; queue: of a call-back."""

    claim: str
    wanted: Wanted
    campaign: str = ""
    queue: str = ""


class Work(Protocol):
    """Times have a time zone. Everything raises HistoryUnavailable."""

    async def claim(self, now: datetime, until: datetime, busy: Busy, reserved: Sequence[str]) -> list[Job]:
        """What may be called now, claimed until then. reserved: queues of people who are being called back and have no
        operator yet."""
        ...

    async def renamed(self, claim: str, call_id: str) -> None:
        """The call has begun in the history, under this id."""
        ...

    async def extend(self, call_id: str, until: datetime) -> None:
        """It goes on."""
        ...

    async def settle(self, call_id: str, result: Result, now: datetime) -> None:
        """It ended so. A second time changes nothing."""
        ...

    async def release(self, call_id: str, due_at: datetime) -> None:
        """It never began: as if it had not been claimed."""
        ...

    async def abandoned(self, now: datetime, everything: bool) -> Sequence[str]:
        """Ids of claims that ran out; everything: of all, for a server that has just started."""
        ...
