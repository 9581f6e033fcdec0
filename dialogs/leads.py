"""Where a step can lead, beside the step that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialogs.problems import Path


@dataclass(frozen=True)
class Lead:
    """way: the place below the step's own that names the target, as `Step.ways` has it where it is a branch.

    kind: branch and goto lead to a flow or a command; jump to a flow that comes back; error where something failed;
    queue to a queue of operators, error_queue to one after failures.
    """

    way: Path
    target: str
    kind: Literal["branch", "goto", "jump", "error", "queue", "error_queue"] = "branch"

    @property
    def is_flow(self) -> bool:
        """Whether the target is a flow, or a command, and not a queue."""
        return self.kind not in ("queue", "error_queue")
