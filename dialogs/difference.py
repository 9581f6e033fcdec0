"""One difference between two flowbooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialogs.problems import Path


@dataclass(frozen=True)
class Difference:
    """what: the kind, which `difference_words.yaml` has sentences for. at: its place in the newer flowbook, in the
    older one for what is gone. values: what the sentence needs; before and after where something has changed."""

    what: str
    at: Path
    values: Mapping[str, Any] = field(default_factory=dict)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value, when it is a mapping; else an empty one."""
    return value if isinstance(value, dict) else {}
