"""What differs between two flowbooks, by what they mean and not by how they are written.

Works on whatever is YAML, so that a draft with errors can be compared, too. `difference_words` tells it to people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialogs.difference import Difference, mapping
from dialogs.problems import Path
from dialogs.source import Source
from dialogs.step_differences import block_differences, step_lists, value_differences

_PHRASES = ("intents", "grammars")
_NAMED = ("queues", "calendars", "outgoing", "handback")


def differences(before: str, after: str) -> list[Difference]:
    """In the order of the sections of a flowbook. A single `not_yaml` (before, after or both) when one cannot be read;
    a single `layout` when comments, order or writing differ but nothing else."""
    old, new = Source(before), Source(after)
    unreadable = [name for name, one in (("before", old), ("after", new)) if not one.is_readable]
    if unreadable:
        why = "; ".join(problem.message for one in (old, new) if not one.is_readable for problem in one.problems)
        return [Difference("not_yaml", (), {"which": unreadable[0] if len(unreadable) == 1 else "both", "why": why})]
    found = list(_sections(mapping(old.data), mapping(new.data)))
    return found or ([Difference("layout", ())] if before != after else [])


def _sections(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    special = {"flows", "texts", "tests", *_PHRASES}
    plain = [key for key in (*new, *(key for key in old if key not in new)) if key not in special]
    for key in plain:
        if key in _NAMED:
            yield from _named(key, mapping(old.get(key)), mapping(new.get(key)))
        else:
            yield from value_differences((key,), old.get(key), new.get(key))
    yield from _flows(mapping(old.get("flows")), mapping(new.get("flows")))
    for key in _PHRASES:
        yield from _phrases(key, mapping(old.get(key)), mapping(new.get(key)))
    yield from _texts(mapping(old.get("texts")), mapping(new.get("texts")))
    yield from _tests(old.get("tests"), new.get("tests"))


def _flows(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    for name in list(gone):
        same = next((other for other in come if new[other] == old[name] and old[name]), None)
        if same is not None:
            gone.remove(name)
            come.remove(same)
            yield Difference("flow_renamed", ("flows", same), {"name": same, "before": name})
    for name in gone:
        yield Difference("flow_removed", ("flows", name), {"name": name, "count": len(step_lists(old[name]))})
    for name in new:
        if name in come:
            yield Difference("flow_added", ("flows", name), {"name": name, "count": len(step_lists(new[name]))})
        elif name in old:
            yield from block_differences(("flows", name), step_lists(old[name]), step_lists(new[name]))


def _named(section: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in new:
        if name not in old:
            yield Difference(f"{section}_added", (section, name), {"name": name})
        else:
            yield from value_differences((section, name), old[name], new[name])
    for name in old:
        if name not in new:
            yield Difference(f"{section}_removed", (section, name), {"name": name})


def _texts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for key in (*new, *(key for key in old if key not in new)):
        was, now = mapping(old.get(key)), mapping(new.get(key))
        for code in (*now, *(code for code in was if code not in now)):
            values = {"name": key, "language": code, "before": was.get(code, ""), "after": now.get(code, "")}
            what = "changed" if code in was and code in now else "added" if code in now else "removed"
            if was.get(code) != now.get(code):
                yield Difference(f"text_{what}", ("texts", key, code), values)


def _phrases(section: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """intents: name → language → phrasings; grammars: language → phrases."""
    if section == "intents":
        for name in new:
            if name not in old:
                yield Difference("intents_added", (section, name), {"name": name})
            yield from _members((section, name), mapping(old.get(name)), mapping(new[name]), name)
        for name in old:
            if name not in new:
                yield Difference("intents_removed", (section, name), {"name": name})
    else:
        yield from _members((section,), old, new, "")


def _members(at: Path, old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> Iterator[Difference]:
    for code in (*new, *(code for code in old if code not in new)):
        was, now = _texts_in(old.get(code)), _texts_in(new.get(code))
        for what, phrases in (
            ("added", [one for one in now if one not in was]),
            ("removed", [one for one in was if one not in now]),
        ):
            if phrases:
                values = {"name": name, "language": code, "count": len(phrases), "phrases": phrases}
                yield Difference(f"{'phrasings' if name else 'grammar'}_{what}", (*at, code), values)


def _tests(old: Any, new: Any) -> Iterator[Difference]:
    was, now = _by_name(old), _by_name(new)
    for name, (index, test) in now.items():
        if name not in was:
            yield Difference("tests_added", ("tests", index), {"name": name})
        elif was[name][1] != test:
            yield Difference("tests_changed", ("tests", index), {"name": name})
    for name, (index, _) in was.items():
        if name not in now:
            yield Difference("tests_removed", ("tests", index), {"name": name})


def _by_name(tests: Any) -> dict[str, tuple[int, Any]]:
    listed = tests if isinstance(tests, list) else []
    return {str(mapping(test).get("name", index + 1)): (index, test) for index, test in enumerate(listed)}


def _texts_in(value: Any) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
