"""Sounds in memory, ready to be sent: those that were not used for longest are dropped."""

from __future__ import annotations

from collections import OrderedDict


class HotSounds:
    """PCM16 by key and sample rate; together at most `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._sounds: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._size = 0

    def get(self, key: str, rate_hz: int) -> bytes | None:
        pcm = self._sounds.get((key, rate_hz))
        if pcm is not None:
            self._sounds.move_to_end((key, rate_hz))
        return pcm

    def put(self, key: str, rate_hz: int, pcm: bytes) -> None:
        self._size += len(pcm) - len(self._sounds.get((key, rate_hz), b""))
        self._sounds[key, rate_hz] = pcm
        self._sounds.move_to_end((key, rate_hz))
        while self._size > self._most_bytes:
            _, dropped = self._sounds.popitem(last=False)
            self._size -= len(dropped)
