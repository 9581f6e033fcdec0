"""Sound in messages of one size: for far ends that take no smaller ones, or that count them."""

from __future__ import annotations


class Chunks:
    """Gathers sound. size_bytes: of a full chunk; it may be changed between two calls."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self._gathered = bytearray()

    def add(self, sound: bytes) -> list[bytes]:
        """The chunks that are full now."""
        self._gathered += sound
        full = len(self._gathered) // self.size_bytes * self.size_bytes
        chunks = [bytes(self._gathered[at : at + self.size_bytes]) for at in range(0, full, self.size_bytes)]
        del self._gathered[:full]
        return chunks

    def rest(self) -> bytes:
        """What is in the chunk that is not full; there is nothing in it after that."""
        rest = bytes(self._gathered)
        self._gathered.clear()
        return rest
