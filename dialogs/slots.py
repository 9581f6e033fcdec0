"""What a caller can be asked for: the kinds of slots, and how each understands speech and keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialogs.ladders import Ladders
from dialogs.languages import language
from dialogs.normalizing import contains, normalise
from dialogs.spoken_choices import hear_named, hear_ordinal, hear_yes_no
from dialogs.spoken_numbers import hear_digits, hear_number
from dialogs.state import SlotValue


@dataclass(frozen=True)
class Hearing:
    """value: the answer. so_far: an incomplete one, to be continued. Neither: not understood."""

    value: SlotValue | None = None
    so_far: str = ""


NOT_UNDERSTOOD = Hearing()
_CLEAR_DIGITS = 4
"""A code at least this long is not taken for a number of anything."""


class Slot(BaseModel):
    """What all slots have.

    ask: key of the question's text, default `ask_<slot>`. keypad_help: said on a keypad rung of the repair ladder.
    repair: ladders of its own in place of the step's. named: how callers name it, per language, to correct it or to
    say it unasked ("quattro persone").
    confirm: none; implicit (says `confirm_<slot>` and goes on); explicit or readback (says it as a question, yes or no;
    readback spells digits). tries: failures on this slot before the ladder's last rung (default: the whole ladder).
    sensitive: the value is used by this flowbook's conditions only: it is in no recording, transcript, history or log,
    and no operator sees it (`dialogs.confidence`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: str = ""
    keypad_help: str = ""
    keypad: bool = True
    confirm: Literal["none", "implicit", "explicit", "readback"] = "none"
    confirm_text: str = ""
    tries: int | None = Field(default=None, ge=1)
    sensitive: bool = False
    repair: Ladders | None = None
    named: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    collects_keys: ClassVar[bool] = False
    """Whether several keys make up one answer; '*' then begins it again."""

    @property
    def expects(self) -> str:
        """The `Listen.expects` of the question."""
        raise NotImplementedError

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        """An utterance, after the digits `so_far`."""
        raise NotImplementedError

    def hear_on(self, day: date | None, said: str, so_far: str, code: str) -> Hearing:
        """The same on that day (None: unknown), for answers such as "tomorrow"."""
        return self.hear(said, so_far, code)

    def is_clear(self, words: str, before: str, code: str) -> bool:
        """Whether these words, which hold a value, were meant for this slot although it was not asked for.

        before: the word before them, normalised.
        """
        return False

    def press(self, key: str, so_far: str) -> Hearing:
        """A key other than '*', after the digits `so_far`."""
        raise NotImplementedError

    def settle(self, so_far: str) -> SlotValue | None:
        """The value of digits that nothing followed in time; None when they are no answer."""
        return None

    def phrases(self, code: str) -> tuple[str, ...]:
        """A grammar for recognizers that use one."""
        raise NotImplementedError

    def spoken(self, value: SlotValue, code: str) -> str:
        """The value as `{slot}` says it."""
        return str(value)


class DigitsSlot(Slot):
    """A code: exactly `length` digits, or from min_length to max_length. Its value is a str; leading zeros count."""

    type: Literal["digits"]
    collects_keys: ClassVar[bool] = True
    length: int | None = Field(default=None, ge=1, le=32)
    min_length: int = Field(default=1, ge=1, le=32)
    max_length: int = Field(default=32, ge=1, le=32)

    @model_validator(mode="after")
    def _one_way(self) -> DigitsSlot:
        if self.length is not None and self.model_fields_set & {"min_length", "max_length"}:
            raise ValueError("give either length, or min_length and max_length")
        if self.min_length > self.max_length:
            raise ValueError("min_length is greater than max_length")
        return self

    @property
    def _range(self) -> tuple[int, int]:
        return (self.min_length, self.max_length) if self.length is None else (self.length, self.length)

    @property
    def expects(self) -> str:
        return "digits"

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        shortest, longest = self._range
        heard = hear_digits(said, code)
        digits = "".join(heard.digits)
        for whole in (so_far + digits, digits):
            if digits and shortest <= len(whole) <= longest:
                return Hearing(value=whole)
        if digits and heard.only_numbers and len(so_far + digits) < shortest:
            return Hearing(so_far=so_far + digits)
        return NOT_UNDERSTOOD

    def is_clear(self, words: str, before: str, code: str) -> bool:
        return self._range[0] >= _CLEAR_DIGITS

    def press(self, key: str, so_far: str) -> Hearing:
        if key == "#":
            return Hearing(value=self.settle(so_far))
        digits = so_far + key
        return Hearing(value=digits) if len(digits) >= self._range[1] else Hearing(so_far=digits)

    def settle(self, so_far: str) -> SlotValue | None:
        shortest, longest = self._range
        return so_far if shortest <= len(so_far) <= longest else None

    def phrases(self, code: str) -> tuple[str, ...]:
        numbers = language(code).numbers
        return tuple(dict.fromkeys([*numbers.digits, *numbers.units, *numbers.teens, *numbers.tens, *numbers.repeats]))


class NumberSlot(Slot):
    """A whole number from min to max. Its value is an int; keys end with # or a pause."""

    type: Literal["number"]
    collects_keys: ClassVar[bool] = True
    min: int = Field(default=0, ge=0)
    max: int = Field(default=999_999_999, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> NumberSlot:
        if self.min > self.max:
            raise ValueError("min is greater than max")
        return self

    @property
    def expects(self) -> str:
        return "number"

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        value = hear_number(said, code)
        return Hearing(value=value) if value is not None and self.min <= value <= self.max else NOT_UNDERSTOOD

    def is_clear(self, words: str, before: str, code: str) -> bool:
        return True  # the one number that no other slot took

    def press(self, key: str, so_far: str) -> Hearing:
        if key == "#":
            return Hearing(value=self.settle(so_far))
        digits = so_far + key
        return Hearing(value=self.settle(digits)) if len(digits) >= len(str(self.max)) else Hearing(so_far=digits)

    def settle(self, so_far: str) -> SlotValue | None:
        return int(so_far) if so_far and self.min <= int(so_far) <= self.max else None

    def phrases(self, code: str) -> tuple[str, ...]:
        numbers = language(code).numbers
        return tuple(
            dict.fromkeys([*numbers.digits, *numbers.units, *numbers.teens, *numbers.tens, *numbers.magnitudes])
        )


class YesNoSlot(Slot):
    """Yes or no, by voice or by keys 1 and 2. Its value is a bool."""

    type: Literal["yes_no"]

    @property
    def expects(self) -> str:
        return "yes_no"

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        return Hearing(value=hear_yes_no(said, code, only=False))

    def press(self, key: str, so_far: str) -> Hearing:
        return Hearing(value={"1": True, "2": False}.get(key))

    def phrases(self, code: str) -> tuple[str, ...]:
        return language(code).yes_no_listed

    def spoken(self, value: SlotValue, code: str) -> str:
        words = language(code).yes_no_listed
        return words[0] if value else words[len(language(code).yes)]


class Option(BaseModel):
    """One way to answer a choice: how it is said in each language (the first is how the bot says it), and its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    say: dict[str, list[str]]
    key: str = Field(default="", pattern=r"^[0-9]?$")


class ChoiceSlot(Slot):
    """One of `options`. Its value is the option's name."""

    type: Literal["choice"]
    options: dict[str, Option] = Field(min_length=2)

    @model_validator(mode="after")
    def _keys_differ(self) -> ChoiceSlot:
        keys = [option.key for option in self.options.values() if option.key]
        if len(keys) != len(set(keys)):
            raise ValueError("two options have the same key")
        return self

    @property
    def expects(self) -> str:
        return "choice"

    def hear(self, said: str, so_far: str, code: str) -> Hearing:
        names = list(self.options)
        place = hear_ordinal(said, code, len(names))
        if place is None:
            place = hear_named(said, code, [self.options[name].say.get(code, []) for name in names])
        return NOT_UNDERSTOOD if place is None else Hearing(value=names[place])

    def is_clear(self, words: str, before: str, code: str) -> bool:
        said, spaces = normalise(words), language(code).spaces
        ways = [way for option in self.options.values() for way in option.say.get(code, [])]
        return any(contains(said, normalise(way), spaces) for way in ways)

    def press(self, key: str, so_far: str) -> Hearing:
        return Hearing(value=next((name for name, option in self.options.items() if option.key == key), None))

    def phrases(self, code: str) -> tuple[str, ...]:
        return tuple(phrase for option in self.options.values() for phrase in option.say.get(code, []))

    def spoken(self, value: SlotValue, code: str) -> str:
        return self.options[str(value)].say[code][0]
