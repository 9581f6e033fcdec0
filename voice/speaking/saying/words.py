"""The words that values are said with: one YAML file for each language, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Currency:
    """written: how texts write it. one, many: said after the amount ('one' with its number). cent(s): its hundredth."""

    code: str
    written: tuple[str, ...]
    one: str
    many: str
    cent: str
    cents: str


@dataclass(frozen=True)
class Words:
    """One language's file: see the comments there. Keys of abbreviations are lower case.

    code_words: what a code follows ("ordine"). code_joints: what may stand between ("è").
    """

    code: str
    digits: tuple[str, ...]
    decimal_mark: str
    point: str
    minus: str
    plus: str
    to: str
    joint: str
    percent: str
    letters: dict[str, str]
    months: tuple[str, ...]
    date_words: tuple[str, ...]
    time_words: tuple[str, ...]
    currencies: tuple[Currency, ...]
    units: dict[str, tuple[str, str]]
    code_words: tuple[str, ...]
    code_joints: tuple[str, ...]
    phone_words: tuple[str, ...]
    abbreviations: dict[str, str]
    before_digits: dict[str, str]
    spelled: frozenset[str]
    said_as: dict[str, str]
    ordinals: tuple[str, ...]
    native_units: tuple[str, ...]
    native_tens: tuple[str, ...]
    counters: tuple[str, ...]
    url_alone: str
    url_before: dict[str, str]
    email: dict[str, str]

    def currency(self, code: str) -> Currency:
        """Raises LookupError naming those that can be said."""
        for currency in self.currencies:
            if currency.code == code:
                return currency
        known = ", ".join(currency.code for currency in self.currencies)
        raise LookupError(f"no words for the currency {code!r} in {self.code!r}; known: {known}")


def spoken_languages() -> tuple[str, ...]:
    """Codes of the languages whose values can be said, sorted."""
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@cache
def words(code: str) -> Words:
    """Raises LookupError naming the known codes."""
    if code not in spoken_languages():
        raise LookupError(f"values cannot be said in {code!r}; known: {', '.join(spoken_languages())}")
    file = resources.files(__package__) / f"{code}.yaml"
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    native = data.get("native", {"units": [], "tens": []})
    return Words(
        code=code,
        digits=tuple(data["digits"]),
        decimal_mark=data["decimal_mark"],
        point=data["point"],
        minus=data["minus"],
        plus=data["plus"],
        to=data["to"],
        joint=data["and"],
        percent=data["percent"],
        letters=dict(data["letters"]),
        months=tuple(data["months"]),
        date_words=tuple(data["date_words"]),
        time_words=tuple(data["time_words"]),
        currencies=tuple(
            Currency(name, tuple(said["written"]), said["one"], said["many"], said["cent"], said["cents"])
            for name, said in data["currencies"].items()
        ),
        units={unit: (said[0], said[1]) for unit, said in data["units"].items()},
        code_words=tuple(data["code_words"]),
        code_joints=tuple(data["code_joints"]),
        phone_words=tuple(data["phone_words"]),
        abbreviations=dict(data["abbreviations"]),
        before_digits=dict(data["before_digits"]),
        spelled=frozenset(data["spelled"]),
        said_as=dict(data["said_as"]),
        ordinals=tuple(data["ordinals"]),
        native_units=tuple(native["units"]),
        native_tens=tuple(native["tens"]),
        counters=tuple(data.get("counters", [])),
        url_alone=data["url"]["alone"],
        url_before=dict(data["url"]["before"]),
        email=dict(data["email"]),
    )
