"""Slots for what people say of themselves: their number, their name, where they live."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import Field

from dialogs.languages import language
from dialogs.languages.values import values
from dialogs.normalizing import normalise
from dialogs.slots import NOT_UNDERSTOOD, Hearing, Slot
from dialogs.spoken_letters import spelled
from dialogs.spoken_numbers import hear_digits, hear_numbers
from dialogs.state import SlotValue

_SHORTEST_PHONE, _LONGEST_PHONE = 6, 15
"""Digits; the longest is that of ITU-T E.164."""
_LONGEST_NAME_WORDS = 6
_KEEPS_ZERO = ("+39",)
"""Countries whose numbers keep their leading zero behind the country's code."""


class PhoneSlot(Slot):
    """A phone number. Its value is E.164: "+393471234567". country: the code of numbers that are said without one.

    shortest: digits of a whole number without the country's code; with fewer the rest is waited for. Keys end with # or
    a pause.
    """

    type: Literal["phone"]
    country: str = Field(default="+39", pattern=r"^\+[1-9]\d{0,2}$")
    shortest: int = Field(default=9, ge=_SHORTEST_PHONE, le=_LONGEST_PHONE)
    collects_keys: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        return "digits"

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        heard = hear_digits(said, code)
        digits = "".join(heard.digits)
        if not digits:
            return NOT_UNDERSTOOD
        if not so_far and (said.strip().startswith("+") or self._says_plus(said, code)):
            digits = f"+{digits}"
        for whole in (so_far + digits, digits):
            if (value := self.settle(whole)) is not None:
                return Hearing(value=value)
        whole = so_far + digits
        return Hearing(so_far=whole) if heard.only_numbers and len(whole) < self.shortest else NOT_UNDERSTOOD

    def _says_plus(self, said: str, code: str) -> bool:
        first = normalise(said).split(" ")[0]
        return values(code).emails.signs.get(first) == "+"

    def press(self, key: str, so_far: str) -> Hearing:
        if key == "#":
            return Hearing(value=self.settle(so_far))
        digits = so_far + key
        return Hearing(value=self.settle(digits)) if len(digits) >= _LONGEST_PHONE else Hearing(so_far=digits)

    def settle(self, so_far: str) -> SlotValue | None:
        if so_far.startswith(("+", "00")):
            digits = so_far.removeprefix("+").removeprefix("00")
            return f"+{digits}" if _SHORTEST_PHONE + 2 <= len(digits) <= _LONGEST_PHONE else None
        if not self.shortest <= len(so_far) <= _LONGEST_PHONE - len(self.country) + 1:
            return None
        return self.country + (so_far if self.country in _KEEPS_ZERO else so_far.removeprefix("0"))

    def is_clear(self, words: str, before: str, code: str) -> bool:
        return True

    def phrases(self, code: str) -> tuple[str, ...]:
        numbers = language(code).numbers
        return tuple(dict.fromkeys([*numbers.digits, *numbers.units, *numbers.teens, *numbers.tens, *numbers.repeats]))

    def spoken(self, value: SlotValue, code: str) -> str:
        """In groups of three, which voices read as a number to be dialled."""
        number = str(value)
        if number.startswith(self.country):
            own = number.removeprefix(self.country)
            return " ".join(_by_threes(own if self.country in _KEEPS_ZERO else f"0{own}"))
        return " ".join([number[:3], *_by_threes(number[3:])])


def _by_threes(digits: str) -> list[str]:
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    if len(groups) > 1 and len(groups[-1]) == 1:  # no digit stands alone
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups


class _OwnWords(Slot):
    """Free speech, without keys and without a grammar."""

    @property
    def expects(self) -> str:
        return "open"

    def press(self, key: str, so_far: str) -> Hearing:
        return NOT_UNDERSTOOD

    def phrases(self, code: str) -> tuple[str, ...]:
        return ()


class NameSlot(_OwnWords):
    """A person's name, as it is said ("mi chiamo Mario Rossi") or spelled. Its value has capitals."""

    type: Literal["name"]

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        words = [word.strip(".,;:!?…") for word in said.split()]
        letters = spelled(words, code) if len(words) > 2 else None
        if letters and letters.isalpha():
            return Hearing(value=letters.capitalize())
        left = _without_words_around([word for word in words if word], code)
        name = [word for word in left if not any(char.isdigit() for char in word)]
        if not name or len(name) != len(left) or len(name) > _LONGEST_NAME_WORDS:
            return NOT_UNDERSTOOD
        if hear_numbers(" ".join(name), code).only_numbers and len(name) > 1:
            return NOT_UNDERSTOOD
        return Hearing(value=" ".join(word[:1].upper() + word[1:] for word in name))


class AddressSlot(_OwnWords):
    """A street and a number, with the town where it was said. Its value is the words, numbers as digits."""

    type: Literal["address"]

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        words = said.strip(" .,;:!?…").split()
        written = _numbers_as_digits(words, code)
        has_number = any(char.isdigit() for char in written)
        named = any(normalise(word) in values(code).people.streets for word in words)
        by_ending = not values(code).spaces and any(
            word.endswith(tuple(values(code).people.streets)) for word in map(normalise, words)
        )
        return Hearing(value=written) if len(words) > 1 and (has_number or named or by_ending) else NOT_UNDERSTOOD


def _without_words_around(words: list[str], code: str) -> list[str]:
    """ "mi chiamo", "sono la signora"; in Korean what follows the name, too."""
    people = values(code).people
    changed = True
    while changed and words:
        changed = False
        for phrase in people.before_name:
            size = len(phrase.split())
            if normalise(" ".join(words[:size])) == phrase:
                words, changed = words[size:], True
                break
    while words and normalise(words[-1]) in language(code).fillers:
        words = words[:-1]
    for ending in people.after_name:
        if words and words[-1].endswith(ending) and len(words[-1]) > len(ending):
            words = [*words[:-1], words[-1].removesuffix(ending)]
            break
        if words and words[-1] == ending:
            words = words[:-1]
            break
    return words


def _numbers_as_digits(words: list[str], code: str) -> str:
    written: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        bare = word.strip(",.;")
        if bare and hear_numbers(bare, code).digits and hear_numbers(bare, code).only_numbers:
            run.append(bare)
            if word == bare:
                continue
        if run:
            digits = hear_numbers(" ".join(run), code).digits
            written.append("/".join(digits) + ("," if word and word != bare else ""))
            counted, run = bool(run) and word != "" and word != bare and run[-1] == bare, []
            if counted:
                continue
        if word:
            written.append(word)
    return re.sub(r"\s+", " ", " ".join(written)).strip()
