"""YAML as plain data that still knows the line of each key and collects its faults, not only the first."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from dialogs.problems import Path, Problem

_DEEPEST = 40
_SCALARS = ("str", "int", "float", "bool", "null", "timestamp")
"""A date stays as it is written: whoever wants one reads it, all others have a text."""


class Source:
    """data: the file's content. problems: duplicate keys and the like, with paths."""

    def __init__(self, text: str) -> None:
        self.data: Any = None
        self.problems: list[Problem] = []
        self._lines: dict[Path, int] = {(): 1}
        self._columns: dict[Path, int] = {(): 1}
        self._seen: set[int] = set()
        try:
            node = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._broken(str(error.problem or error.context), mark.line + 1 if mark else 1)
        except YAMLError as error:
            self._broken(" ".join(str(error).split()), 1)
        else:
            self.data = {} if node is None else self._read(node, ())

    def _broken(self, why: str, line: int) -> None:
        self._lines[("?",)] = line
        self.problems.append(Problem(("?",), f"this is no YAML: {why}"))

    @property
    def is_readable(self) -> bool:
        """Whether it was YAML at all."""
        return ("?",) not in self._lines

    def line(self, path: Path) -> int:
        """The line, from 1, of the deepest part of `path` that the file has."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def column(self, path: Path) -> int:
        """The column, from 1, at which that part begins."""
        while path not in self._lines:
            path = path[:-1]
        return self._columns.get(path, 1)

    def path(self, loc: tuple[str | int, ...]) -> Path:
        """`loc` without the parts that are not in the file (as pydantic puts the tags of unions among them)."""
        found: Path = ()
        for part in loc:
            if (*found, part) in self._lines:
                found = (*found, part)
        return found

    def _read(self, node: Node, path: Path) -> Any:
        if id(node) in self._seen or len(path) > _DEEPEST:
            why = (
                "references (*name) are not supported; write it out" if id(node) in self._seen else "nested too deeply"
            )
            self.problems.append(Problem(path, why))
            return None
        self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                self._lines[(*path, index)] = item.start_mark.line + 1
                self._columns[(*path, index)] = item.start_mark.column + 1
                items.append(self._read(item, (*path, index)))
            return items
        assert isinstance(node, ScalarNode)
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            here = (*path, key)
            line = key_node.start_mark.line + 1
            if key in read:
                first = self._lines[here]
                self._lines[(*path, f"{key} (again)")] = line
                self.problems.append(
                    Problem((*path, f"{key} (again)"), f"{key!r} was given already, in line {first}", rule="yaml")
                )
                continue
            self._lines[here] = line
            self._columns[here] = key_node.start_mark.column + 1
            read[key] = self._read(value_node, here)
        return read

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        kind = str(node.tag).rsplit(":", 1)[-1]
        if kind not in _SCALARS:
            self.problems.append(Problem(path, f"{node.value!r} is no text, number or true/false; put it in quotes"))
            return str(node.value)
        if kind == "int":
            try:
                return int(node.value.replace("_", ""), 0) if node.value.lstrip("+-0") else 0
            except ValueError:  # 007: a text with leading zeros
                return str(node.value)
        if kind == "bool":
            return str(node.value).lower() == "true"
        if kind == "null":
            return None
        return float(node.value) if kind == "float" else str(node.value)
