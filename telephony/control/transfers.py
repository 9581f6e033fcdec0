"""Whom callers may be put through to: operators by phone, and numbers outside. Nobody else is ever rung.

`[transfers]` of the settings. That the list is closed is what keeps toll fraud out: neither a caller, nor a flowbook,
nor an operator can name a number; they name an entry.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from telephony.control.contract import LONGEST_RING_S, NUMBER, SIP_URI, CannotDo, Deed
from telephony.control.controls import Controls

ENDPOINT = r"[A-Za-z0-9_]{2,16}/[A-Za-z0-9_.+@\-]{1,128}"


def _address(given: str) -> str:
    if not (NUMBER.fullmatch(given) or SIP_URI.fullmatch(given) or re.fullmatch(ENDPOINT, given)):
        raise ValueError(f"{given!r}: a number like +390511234567, sip:anna@pbx.example or PJSIP/anna is expected")
    return given


Address = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_.\-]+$")]


class PhoneOperator(BaseModel):
    """An operator who takes calls by phone whenever they do not sit at the console. The name of the entry is the one of
    their account, if they have one.

    queues: those they serve, none for all. skills: what calls may ask for. door: through which they are rung; '' = the
    caller's own where it can, else any that can. rest_s: after a call that they did not answer they are not rung for so
    long. wrap_up_s: between calls.
    """

    model_config = ConfigDict(extra="forbid")

    phone: Address
    name: str = Field(default="", max_length=64)
    queues: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    door: str = ""
    ring_s: int = Field(default=25, ge=5, le=LONGEST_RING_S)
    rest_s: int = Field(default=120, ge=0, le=86_400)
    wrap_up_s: int = Field(default=20, ge=0, le=3600)


class Destination(BaseModel):
    """A number outside, or another department's. title: as operators read it."""

    model_config = ConfigDict(extra="forbid")

    to: Address
    title: str = Field(default="", max_length=64)
    door: str = ""
    ring_s: int = Field(default=30, ge=5, le=LONGEST_RING_S)


class TransferSettings(BaseModel):
    """number: that is shown to who is rung, '' = as the phone system shows it. door: that is preferred for ringing
    where an entry names none and the caller's own cannot."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")
    door: str = ""
    operators: dict[Name, PhoneOperator] = Field(default_factory=dict)
    destinations: dict[Name, Destination] = Field(default_factory=dict)

    def problems(self, controls: Controls) -> list[CannotDo]:
        """What of it cannot work with the doors that are open, each with the way out. For the start, not for the moment
        at which a caller needs it."""
        found = []
        entries = [(f"operators.{name}", one.phone, one.door) for name, one in self.operators.items()]
        entries += [(f"destinations.{name}", one.to, one.door) for name, one in self.destinations.items()]
        for name, to, named in entries:
            door = named or controls.dialling_door(self.door)
            try:
                if not door:
                    raise CannotDo("transfers", Deed.DIAL, "no door can dial; see docs/transfers.md")
                controls.able(door, Deed.DIAL).reaches(to)
            except CannotDo as error:
                found.append(CannotDo(f"[transfers.{name}]", Deed.DIAL, str(error)))
        return found
