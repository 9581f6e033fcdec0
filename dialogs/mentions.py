"""Where a flowbook names its queues and calendars: also one with errors, as far as it can be read. Pure.

So that one of them can be given another name everywhere, and is not taken away while something needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dialogs.difference import mapping
from dialogs.problems import Path
from dialogs.source import Source

Named = Literal["queue", "calendar"]


@dataclass(frozen=True)
class Mention:
    """kind: what is named. path: where its name stands in the file, and line that place's, from 1."""

    kind: Named
    name: str
    path: Path
    line: int

    @property
    def in_test(self) -> bool:
        """Whether a test names it, which calls do not need."""
        return self.path[0] == "tests"


def mentions(text: str) -> list[Mention]:
    """In the order of the file."""
    source = Source(text)
    found = [
        Mention(kind, name, path, source.line(path))
        for kind, name, path in _all(mapping(source.data))
        if isinstance(name, str) and name
    ]
    return sorted(found, key=lambda one: (one.line, source.column(one.path)))


_Found = Iterator[tuple[Named, Any, Path]]


def _all(top: Mapping[str, Any]) -> _Found:
    always = mapping(top.get("always"))
    yield "queue", mapping(always.get("operator")).get("handoff"), ("always", "operator", "handoff")
    for topic, queue in mapping(mapping(always.get("sensed")).get("queues")).items():
        yield "queue", queue, ("always", "sensed", "queues", topic)
    yield from _ladders(top.get("repair"), ("repair",))
    for flow, one in mapping(top.get("outgoing")).items():
        for index, queue in enumerate(_listed(mapping(one).get("callbacks"))):
            yield "queue", queue, ("outgoing", flow, "callbacks", index)
    for name, one in mapping(top.get("queues")).items():
        yield "calendar", mapping(one).get("calendar"), ("queues", name, "calendar")
    for flow, block in mapping(top.get("flows")).items():
        yield from _block(block, ("flows", flow))
    for index, test in enumerate(_listed(top.get("tests"))):
        yield from _test(mapping(test), ("tests", index))


def _block(block: Any, path: Path) -> _Found:
    for index, one in enumerate(_listed(block)):
        step, here = mapping(one), (*path, index)
        for key in ("handoff", "callback"):
            yield "queue", step.get(key), (*here, key)
        yield "calendar", step.get("open"), (*here, "open")
        yield from _ladders(step.get("repair"), (*here, "repair"))
        for slot, asked in mapping(step.get("fill")).items():
            yield from _ladders(mapping(asked).get("repair"), (*here, "fill", slot, "repair"))
        for key in ("then", "else"):
            yield from _block(step.get(key), (*here, key))


def _ladders(ladders: Any, path: Path) -> _Found:
    for kind in ("no_input", "no_match"):
        for index, rung in enumerate(_listed(mapping(ladders).get(kind))):
            for key in ("handoff", "callback"):
                yield "queue", mapping(rung).get(key), (*path, kind, index, key)


def _test(test: Mapping[str, Any], path: Path) -> _Found:
    for index, turn in enumerate(_listed(test.get("turns"))):
        for key in ("handoff", "callback"):
            yield "queue", mapping(turn).get(key), (*path, "turns", index, key)
    yield "queue", mapping(test.get("expect")).get("handoff"), (*path, "expect", "handoff")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
