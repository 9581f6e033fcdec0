"""How many processors this program may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """At least 1. A container or a CPU affinity may allow fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
