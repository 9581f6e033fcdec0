"""Every type of slot that a `fill` or `verify` step can ask for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialogs.code_slots import CodiceFiscaleSlot, IbanSlot, PatternSlot, PlateSlot
from dialogs.person_slots import AddressSlot, NameSlot, PhoneSlot
from dialogs.slots import ChoiceSlot, DigitsSlot, NumberSlot, YesNoSlot
from dialogs.value_slots import DateSlot, EmailSlot, MoneySlot, TextSlot, TimeSlot

AnySlot = Annotated[
    DigitsSlot
    | NumberSlot
    | YesNoSlot
    | ChoiceSlot
    | DateSlot
    | TimeSlot
    | MoneySlot
    | EmailSlot
    | TextSlot
    | PhoneSlot
    | NameSlot
    | AddressSlot
    | PlateSlot
    | CodiceFiscaleSlot
    | IbanSlot
    | PatternSlot,
    Field(discriminator="type"),
]
SLOT_TYPES = (
    "digits, number, yes_no, choice, date, time, money, email, text, phone, name, address, plate, codice_fiscale, "
    "iban or pattern"
)
"""For messages."""
