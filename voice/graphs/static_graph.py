"""The static decoding graph of a Vosk model: made once on this machine, kept with the model, used if there is room.

A model of two halves takes phrase grammars, one with a static graph decodes new speech in a third of the time; Vosk
cannot have both in one model. So the static graph lies in a model folder of its own inside the first one, which borrows
the rest of its files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice.graphs.composing import Composition, GraphTooLarge, Progress
from voice.graphs.grammar import read_grammar
from voice.graphs.openfst import UnreadableGraph
from voice.graphs.spelling import read_spelling

FOLDER = "static"
_HALVES = ("graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int")
_GRAPH = "graph/HCLG.fst"
_RECORD = "made.json"
_METHOD = 1
"""Raised when graphs of an earlier version should be made again."""
MOST_STATES = 20_000_000
"""About 1.5 GB. The Korean model has 12 million."""
MAKING_BYTES = 2_500_000_000
"""Memory that making a graph may take; the Korean one takes 1.4 GB."""
SPARE_BYTES = 700_000_000
"""Memory left to the rest of the server when a graph is loaded."""


class GraphNotMade(RuntimeError):
    """There will be no static graph; the model works without it. One line: why."""


@dataclass(frozen=True)
class StaticGraph:
    """folder: for `vosk.Model`. bytes: on disk, and in memory once loaded."""

    folder: Path
    bytes: int


def has_halves(model: Path) -> bool:
    """Whether a static graph can be made of this model."""
    return all((model / name).is_file() for name in _HALVES)


def static_graph(model: Path) -> StaticGraph | None:
    """The one that was made of the model's halves as they are now (by their sizes); None without one."""
    try:
        record = json.loads((model / FOLDER / _RECORD).read_text())
        current = record["method"] == _METHOD and record["halves"] == _sizes(model)
        size = (model / FOLDER / _GRAPH).stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return StaticGraph(model / FOLDER, size) if current and size == record["bytes"] else None


def fitting(graph: StaticGraph, available_bytes: int) -> bool:
    """Whether it can be loaded beside the rest of the server."""
    return graph.bytes + SPARE_BYTES <= available_bytes


def verify(model: Path) -> bool:
    """Hash the graph anew: whether it is as it was made. True without one."""
    graph = static_graph(model)
    if graph is None:
        return True
    record = json.loads((graph.folder / _RECORD).read_text())
    return bool(record["sha256"] == _sha256(graph.folder / _GRAPH))


def make(model: Path, progress: Progress, available_bytes: int, most_states: int = MOST_STATES) -> StaticGraph:
    """Make it, if it is not there: one and a half minutes of one core. Raises GraphNotMade.

    progress: told how many states are done, and how many are known so far. most_states: more are given up.
    """
    if graph := static_graph(model):
        return graph
    if not has_halves(model):
        raise GraphNotMade(f"{model.name} has no graph in two halves that could be put together")
    if available_bytes < MAKING_BYTES:
        raise GraphNotMade(
            f"making the graph of {model.name} takes up to {MAKING_BYTES / 1e9:.1f} GB of memory, "
            f"{available_bytes / 1e9:.1f} GB are free"
        )
    part = model / f"{FOLDER}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        _lend_files(model, part)
        disambiguation = np.array((model / _HALVES[2]).read_text().split(), np.int64)
        spelling = read_spelling(model / _HALVES[0], disambiguation)
        composition = Composition(spelling, read_grammar(model / _HALVES[1]))
        states = composition.write(part / _GRAPH, most_states, progress)
        size = (part / _GRAPH).stat().st_size
        record = {"method": _METHOD, "halves": _sizes(model), "states": states, "bytes": size}
        (part / _RECORD).write_text(json.dumps({**record, "sha256": _sha256(part / _GRAPH)}, indent=1))
        shutil.rmtree(model / FOLDER, ignore_errors=True)
        part.replace(model / FOLDER)
    except (UnreadableGraph, GraphTooLarge, MemoryError, OSError, ValueError) as failure:
        raise GraphNotMade(f"no static graph of {model.name}: {failure or 'out of memory'}") from failure
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return StaticGraph(model / FOLDER, size)


def remove(model: Path) -> bool:
    """Whether there was one."""
    found = (model / FOLDER).is_dir()
    shutil.rmtree(model / FOLDER, ignore_errors=True)
    return found


def available_bytes(read: Callable[[], str] = Path("/proc/meminfo").read_text) -> int:
    """Memory that programs can have now; where the system does not tell (macOS), half of what there is."""
    try:
        fields = dict(line.split(":", 1) for line in read().splitlines() if ":" in line)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _lend_files(model: Path, part: Path) -> None:
    """Everything but the halves, as links that stay right when the cache folder is moved."""
    lent = [path for path in sorted(model.iterdir()) if path.is_dir() and path.name not in ("graph", FOLDER, part.name)]
    lent += [path for path in sorted((model / "graph").iterdir()) if path.suffix != ".fst"]
    for path in lent:
        link = part / path.relative_to(model)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(path, model / FOLDER / path.relative_to(model).parent))


def _sizes(model: Path) -> dict[str, int]:
    return {name: (model / name).stat().st_size for name in _HALVES}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
