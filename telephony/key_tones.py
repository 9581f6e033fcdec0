"""Keys as sound: two tones each, as telephones have made them since the sixties (ITU-T Q.23, Q.24)."""

from __future__ import annotations

import numpy as np

from voice.audio import float_to_pcm

TONE_MS = 100
"""Q.24 asks for 40 ms at least; far ends behind several gateways like more."""
PAUSE_MS = 80
LEVEL = 0.25
"""Of each of the two tones: about -9 dBm0 together after G.711."""
ROWS_HZ, COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477)
KEYS = ("123", "456", "789", "*0#")


def key_tones(keys: str, rate_hz: int) -> bytes:
    """PCM16 of these keys, one after the other. Raises ValueError for what is no key."""
    return b"".join(_tone(key, rate_hz) + bytes(rate_hz * PAUSE_MS // 1000 * 2) for key in keys)


def _tone(key: str, rate_hz: int) -> bytes:
    row = next((at for at, names in enumerate(KEYS) if len(key) == 1 and key in names), None)
    if row is None:
        raise ValueError(f"{key!r} is no key; 0-9 * # are")
    seconds = np.arange(rate_hz * TONE_MS // 1000) / rate_hz
    low, high = ROWS_HZ[row], COLUMNS_HZ[KEYS[row].index(key)]
    sound = LEVEL * (np.sin(2 * np.pi * low * seconds) + np.sin(2 * np.pi * high * seconds))
    edge = np.minimum(1.0, np.minimum(seconds, seconds[::-1]) / 0.005)  # no click at either end
    return float_to_pcm((sound * edge).astype(np.float32))
