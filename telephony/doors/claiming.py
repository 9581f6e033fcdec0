"""A connection shows a name: which announced call is it, and can its caller hear already?"""

from __future__ import annotations

import asyncio

from telephony.door import Refused
from telephony.doors.announcements import Announced
from telephony.doors.house import House

READY_S = 8.0
"""How long a phone system may take to join the caller and this connection."""


async def claim_announced(house: House, name: str, door: str) -> Announced:
    """Raises Refused (counted, for a name that was not announced) and HistoryUnavailable."""
    announced = house.announcements.take(name)
    if announced is None:
        why = "a call that was not announced, has begun already, or was announced too long ago"
        house.count_refused(door, why, "announcement")
        raise Refused("this call was not announced")
    try:
        async with asyncio.timeout(READY_S):
            await announced.ready.wait()
    except TimeoutError:
        raise Refused(f"the caller was not joined within {READY_S:.0f} s") from None
    expected = announced.expected
    await house.claim(expected.token, expected.ref, expected.door)
    return announced
