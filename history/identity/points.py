"""The addresses by which somebody is reached, in the one form in which they can be compared."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

Kind = Literal["tel", "email", "chat", "social", "ext"]
"""ext: the customer's number in another system. chat and social: an id within a network, as 'telegram:1234'."""

DEFAULT_REGION = "IT"
"""Of numbers without a country code, where the number that was called does not tell."""
LONGEST = 255
_CONTACTS = uuid.UUID("5b0f3c3e-6f0e-5d0c-9b5e-2f6c5f0a7d11")
_WITHHELD = frozenset({"+266696687", "266696687"})
"""What carriers send for a number that is not shown, beside words: the keys of ANONYMOUS."""


@dataclass(frozen=True, order=True)
class Point:
    """value: normalised; what was written is kept in the interaction."""

    kind: Kind
    value: str


def contact_of(point: Point) -> str:
    """The id of the contact that this address stands for, before any merge: the same everywhere, in any order."""
    return str(uuid.uuid5(_CONTACTS, f"{point.kind}:{point.value}"))


def telephone(written: str, called: str = "") -> Point | None:
    """E.164, an Italian leading zero kept. called: the number that was reached, whose country a short form is read in.

    None for a withheld number and for what no telephone has (extensions, names, browser calls). Whether a number is
    given out at present is not asked: new ranges are in use before a list knows them.
    """
    number = written.strip().removeprefix("tel:").removeprefix("sip:").partition("@")[0]
    if not number or len(number) > 40 or number in _WITHHELD or any(c.isalpha() for c in number):
        return None
    region = DEFAULT_REGION
    try:
        if called.startswith("+"):
            region = phonenumbers.region_code_for_number(phonenumbers.parse(called)) or region
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return Point("tel", phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


def email(written: str) -> Point | None:
    """In lower case, whole: who writes as 'anna+negozio@' may be somebody else at some hosts. None: not an address."""
    address = written.strip().lower()
    local, at, host = address.rpartition("@")
    if not at or not local or "." not in host or len(address) > LONGEST or any(c.isspace() for c in address):
        return None
    return Point("email", address)


def named(kind: str, written: str) -> Point | None:
    """A point of any kind from what a source wrote; None when it is none. Raises ValueError for an unknown kind."""
    match kind:
        case "tel":
            return telephone(written)
        case "email":
            return email(written)
        case "chat" | "social" | "ext":
            value = written.strip()
            return Point(kind, value) if 0 < len(value) <= LONGEST and value.isprintable() else None
    raise ValueError(f"a contact point of kind {kind[:40]!r}; known are tel, email, chat, social, ext")
