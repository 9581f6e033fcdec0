"""What differs between the steps of a flow, and between any two values of a flowbook."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from dialogs.difference import Difference, mapping
from dialogs.problems import Path
from dialogs.steps import registered

_BLOCKS = ("then", "else")
_DEEPEST = 40


def step_lists(value: Any) -> Sequence[Any]:
    """The steps of a flow or a block; none when it is something else."""
    return value if isinstance(value, list) else []


def keyword_of(step: Any) -> str:
    """Which kind of step it is meant to be."""
    keys = list(mapping(step))
    return next((key for key in keys if key in registered()), keys[0] if keys else "")


def block_differences(at: Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    """Steps that came, went, moved or changed; `at` is the place of the block."""
    gone: list[int] = []
    come: list[int] = []
    changed: list[tuple[int, int]] = []
    matcher = SequenceMatcher(None, [_written(step) for step in old], [_written(step) for step in new], autojunk=False)
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            continue
        left = list(range(j1, j2))
        for i in range(i1, i2):
            same = next((j for j in left if keyword_of(old[i]) == keyword_of(new[j])), None)
            if same is None:
                gone.append(i)
            else:
                left.remove(same)
                changed.append((i, same))
        come += left
    for j in sorted({*come, *(j for _, j in changed)}):
        step = new[j]
        if j not in come:
            i = next(i for i, other in changed if other == j)
            yield from _step((*at, j), old[i], step)
        elif (i := next((i for i in gone if old[i] == step), -1)) >= 0:
            gone.remove(i)
            yield Difference("step_moved", (*at, j), {"keyword": keyword_of(step), "before": i + 1})
        else:
            yield Difference("step_added", (*at, j), _told(step))
    for i in gone:
        yield Difference("step_removed", (*at, i), _told(old[i]))


def value_differences(at: Path, old: Any, new: Any) -> Iterator[Difference]:
    """The innermost values that differ."""
    if old == new or len(at) > _DEEPEST:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*new, *(key for key in old if key not in new)):
            yield from value_differences((*at, key), old.get(key), new.get(key))
    elif _names(old) and _names(new):
        for what, names in (("list_added", [n for n in new if n not in old]),
                            ("list_removed", [n for n in old if n not in new])):  # fmt: skip
            if names:
                yield Difference(what, at, {"names": names})
        if sorted(map(str, old)) == sorted(map(str, new)):
            yield Difference("list_reordered", at, {"names": new})
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (was, now) in enumerate(zip(old, new, strict=True)):
            yield from value_differences((*at, index), was, now)
    else:
        what = "value_added" if old is None else "value_removed" if new is None else "value_changed"
        yield Difference(what, at, {"before": old, "after": new})


def _step(at: Path, old: Any, new: Any) -> Iterator[Difference]:
    keyword = keyword_of(new)
    was, now = mapping(old), mapping(new)
    for key in (*now, *(key for key in was if key not in now)):
        if key in _BLOCKS and (isinstance(was.get(key), list) or isinstance(now.get(key), list)):
            yield from block_differences((*at, key), step_lists(was.get(key)), step_lists(now.get(key)))
        else:
            inner = value_differences((*at, key), was.get(key), now.get(key))
            yield from (Difference(one.what, one.at, {**one.values, "keyword": keyword}) for one in inner)


def _told(step: Any) -> dict[str, Any]:
    keyword = keyword_of(step)
    return {"keyword": keyword, "of": mapping(step).get(keyword)}


def _names(value: Any) -> bool:
    """Whether it is a list of single values, an empty one too."""
    return isinstance(value, list) and not any(isinstance(one, dict | list) for one in value)


def _written(step: Any) -> str:
    return json.dumps(step, sort_keys=True, ensure_ascii=False, default=str)
