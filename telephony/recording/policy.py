"""Whether the calls of a line are recorded, and for how long recordings are kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordingPolicy:
    """after_notice: recorded where the flowbook says so, once the caller heard the notice; otherwise never.

    kept_days: after which a recording is deleted, None for when somebody deletes it.
    """

    after_notice: bool = False
    kept_days: int | None = None


NEVER = RecordingPolicy()
