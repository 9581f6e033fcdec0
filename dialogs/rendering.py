"""Texts are logic-less: `{slot}`, `{reply.total}` and `{due:date}` are looked up, and nothing else happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dialogs.formatting import FORMATTERS

_FIELD = re.compile(r"\{([^{}]*)\}")
MASK = "•••"
"""Stands where a value must not be written down."""

_NAME = re.compile(r"(env\.[A-Z][A-Z0-9_]*|[a-z_][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*)(?::([a-z]+))?")


@dataclass(frozen=True)
class Field:
    """One `{name:formatter}` of a text; formatter '' when there is none."""

    name: str
    formatter: str

    @property
    def root(self) -> str:
        """The first part of its name: the slot, the saved result, `contact`."""
        return self.name.partition(".")[0]


def fields(text: str) -> Iterator[Field]:
    """The fields of `text`. Raises ValueError saying what is wrong with its braces."""
    if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text):
        raise ValueError("unbalanced brace; a slot is written {name} or {name:digits}")
    for inside in _FIELD.findall(text):
        match = _NAME.fullmatch(inside)
        if match is None:
            raise ValueError(f"{{{inside}}} is not a slot; write {{name}} or {{name:digits}}")
        formatter = match[2] or ""
        if formatter and formatter not in FORMATTERS:
            known = ", ".join(FORMATTERS)
            raise ValueError(f"unknown formatter {formatter!r} in {{{inside}}}; formatters: {known}")
        yield Field(match[1], formatter)


def render(text: str, value_of: Callable[[Field], str]) -> str:
    """`text` with its fields replaced."""

    def replaced(match: re.Match[str]) -> str:
        name, _, formatter = match[1].partition(":")
        return value_of(Field(name, formatter))

    return _FIELD.sub(replaced, text)


def as_text(value: Any) -> str:
    """A value without a formatter, as operators and other systems read it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
