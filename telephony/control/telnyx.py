"""Telnyx' TeXML interface: `/v2/texml/Accounts/{sid}/Calls` (Telnyx' documentation "TeXML REST commands").

It is Twilio's with a bearer token and names of its own. The call that is created is streamed like one that came in.
"""

from __future__ import annotations

from typing import Any, ClassVar

from telephony.control.markup import MarkupControl
from telephony.control.rest import Rest, part
from telephony.doors.house import House
from telephony.doors.telnyx import TelnyxCalling, TelnyxSettings, stream_of
from telephony.expected import Expected
from telephony.protocols import twiml


class TelnyxControl(MarkupControl):
    name: ClassVar[str] = "telnyx"
    markup_field = "Texml"
    sid_field = "call_sid"
    gone = frozenset({404, 410, 422})
    """422 with code 90018: the call has ended."""
    ending = ""

    def __init__(self, house: House, settings: TelnyxSettings, calling: TelnyxCalling) -> None:
        self._application = calling.application_id
        url = f"{calling.api.rstrip('/')}/v2/texml/Accounts/{part(calling.account_sid)}"
        headers = {"Authorization": f"Bearer {calling.api_key.get_secret_value()}"}

        def stream(token: str, call: str) -> str:
            return twiml.stream_only(house.public_ws(f"/telnyx/media/{token}"), stream_of(settings))

        super().__init__(
            Rest(self.name, url, headers=headers), calling.number, house.public("/telnyx/after"),
            house.public("/telnyx/status"), stream,
        )  # fmt: skip

    def own_fields(self, expected: Expected) -> dict[str, Any]:
        return {"ApplicationSid": self._application, "StatusCallbackMethod": "POST"}
