"""The call control of every door that has access to its phone system; those of ARI and SIP come with their ports."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from telephony.control.contract import CallControl
from telephony.control.freeswitch import FreeswitchControl
from telephony.control.genesys import GenesysControl
from telephony.control.jambonz import JambonzControl
from telephony.control.telnyx import TelnyxControl
from telephony.control.twilio import TwilioControl
from telephony.control.vonage import VonageControl
from telephony.doors.house import House
from telephony.doors.registry import DoorSettings


@contextlib.asynccontextmanager
async def controls(house: House, twilio_auth_token: str, doors: DoorSettings) -> AsyncIterator[None]:
    """Open while this is."""
    opened: list[CallControl] = []
    if doors.twilio:
        opened.append(TwilioControl(house, doors.twilio, twilio_auth_token))
    if doors.telnyx and doors.telnyx.calling:
        opened.append(TelnyxControl(house, doors.telnyx, doors.telnyx.calling))
    if doors.vonage and doors.vonage.calling:
        opened.append(VonageControl(house, doors.vonage.calling))
    if doors.jambonz and doors.jambonz.calling:
        opened.append(JambonzControl(house, doors.jambonz.calling))
    if doors.freeswitch and doors.freeswitch.calling:
        opened.append(FreeswitchControl(house, doors.freeswitch, doors.freeswitch.calling))
    if doors.genesys:
        opened.append(GenesysControl(house.reception.controls))
    for control in opened:
        house.reception.controls.add(control)
    try:
        yield
    finally:
        for control in opened:
            house.reception.controls.remove(control)
            await control.close()
