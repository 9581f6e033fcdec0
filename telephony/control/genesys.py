"""Genesys Cloud: the Audio Connector can be left with words for the flow, and the flow transfers.

The session's output variables `transfer_to` and `centralino_call_id` reach the Architect flow behind it; nothing else
can be done to the caller from here. Numbers and queues are the flow's.
"""

from __future__ import annotations

from typing import ClassVar

from telephony.control.contract import CallControl, ControlFailed, Deed, Order
from telephony.control.controls import Controls
from telephony.media import HandOver


class GenesysControl(CallControl):
    name: ClassVar[str] = "genesys"
    can = frozenset({Deed.TRANSFER})
    lacks = "a session of the Audio Connector rings nobody and sends no digits; its Architect flow does"

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    async def transfer(self, ref: str, order: Order, call_id: str) -> None:
        send = self._controls.sender_of(call_id)
        if send is None:
            raise ControlFailed(self.name, Deed.TRANSFER, "the session is gone")
        try:
            await send(HandOver(order.to, call_id))
        except ConnectionError as error:
            raise ControlFailed(self.name, Deed.TRANSFER, str(error)) from None
