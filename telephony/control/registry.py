"""The call control of every door that has access to its phone system; those of ARI and SIP come with their ports."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from telephony.control.contract import CallControl
from telephony.control.twilio import TwilioControl
from telephony.doors.house import House
from telephony.doors.registry import DoorSettings


@contextlib.asynccontextmanager
async def controls(house: House, twilio_auth_token: str, doors: DoorSettings) -> AsyncIterator[None]:
    """Open while this is."""
    opened: list[CallControl] = []
    if doors.twilio:
        opened.append(TwilioControl(house, doors.twilio, twilio_auth_token))
    for control in opened:
        house.reception.controls.add(control)
    try:
        yield
    finally:
        for control in opened:
            house.reception.controls.remove(control)
            await control.close()
