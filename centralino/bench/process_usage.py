"""What processes use of the machine, read from /proc (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

AVAILABLE = Path("/proc/self/smaps_rollup").exists()
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """cpu_s: time on a processor since its start. pss_mb: memory, what is shared counted in shares; rss_mb: counted in
    full."""

    cpu_s: float
    pss_mb: float = 0.0
    rss_mb: float = 0.0


def cpu_s(pid: int) -> float:
    """Processor time of a process since its start; 0 when it is gone."""
    try:
        # The name in parentheses may hold anything, so fields are counted from its end.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> Usage:
    """Processor time and memory of a process; zeros when it is gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return Usage(0.0)
    kilobytes = {line.split(":")[0]: line.split()[1] for line in rollup.splitlines()[1:]}
    return Usage(cpu_s(pid), int(kilobytes["Pss"]) / 1024, int(kilobytes["Rss"]) / 1024)


def total(usages: Iterable[Usage]) -> Usage:
    parts = list(usages)
    return Usage(
        sum(part.cpu_s for part in parts), sum(part.pss_mb for part in parts), sum(part.rss_mb for part in parts)
    )


def descendants(pid: int) -> list[int]:
    """Its children, their children, and so on."""
    found: list[int] = []
    for task in Path("/proc").glob(f"{pid}/task/*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def machine_cpu_s() -> float:
    """Time that all processors together spent on anything since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / _TICKS
