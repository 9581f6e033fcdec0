"""Texts are logic-less: `{slot}` and `{slot:digits}` are looked up, and nothing else happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dialogs.spoken_numbers import spell_digits

_FIELD = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"([a-z_][a-z0-9_]*)(?::([a-z]+))?")

MASK = "•••"
"""Stands where a value must not be written down."""

FORMATTERS: Mapping[str, Callable[[str, str], str]] = {"digits": spell_digits}
"""name → function(value, language). `digits` spells the value so that it is read digit by digit."""


@dataclass(frozen=True)
class Field:
    """One `{name:formatter}` of a text; formatter '' when there is none."""

    name: str
    formatter: str


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
            raise ValueError(f"unknown formatter {formatter!r} in {{{inside}}}; there is only {', '.join(FORMATTERS)}")
        yield Field(match[1], formatter)


def render(text: str, values: Mapping[str, str], language: str) -> str:
    """`text` with its fields replaced. Raises LookupError naming a field without value."""

    def replaced(match: re.Match[str]) -> str:
        name, _, formatter = match[1].partition(":")
        if name not in values:
            raise LookupError(f"nothing known for {{{match[1]}}} in {text!r}")
        return FORMATTERS[formatter](values[name], language) if formatter else values[name]

    return _FIELD.sub(replaced, text)
