"""Files of OpenFst, as far as Vosk models have them: headers, symbol tables, types `const` and `olabel_lookahead`.

The layouts are those of OpenFst 1.7 and 1.8 (`fst.h`, `const-fst.h`, `add-on.h`, `label-reachable.h`), little-endian,
arcs with a tropical weight (`standard`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

STATE = np.dtype([("final", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("in_epsilons", "<u4"), ("out_epsilons", "<u4")])
ARC = np.dtype([("into", "<i4"), ("out", "<i4"), ("weight", "<f4"), ("next", "<i4")])
"""into, out: the labels read and written; 0 is none."""

_FST_MAGIC, _SYMBOLS_MAGIC, _ADD_ON_MAGIC = 2125659606, 2125658996, 446681434
_HAS_INPUT_SYMBOLS, _HAS_OUTPUT_SYMBOLS, _IS_ALIGNED = 1, 2, 4
_EXPANDED = 1
"""The property that a written graph claims: its states are counted."""


class UnreadableGraph(ValueError):
    """A file is no graph of a kind that is understood. One line: the file, and what is wrong."""


@dataclass(frozen=True)
class Header:
    """symbols: the table of the labels written, as it stands in the file; empty without one."""

    kind: str
    version: int
    start: int
    states: int
    arcs: int
    symbols: bytes


@dataclass(frozen=True)
class Const:
    """states: an array of STATE. arcs: an array of ARC, those of one state together."""

    header: Header
    states: npt.NDArray[Any]
    arcs: npt.NDArray[Any]


@dataclass(frozen=True)
class Reach:
    """Labels that each state can write next, after none or more arcs that write nothing, as intervals [begin, end).

    first: one for each state and one more; the intervals of state s are first[s] to first[s + 1], ascending.
    final_label: stands for the end, where a state can be final without writing any more.
    """

    first: Longs
    begin: Longs
    end: Longs
    final_label: int


class Reader:
    """Reads one file from its beginning. Raises UnreadableGraph when it ends too early."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bytes = np.memmap(path, np.uint8, "r")
        self._at = 0

    def wrong(self, what: str) -> UnreadableGraph:
        return UnreadableGraph(f"{self.path}: {what}")

    def take(self, kind: npt.DTypeLike, count: int) -> npt.NDArray[Any]:
        """A copy, so that the file need not stay."""
        dtype = np.dtype(kind)
        size = dtype.itemsize * count
        if count < 0 or self._at + size > len(self._bytes):
            raise self.wrong("the file ends too early")
        found = np.frombuffer(self._bytes[self._at : self._at + size].tobytes(), dtype)
        self._at += size
        return found

    def number(self, kind: str) -> int:
        return int(self.take(kind, 1)[0])

    def header(self) -> Header:
        if self.number("<i4") != _FST_MAGIC:
            raise self.wrong("not an OpenFst file")
        kind, arcs_are = self._text(), self._text()
        version, flags = self.take("<i4", 2).tolist()
        self.number("<u8")  # properties
        start, states, arcs = self.take("<i8", 3).tolist()
        if arcs_are != "standard" or flags & _IS_ALIGNED:
            raise self.wrong(f"its arcs are {arcs_are!r} with flags {flags}; 'standard' and unaligned can be read")
        if flags & _HAS_INPUT_SYMBOLS:
            self._symbols()
        symbols = self._symbols() if flags & _HAS_OUTPUT_SYMBOLS else b""
        return Header(kind, version, start, states, arcs, symbols)

    def const(self) -> Const:
        header = self.header()
        if (header.kind, header.version) != ("const", 2):
            raise self.wrong(f"holds a graph of type {header.kind!r} version {header.version}, not 'const' version 2")
        return Const(header, self.take(STATE, header.states), self.take(ARC, header.arcs))

    def lookahead(self) -> tuple[Const, Reach]:
        """An `olabel_lookahead` graph: a const one, and what each of its states can reach."""
        header = self.header()
        if header.kind != "olabel_lookahead" or self.number("<i4") != _ADD_ON_MAGIC:
            raise self.wrong(f"is of type {header.kind!r}, not 'olabel_lookahead'")
        graph = self.const()
        # An add-on, which is a pair: nothing for the labels read, and reach for those written.
        has_pair, has_input, has_output = self.take("?", 3).tolist()
        if not has_pair or has_input or not has_output or self.number("?"):
            raise self.wrong("does not tell which labels its states can write next")
        if self.number("?"):
            self.take("<i4", 2 * self.number("<i8"))  # how labels were renamed: both halves are already
        final_label = self.number("<i4")
        states = len(graph.states)
        if self.number("<i8") != states:
            raise self.wrong("does not tell for each of its states what it can write next")
        return graph, self._reach(states, final_label)

    def _reach(self, states: int, final_label: int) -> Reach:
        rest: npt.NDArray[np.int32] = self.take("<i4", (len(self._bytes) - self._at) // 4)
        numbers = rest.data  # quicker than the array where numbers are taken one by one
        counts, places, at = np.empty(states, np.int64), np.empty(states, np.int64), 0
        try:
            for state in range(states):
                counts[state], places[state] = numbers[at], at + 2
                at += 3 + 2 * numbers[at]  # how many, the number twice as long; the pairs; a sum
        except IndexError:
            at = len(rest) + 1
        if at > len(rest):
            raise self.wrong("the file ends too early")
        first = np.concatenate([[0], np.cumsum(counts)])
        begins = np.repeat(places - 2 * first[:-1], counts) + 2 * np.arange(first[-1])
        return Reach(first, rest[begins].astype(np.int64), rest[begins + 1].astype(np.int64), final_label)

    def _text(self) -> str:
        return bytes(self.take(np.uint8, self.number("<i4"))).decode("utf-8", "replace")

    def _symbols(self) -> bytes:
        began = self._at
        if self.number("<i4") != _SYMBOLS_MAGIC:
            raise self.wrong("its symbol table is not one")
        self._text()
        _, count = self.take("<i8", 2).tolist()
        rest = self._bytes[self._at :].tobytes()
        at = 0
        for _ in range(count):
            at += 12 + int.from_bytes(rest[at : at + 4], "little")
        self.take(np.uint8, at)
        return self._bytes[began : self._at].tobytes()


def const_header(start: int, states: int, arcs: int, symbols: bytes) -> bytes:
    """What a `const` file begins with: after it come all STATEs, then all ARCs."""
    kinds = struct.pack("<i5si8s", 5, b"const", 8, b"standard")
    flags = _HAS_OUTPUT_SYMBOLS if symbols else 0
    return (
        struct.pack("<i", _FST_MAGIC)
        + kinds
        + struct.pack("<iiQqqq", 2, flags, _EXPANDED, start, states, arcs)
        + symbols
    )
