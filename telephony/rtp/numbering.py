"""Counters that wrap around: sequence numbers and timestamps."""

from __future__ import annotations


def ahead(later: int, earlier: int, bits: int) -> int:
    """How far one counter of so many bits is ahead of another, negative when it is behind; both wrap around."""
    half = 1 << (bits - 1)
    return (later - earlier + half) % (1 << bits) - half
