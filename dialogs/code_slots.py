"""Slots for codes that are dictated letter by letter: plates, tax codes, bank accounts, order numbers."""

from __future__ import annotations

import re
from abc import abstractmethod
from functools import cache
from typing import Any, Literal

import re2
from codicefiscale import codicefiscale
from pydantic import Field, field_validator
from schwifty import IBAN

from dialogs.slots import NOT_UNDERSTOOD, Hearing, Slot
from dialogs.spoken_letters import hear_letters
from dialogs.spoken_numbers import hear_digits
from dialogs.state import SlotValue

_LONGEST = 34
"""Characters of the longest code, an IBAN."""
_PLATES = {
    "IT": "[A-HJ-NPR-TV-Z]{2}[0-9]{3}[A-HJ-NPR-TV-Z]{2}",  # since 1994: without I, O, Q, U
    "GB": "[A-Z]{2}[0-9]{2}[A-Z]{3}",  # since 2001
}
_KOREAN_PLATE = re.compile(
    r"(.{1,8}?)([가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배허하호])(.{4,12})"
)


class CodeSlot(Slot):
    """Letters and digits, said one by one ("A come Ancona"), in groups, in several breaths, or written. No keys."""

    @property
    def expects(self) -> str:
        return "number"

    @abstractmethod
    def accepted(self, code: str) -> str | None:
        """The value of this code (capitals and digits), None when it is none."""

    @abstractmethod
    def unfinished(self, code: str) -> bool:
        """Whether more letters could still make it one."""

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        heard = hear_letters(said, code)
        if heard is None:
            return NOT_UNDERSTOOD
        for candidate in (so_far + heard, heard):
            if (value := self.accepted(candidate)) is not None:
                return Hearing(value=value)
        whole = so_far + heard
        return Hearing(so_far=whole) if len(whole) < _LONGEST and self.unfinished(whole) else NOT_UNDERSTOOD

    def press(self, key: str, so_far: str) -> Hearing:
        return NOT_UNDERSTOOD

    def phrases(self, code: str) -> tuple[str, ...]:
        return ()

    def is_clear(self, words: str, before: str, code: str) -> bool:
        return True


class PlateSlot(CodeSlot):
    """A number plate. country: IT, GB or KR. Its value is "AB123CD", in Korea "12가3456"."""

    type: Literal["plate"]
    country: Literal["IT", "GB", "KR"] = "IT"

    def accepted(self, code: str) -> str | None:
        return code if re.fullmatch(_PLATES[self.country], code) else None

    def unfinished(self, code: str) -> bool:
        return len(code) < 7 and any(char.isalpha() for char in code)

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        if self.country != "KR":
            return super().hear(said, so_far, code)
        for match in _KOREAN_PLATE.finditer(re.sub(r"\s", "", said)):
            first, last = ("".join(hear_digits(part, code).digits) for part in (match[1], match[3]))
            if len(first) in (2, 3) and len(last) == 4:
                return Hearing(value=f"{first}{match[2]}{last}")
        return NOT_UNDERSTOOD


class CodiceFiscaleSlot(CodeSlot):
    """An Italian tax code with a right check letter, 16 characters. Its value is in capitals."""

    type: Literal["codice_fiscale"]

    def accepted(self, code: str) -> str | None:
        return code if len(code) == 16 and codicefiscale.is_valid(code) else None

    def unfinished(self, code: str) -> bool:
        return len(code) < 16


class IbanSlot(CodeSlot):
    """A bank account with right check digits. Its value is the IBAN without spaces."""

    type: Literal["iban"]

    def accepted(self, code: str) -> str | None:
        try:
            return str(IBAN(code))
        except ValueError:
            return None

    def unfinished(self, code: str) -> bool:
        if len(code) < 2:
            return True
        try:
            length: int = IBAN(code, allow_invalid=True).spec.iban_length
        except ValueError:
            return False
        return len(code) < length


@cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


class PatternSlot(CodeSlot):
    """A code of your own. pattern: all of it, of capitals and digits without spaces or hyphens, as RE2 reads it (which
    never backtracks). max_length: of what is still listened to. Keys where the pattern has digits only."""

    type: Literal["pattern"]
    pattern: str = Field(min_length=1, max_length=200)
    max_length: int = Field(default=16, ge=1, le=32)

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        try:
            _compiled(pattern)
        except re2.error as error:
            raise ValueError(f"{pattern!r} is no pattern: {error.args[0] if error.args else error}") from None
        return pattern

    def accepted(self, code: str) -> str | None:
        return code if len(code) <= self.max_length and _compiled(self.pattern).fullmatch(code) else None

    def unfinished(self, code: str) -> bool:
        return len(code) < self.max_length

    def press(self, key: str, so_far: str) -> Hearing:
        code = so_far if key == "#" else so_far + key
        if (value := self.accepted(code)) is not None:
            return Hearing(value=value)
        return NOT_UNDERSTOOD if key == "#" or not self.unfinished(code) else Hearing(so_far=code)

    def settle(self, so_far: str) -> SlotValue | None:
        return self.accepted(so_far)
