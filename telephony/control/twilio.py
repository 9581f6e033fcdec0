"""Twilio's REST interface: `/2010-04-01/Accounts/{sid}/Calls` (Twilio's documentation "Call resource")."""

from __future__ import annotations

from typing import Any, ClassVar

from telephony.control.markup import MarkupControl
from telephony.control.rest import Rest, part
from telephony.doors.house import House
from telephony.doors.twilio import TwilioSettings
from telephony.expected import Expected
from telephony.protocols import twiml


class TwilioControl(MarkupControl):
    """auth_token: the account's."""

    name: ClassVar[str] = "twilio"

    def __init__(self, house: House, settings: TwilioSettings, auth_token: str) -> None:
        url = f"{settings.api.rstrip('/')}/2010-04-01/Accounts/{part(settings.account_sid)}"
        super().__init__(
            Rest(self.name, url, (settings.account_sid, auth_token)),
            settings.number,
            house.public("/twilio/after"),
            house.public("/twilio/status"),
            lambda token, call: twiml.stream_only(house.public_ws("/twilio/media"), {}, token=token, call=call),
        )
        self._detects, self._told_at = settings.machine_detection, house.public("/twilio/status")

    def own_fields(self, expected: Expected) -> dict[str, Any]:
        """Who answered a call of the bot is found out while its sound begins, and told like its status."""
        if not (self._detects and expected.occasion):
            return {}
        return {"MachineDetection": "Enable", "AsyncAmd": "true", "AsyncAmdStatusCallback": self._told_at}
