"""Values of a TOML file are changed and everything else stays as it is written: comments, order, blank lines.

Pure: from a text to a text. A new text is given back only when it says what was wanted and nothing else has changed in
it; a file that is laid out in a way that this cannot edit is refused.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, AoT, Array, InlineTable, Item, Table

from centralino.toml_places import Place, line_of, table_lines

_LONGEST_LINE = 100


class NotEditable(ValueError):
    """The file is laid out in a way that cannot be edited here; the message says what, and what to do."""


def with_values(text: str, place: Place, values: Mapping[str, Any], order: Sequence[str]) -> str:
    """The text in which the table at `place` has these values; None: without that key. What is the same stays
    untouched. order: in which keys usually stand; a new one comes behind the last of those before it.

    Raises NotEditable.
    """
    wanted = copy.deepcopy(tomllib.loads(text))
    there = _at(wanted, place)
    differing = {key: value for key, value in values.items() if there.get(key) != value}
    for key, value in differing.items():
        if value is None:
            del there[key]
        else:
            there[key] = value
    try:
        document = tomlkit.parse(text)
        table = _at(document, place)
        inner = {key for key in differing if isinstance(table.get(key), Table)}
        new = {key for key in differing if key not in table}
        for key in differing.keys() - inner - new:
            if differing[key] is None:
                del table[key]
            else:
                _replace(table, key, differing[key])
        edited = document.as_string()
        for key in sorted(new, key=order.index):
            edited = _with_key(edited, place, key, differing[key], order)
        for key in sorted(inner):
            if differing[key] is None:
                edited = without(edited, (*place, key))
                continue
            gone = dict.fromkeys(table[key].keys() - differing[key].keys())
            edited = with_values(edited, (*place, key), {**differing[key], **gone}, list(differing[key]))
    except NotEditable:
        raise
    except (TOMLKitError, LookupError, TypeError, ValueError) as error:
        raise NotEditable(_told(place, str(error))) from error
    return _checked(edited, wanted, place)


def with_table(text: str, name: Sequence[str], values: Mapping[str, Any], before: str) -> str:
    """The text with a new table [name], in front of the first line that begins with `before`, else at the end."""
    wanted = copy.deepcopy(tomllib.loads(text))
    here = wanted
    for part in name[:-1]:
        here = here.setdefault(part, {})
    here[name[-1]] = dict(values)
    header = ".".join(tomlkit.key(part).as_string() for part in name)
    lines = text.splitlines()
    at = next((number for number, line in enumerate(lines) if line.lstrip().startswith(before)), len(lines))
    while at and at < len(lines) and lines[at - 1].lstrip().startswith("#"):  # its comment stays with it
        at -= 1
    lines[at:at] = ["", *_block(f"[{header}]", values)] if at == len(lines) else [*_block(f"[{header}]", values), ""]
    return _checked("\n".join(lines) + "\n", wanted, tuple(name))


def with_element(text: str, name: str, values: Mapping[str, Any]) -> str:
    """The text with another [[name]] at its end."""
    wanted = copy.deepcopy(tomllib.loads(text))
    wanted.setdefault(name, []).append(dict(values))
    return _checked("\n".join([text.rstrip("\n"), "", *_block(f"[[{name}]]", values)]) + "\n", wanted, (name,))


def without(text: str, place: Place) -> str:
    """The text without the table at `place`, and without the comment above it."""
    wanted = copy.deepcopy(tomllib.loads(text))
    del _at(wanted, place[:-1])[place[-1]]
    if (written := table_lines(text, place)) is not None:
        lines = text.splitlines()
        del lines[written[0] - 1 : written[1] - 1]
        edited = "\n".join(lines).rstrip("\n") + "\n"
    else:
        try:
            document = tomlkit.parse(text)
            del _at(document, place[:-1])[place[-1]]
        except (TOMLKitError, LookupError, TypeError, ValueError) as error:
            raise NotEditable(_told(place, str(error))) from error
        edited = document.as_string()
    for depth in range(len(place) - 1, 0, -1):  # tables that were there only for what is gone
        around = _at(wanted, place[: depth - 1])
        if not around[place[depth - 1]] and place[depth - 1] not in _at(tomllib.loads(edited), place[: depth - 1]):
            del around[place[depth - 1]]
    return _checked(edited, wanted, place)


def _at(tables: Any, place: Place) -> Any:
    for part in place:
        tables = tables[part]
    return tables


def _checked(edited: str, wanted: Mapping[str, Any], place: Place) -> str:
    try:
        said = tomllib.loads(edited)
    except tomllib.TOMLDecodeError as error:
        raise NotEditable(_told(place, str(error))) from error
    if said != wanted:
        raise NotEditable(_told(place, "the outcome would say something else"))
    return edited


def _told(place: Place, why: str) -> str:
    return f"{'.'.join(map(str, place))} is laid out in a way that cannot be edited from here ({why}); edit the file"


def _replace(table: AbstractTable | dict[str, Any], key: str, value: Any) -> None:
    """Inside what is there where possible, so that its comments stay."""
    old = table[key]
    if isinstance(value, Mapping) and isinstance(old, InlineTable):
        for gone in [name for name in old if name not in value]:
            del old[gone]
        for name, inner in value.items():
            if name not in old:
                old[name] = _item(inner)
            elif _plain(old[name]) != inner:
                _replace(old, name, inner)
    elif isinstance(value, list) and isinstance(old, Array | AoT):
        _replace_elements(table, key, value)
    else:
        table[key] = _item(value)


def _replace_elements(table: AbstractTable | dict[str, Any], key: str, value: list[Any]) -> None:
    """Elements that stay keep their lines and comments; in another order than before the list is written anew."""
    old = table[key]
    left = list(value)
    for at in reversed(range(len(old))):
        if _plain(old[at]) in left:
            left.remove(_plain(old[at]))
        else:
            del old[at]
    for element in left:
        old.append(_table(element) if isinstance(old, AoT) else _item(element))
    if _plain(old) != value:
        table[key] = [_table(one) for one in value] if isinstance(old, AoT) else _item(value)


def _with_key(text: str, place: Place, key: str, value: Any, order: Sequence[str]) -> str:
    """A new key on a line of its own, behind the last of those before it that is written in one line, else behind the
    table's header."""
    table = _at(tomlkit.parse(text), place)
    before = [name for name in order[: order.index(key)] if name in table and _in_one_line(table[name])]
    lines = text.splitlines()
    at = line_of(text, (*place, before[-1]) if before else place)
    indent = lines[at - 1][: len(lines[at - 1]) - len(lines[at - 1].lstrip())]
    lines[at:at] = [indent + line for line in _written(key, value).splitlines()]
    return "\n".join(lines) + "\n"


def _in_one_line(item: Item) -> bool:
    return not isinstance(item, AoT | Table) and "\n" not in item.as_string()


def _block(header: str, values: Mapping[str, Any]) -> list[str]:
    return [header, *(line for key, value in values.items() for line in _written(key, value).splitlines())]


def _written(key: str, value: Any) -> str:
    return f"{tomlkit.key(key).as_string()} = {_item(value).as_string()}"


def _item(value: Any) -> Any:
    """Mappings in one line; a list that is long, or of mappings, an element a line."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table[key] = _item(inner)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        rows = _rows([_item(element) for element in value])
        if len(rows) == 1 and not isinstance(value[0], Mapping):
            array.extend(rows[0])
            return array
        for row in rows:
            array.add_line(*row, indent="  ")
        if rows:
            array.add_line(indent="")
        return array
    return tomlkit.item(value)


def _rows(items: Sequence[Any]) -> list[list[Any]]:
    """As many in a line as go there; of tables one."""
    rows: list[list[Any]] = []
    length = _LONGEST_LINE
    for item in items:
        width = len(item.as_string()) + 2
        if length + width > _LONGEST_LINE or isinstance(item, InlineTable):
            rows.append([])
            length = 0
        rows[-1].append(item)
        length += width
    return rows


def _table(values: Mapping[str, Any]) -> Any:
    table = tomlkit.table()
    for key, value in values.items():
        table[key] = _item(value)
    return table


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item
