"""Slots for values that are said in many ways: dates, times, money, e-mail addresses; and free text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from dialogs.languages import language
from dialogs.languages.values import values
from dialogs.normalizing import contains, normalise
from dialogs.slots import NOT_UNDERSTOOD, Hearing, Slot
from dialogs.spoken_dates import date_written, hear_date
from dialogs.spoken_emails import hear_email
from dialogs.spoken_letters import spelled
from dialogs.spoken_money import Amount, amount_of, hear_money, money_written
from dialogs.spoken_times import hear_time
from dialogs.state import SlotValue

_DATE_KEYS, _TIME_KEYS = 8, 4
_WRITTEN_DATE = re.compile(r"\d[/.-]\d|월.*일")
_WRITTEN_TIME = re.compile(r"\d[:.]\d\d|시")


def _names_one_of(named: Iterable[str], words: str, code: str) -> bool:
    """Whether one of `named` is among the words; a single letter or syllable would be everywhere."""
    said, spaces = normalise(words), language(code).spaces
    return any(contains(said, phrase, spaces) for phrase in named if spaces or len(phrase) > 1)


class _ValueSlot(Slot):
    """Heard without a grammar: no list of phrases holds all dates or names. Answers of this kind are often said in two
    breaths ("alle tre … e mezza"), so they are waited for as a number is."""

    @property
    def expects(self) -> str:
        return "number"

    def press(self, key: str, so_far: str) -> Hearing:
        return NOT_UNDERSTOOD

    def phrases(self, code: str) -> tuple[str, ...]:
        return ()


class DateSlot(_ValueSlot):
    """A day. Its value is ISO 8601: "2027-03-03". past: the last one up to today is meant, not the next.

    Keys: DDMMYYYY.
    """

    type: Literal["date"]
    past: bool = False
    collects_keys: ClassVar[bool] = True

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        return self.hear_on(None, said, so_far, code)

    def is_clear(self, words: str, before: str, code: str) -> bool:
        """A month, a day of the week, "domani": "quattro" alone may be the fourth, or four people."""
        named = values(code).dates
        tables = (named.months, named.weekdays, named.days, named.spans)
        return bool(_WRITTEN_DATE.search(words)) or _names_one_of(
            (word for table in tables for word in table), words, code
        )

    def hear_on(self, day: date | None, said: str, so_far: str, code: str) -> Hearing:
        heard = None if day is None else hear_date(said, code, day, self.past)
        return NOT_UNDERSTOOD if heard is None else Hearing(value=heard.isoformat())

    def press(self, key: str, so_far: str) -> Hearing:
        digits = so_far + key
        if key == "#" or len(digits) < _DATE_KEYS:
            return NOT_UNDERSTOOD if key == "#" else Hearing(so_far=digits)
        try:
            return Hearing(value=date(int(digits[4:]), int(digits[2:4]), int(digits[:2])).isoformat())
        except ValueError:
            return NOT_UNDERSTOOD

    def spoken(self, value: SlotValue, code: str) -> str:
        return date_written(date.fromisoformat(str(value)), code)


class TimeSlot(_ValueSlot):
    """A time of day. Its value is "15:30". Keys: HHMM.

    earliest, latest: what may be answered; "alle tre" is 15:00 when 3:00 does not lie between them.
    """

    type: Literal["time"]
    earliest: time = time(0, 0)
    latest: time = time(23, 59)
    collects_keys: ClassVar[bool] = True

    @model_validator(mode="after")
    def _ordered(self) -> TimeSlot:
        if self.earliest > self.latest:
            raise ValueError("earliest is after latest")
        return self

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        return self._accepted(hear_time(said, code, self.earliest, self.latest))

    def is_clear(self, words: str, before: str, code: str) -> bool:
        """ "alle", "mezza", "mezzogiorno": "quattro" alone may be anything."""
        known = values(code).times
        named = (
            *known.leads, *known.halves, *known.quarters, *known.three_quarters, *known.noon, *known.midnight,
            *known.morning, *known.afternoon, *known.night, *known.oclock,
        )  # fmt: skip
        return before in known.leads or bool(_WRITTEN_TIME.search(words)) or _names_one_of(named, words, code)

    def _accepted(self, at: time | None) -> Hearing:
        if at is None or not self.earliest <= at <= self.latest:
            return NOT_UNDERSTOOD
        return Hearing(value=at.strftime("%H:%M"))

    def press(self, key: str, so_far: str) -> Hearing:
        digits = so_far + key
        if key == "#" or len(digits) < _TIME_KEYS:
            return NOT_UNDERSTOOD if key == "#" else Hearing(so_far=digits)
        hour, minute = int(digits[:2]), int(digits[2:])
        return self._accepted(time(hour, minute) if hour < 24 and minute < 60 else None)


class MoneySlot(_ValueSlot):
    """An amount from min to max. Its value is "20.50 EUR". Keys: whole units, ended by # or a pause.

    currency: the one that is meant when none is said, '' for the language's own.
    """

    type: Literal["money"]
    currency: str = Field(default="", pattern=r"^([A-Z]{3})?$")
    min: Decimal = Field(default=Decimal(0), ge=0)
    max: Decimal = Field(default=Decimal(999_999_999), ge=0)
    collects_keys: ClassVar[bool] = True

    @model_validator(mode="after")
    def _ordered(self) -> MoneySlot:
        if self.min > self.max:
            raise ValueError("min is greater than max")
        return self

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        return self._accepted(hear_money(said, code, self.currency))

    def is_clear(self, words: str, before: str, code: str) -> bool:
        named = (*values(code).money.currencies, *values(code).money.cents)
        return any(sign in words for sign in "€$£₩") or _names_one_of(named, words, code)

    def _accepted(self, amount: Amount | None) -> Hearing:
        in_range = amount is not None and self.min <= amount.value <= self.max
        return Hearing(value=str(amount)) if in_range else NOT_UNDERSTOOD

    def press(self, key: str, so_far: str) -> Hearing:
        return Hearing(value=self.settle(so_far)) if key == "#" else Hearing(so_far=so_far + key)

    def settle(self, so_far: str) -> SlotValue | None:
        return self._accepted(amount_of(Decimal(so_far), self.currency or "EUR")).value if so_far else None

    def spoken(self, value: SlotValue, code: str) -> str:
        number, currency = str(value).split()
        return money_written(Amount(Decimal(number), currency), code)


class EmailSlot(_ValueSlot):
    """An e-mail address, said, spelled or both. Its value is the address in lower case. No keys."""

    type: Literal["email"]

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        return Hearing(value=hear_email(said, code))

    def is_clear(self, words: str, before: str, code: str) -> bool:
        return True


class TextSlot(_ValueSlot):
    """The caller's own words: a name, a reason. Its value is what was recognised, or what was spelled. No keys."""

    type: Literal["text"]

    @property
    def expects(self) -> str:
        return "open"

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        words = said.strip(" .,;:!?…").split()
        letters = spelled([word.strip(".,;:!?…") for word in words], code) if len(words) > 1 else None
        if letters and letters.isalpha():
            return Hearing(value=letters.capitalize())
        return Hearing(value=" ".join(words)) if words else NOT_UNDERSTOOD
