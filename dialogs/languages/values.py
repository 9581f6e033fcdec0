"""The words of dates, times, amounts, e-mail addresses and spelling: each language's `values.yaml`, normalised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from ruamel.yaml import YAML

from dialogs.languages import language
from dialogs.normalizing import normalise

Span = tuple[Literal["days", "months"], int]


@dataclass(frozen=True)
class Letters:
    """names: how a letter is named, to the letter. spelled_by: "A *come* Ancona". alphabet: words that stand for their
    first letter alone. joined: remarks to be ignored ("tutto attaccato")."""

    names: dict[str, str]
    spelled_by: tuple[str, ...]
    alphabet: frozenset[str]
    joined: tuple[str, ...]


@dataclass(frozen=True)
class Dates:
    """weekdays: 0 is Monday. days: from today. spans: unit to its length. ahead: before a span, ahead_after and
    back_after behind it. ordinals: to the cardinal word."""

    months: dict[str, int]
    weekdays: dict[str, int]
    days: dict[str, int]
    last: tuple[str, ...]
    next_week: tuple[str, ...]
    spans: dict[str, Span]
    ahead: tuple[str, ...]
    ahead_after: tuple[str, ...]
    back_after: tuple[str, ...]
    ordinals: dict[str, str]


@dataclass(frozen=True)
class Times:
    """past, to: "ten *past* three". minus: "le tre *meno* dieci". joints: between hour and minutes. before: after
    minutes, in place of `to`. leads: what a time follows."""

    halves: tuple[str, ...]
    quarters: tuple[str, ...]
    three_quarters: tuple[str, ...]
    past: tuple[str, ...]
    to: tuple[str, ...]
    minus: tuple[str, ...]
    joints: tuple[str, ...]
    noon: tuple[str, ...]
    midnight: tuple[str, ...]
    morning: tuple[str, ...]
    afternoon: tuple[str, ...]
    night: tuple[str, ...]
    oclock: tuple[str, ...]
    before: tuple[str, ...]
    leads: tuple[str, ...]


@dataclass(frozen=True)
class Money:
    """currency: meant when none is named. currencies: word to ISO code."""

    currency: str
    currencies: dict[str, str]
    cents: tuple[str, ...]
    point: tuple[str, ...]
    one: tuple[str, ...]
    half_more: tuple[str, ...]
    joints: tuple[str, ...]


@dataclass(frozen=True)
class Emails:
    """signs: word to sign, longest first. intro: what comes before the address. fixes: names that are misheard."""

    signs: dict[str, str]
    intro: tuple[str, ...]
    fixes: dict[str, str]


@dataclass(frozen=True)
class People:
    """before_name: "mi chiamo". after_name: endings of what follows a name, as they are written. streets: "via"; where
    spaces are unreliable, what a street's name ends with."""

    before_name: tuple[str, ...]
    after_name: tuple[str, ...]
    streets: frozenset[str]


@dataclass(frozen=True)
class Values:
    """All of one language. spaces: as in `Language`; where they are unreliable all words are without them."""

    code: str
    spaces: bool
    letters: Letters
    dates: Dates
    times: Times
    money: Money
    emails: Emails
    people: People


@cache
def values(code: str) -> Values:
    """Raises LookupError naming the known codes."""
    spaces = language(code).spaces
    text = (resources.files(__package__) / code / "values.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(text)

    def plain(word: object) -> str:
        said = normalise(str(word))
        return said if spaces else said.replace(" ", "")

    def listed(name: str) -> tuple[str, ...]:
        return tuple(sorted((plain(word) for word in data[name]), key=len, reverse=True))

    def table(name: str) -> dict[str, Any]:
        """Longest words first, so that "altro ieri" is found before "ieri"."""
        rows = sorted(data[name].items(), key=lambda row: len(str(row[0])), reverse=True)
        return {plain(word): value for word, value in rows}

    names = {
        plain(name): letter
        for letter, said in data["letters"].items()
        for name in (said if isinstance(said, list) else [said])
    }
    signs = {plain(word): sign for sign in "@._-+" for word in data["email"][sign]}
    return Values(
        code=code,
        spaces=spaces,
        letters=Letters(names, listed("spelled_by"), frozenset(listed("alphabet")), listed("joined")),
        dates=Dates(
            months=table("months"),
            weekdays=table("weekdays"),
            days=table("days"),
            last=listed("last"),
            next_week=listed("next_week"),
            spans={word: (span[0], span[1]) for word, span in table("spans").items()},
            ahead=listed("ahead"),
            ahead_after=listed("ahead_after"),
            back_after=listed("back_after"),
            ordinals={word: plain(cardinal) for word, cardinal in table("ordinals").items()},
        ),
        times=Times(
            halves=listed("halves"),
            quarters=listed("quarters"),
            three_quarters=listed("three_quarters"),
            past=listed("past"),
            to=listed("to"),
            minus=listed("minus"),
            joints=listed("and"),
            noon=listed("noon"),
            midnight=listed("midnight"),
            morning=listed("morning"),
            afternoon=listed("afternoon"),
            night=listed("night"),
            oclock=listed("oclock"),
            before=listed("minutes_before"),
            leads=listed("time_leads"),
        ),
        money=Money(
            currency=data["currency"],
            currencies={plain(word): code_ for code_, said in data["currencies"].items() for word in said},
            cents=listed("cents"),
            point=listed("point"),
            one=listed("one"),
            half_more=listed("half_more"),
            joints=listed("and"),
        ),
        emails=Emails(
            signs=dict(sorted(signs.items(), key=lambda row: len(row[0]), reverse=True)),
            intro=tuple(str(word) for word in data["email"]["intro"]),
            fixes={plain(heard): meant for heard, meant in data["email"]["fixes"].items()},
        ),
        people=People(
            before_name=tuple(sorted(map(normalise, data["before_name"]), key=len, reverse=True)),
            after_name=tuple(sorted(map(str, data["after_name"]), key=len, reverse=True)),
            streets=frozenset(listed("streets")),
        ),
    )
