"""The differences between two flowbooks as sentences, for who writes none: "flusso 'resi', passo 3 (fill), 'ordine':
ora chiede 2 volte invece di 3"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from dialogs.difference import Difference, mapping
from dialogs.problems import Path

_LONGEST = 160
"""Characters of a value; the rest is cut off."""
_MOST_NAMED = 5
"""Phrasings and names that are listed; the others are counted."""


def languages() -> tuple[str, ...]:
    """Those that differences are told in."""
    return tuple(_words())


def in_words(found: Sequence[Difference], code: str) -> list[str]:
    """A sentence for each, in the order given. Raises LookupError for a language that is not one of `languages`."""
    words = _words()[code]
    return [_sentence(one, words) for one in found]


def none_in_words(code: str) -> str:
    """That there is no difference."""
    return str(_words()[code]["nothing_differs"])


def _sentence(one: Difference, words: Mapping[str, Any]) -> str:
    values = dict(one.values)
    key = str(one.at[-1]) if one.at else ""
    shown = {
        **{name: _shown(value, words) for name, value in values.items()},
        "where": _where(one.at, str(values.get("keyword", "")), words, one.what.startswith("step_")),
        "key": key,
    }
    if one.what.startswith("text_"):
        shown |= {name: f"«{_cut(str(values[name]))}»" for name in ("before", "after")}
    if "of" in values:
        of = values["of"]
        plain = isinstance(of, str | int | float | bool)
        shown["step"] = f"{values['keyword']}: {_shown(of, words)}" if plain else str(values["keyword"])
    for name in ("phrases", "names"):
        if name in values:
            shown[name] = _listed(values[name])
    return str(words[_kind(one, key, words)]).format_map(shown)


def _kind(one: Difference, key: str, words: Mapping[str, Any]) -> str:
    """The name of the sentence that fits best."""
    if "count" in one.values:
        return f"{one.what}.{'one' if one.values['count'] == 1 else 'many'}"
    container = one.at[-2] if len(one.at) > 1 else ""
    of = {"fill": "slot", "keypad": "key"}.get(str(container), key)
    return f"{one.what}.{of}" if f"{one.what}.{of}" in words else one.what


def _where(at: Path, keyword: str, words: Mapping[str, Any], whole_step: bool) -> str:
    if len(at) < 3 or at[0] != "flows":
        sections = mapping(words["sections"])
        head = str(sections.get(str(at[0]), at[0])) if at else ""
        has_name = "{name}" in head and len(at) > 1
        section = head.format_map({"name": at[1]}) if has_name else head
        return ", ".join([section, *_inner(at[2:-1] if has_name else at[1:-1], words)])
    said, rest = [str(words["flow"]).format_map({"name": at[1]})], list(at[2:])
    named = "step"
    while rest and isinstance(rest[0], int):
        said.append(str(words[named]).format_map({"number": int(rest.pop(0)) + 1}))
        if len(rest) > 1 and str(rest[0]) in ("then", "else") and isinstance(rest[1], int):
            named = str(rest.pop(0))
    if keyword:
        said[-1] += f" ({keyword})"
    if whole_step or not rest:
        return ", ".join(said)
    own = [keyword] if rest[0] == keyword and len(rest) > 1 else []
    return ", ".join([*said, *_inner([*own, *rest[len(own) :]], words, keyword)])


def _inner(path: Sequence[str | int], words: Mapping[str, Any], keyword: str = "") -> list[str]:
    """Places within a step or a section. The key that has changed is no place, but a slot's or a telephone key is."""
    labels = mapping(words["inner"])
    said: list[str] = []
    parts = list(path)
    while parts:
        part = str(parts.pop(0))
        if part in labels and parts:
            name = parts.pop(0)
            said.append(str(labels[part]).format_map({"name": name + 1 if isinstance(name, int) else name}))
        elif parts and part != keyword:
            said.append(part)
    return said


def _shown(value: Any, words: Mapping[str, Any]) -> str:
    if value is None:
        return str(words["nothing"])
    if isinstance(value, bool):
        return str(words["yes" if value else "no"])
    if isinstance(value, dict):
        return _cut(", ".join(f"{key}: {_shown(one, words)}" for key, one in value.items()))
    if isinstance(value, list):
        return _cut(", ".join(_shown(one, words) for one in value))
    return _cut(f"{value:g}" if isinstance(value, float) else str(value))


def _listed(names: Sequence[Any]) -> str:
    shown = ", ".join(f"«{_cut(str(name))}»" for name in names[:_MOST_NAMED])
    return f"{shown} (+{len(names) - _MOST_NAMED})" if len(names) > _MOST_NAMED else shown


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return f"{one_line[: _LONGEST - 1]}…" if len(one_line) > _LONGEST else one_line


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    text = (files("dialogs") / "difference_words.yaml").read_text(encoding="utf-8")
    read: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return read
