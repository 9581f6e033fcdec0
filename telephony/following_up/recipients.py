"""To whom a message after a call may go: the number that called, and addresses known to be the caller's. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType

from history.identity.claims import PointRow
from telephony.outbound.numbers import dialled

Channel = Literal["sms", "email"]

_ONE_ADDRESS = re.compile(r"[^\s@,;:<>()\"\\]+@[^\s@,;:<>()\"\\]+\.[^\s@,;:<>()\"\\]+")
"""What a header takes for one recipient, and no list of them."""


@dataclass(frozen=True)
class Recipient:
    """address: E.164, or an e-mail address. called: the call came from it. landline: few of them take an SMS."""

    channel: Channel
    address: str
    called: bool = False
    landline: bool = False


def recipients(
    caller: str, points: Iterable[PointRow], channels: Collection[str], country: str = "IT"
) -> list[Recipient]:
    """The number that called first, then what is known, not what somebody may only have said. caller: '' when withheld.

    channels: those on which something can be sent.
    """
    known = [point for point in points if point.confidence == "known"]
    numbers = [caller, *(point.value for point in known if point.kind == "tel")]
    found: dict[str, Recipient] = {}
    if "sms" in channels:
        for place, written in enumerate(numbers):
            try:
                number = dialled(written, country)
            except ValueError:
                continue  # withheld, or nothing that a message could be sent to
            found.setdefault(number, Recipient("sms", number, place == 0, _landline(number)))
    if "email" in channels:
        for point in known:
            if point.kind == "email" and _ONE_ADDRESS.fullmatch(point.value):
                found.setdefault(point.value, Recipient("email", point.value))
    return list(found.values())


def _landline(number: str) -> bool:
    return phonenumbers.number_type(phonenumbers.parse(number)) == PhoneNumberType.FIXED_LINE
