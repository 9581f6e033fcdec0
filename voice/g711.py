"""G.711, the telephone's eight bits: μ-law and A-law to PCM16 and back, by tables.

Decoding follows the expansion tables of ITU-T G.711 (μ-law values are 14 bits, A-law 13 bits, both shifted up to 16).
The encoding tables have one entry for each of the 65,536 samples, so either way is one NumPy lookup.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MULAW_BIAS = 132

MULAW_SILENCE = b"\xff"
ALAW_SILENCE = b"\xd5"


def _mulaw_values() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code.astype(np.int32) >> 4) & 7
    mantissa = code.astype(np.int32) & 15
    magnitude = (((mantissa << 3) + _MULAW_BIAS) << exponent) - _MULAW_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _mulaw_codes() -> NDArray[np.uint8]:
    sample, negative = _every_sample()
    magnitude = np.minimum((np.where(negative, ~sample, sample) >> 2) + 33, 0x1FFF)
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    mantissa = (magnitude >> (exponent + 1)) & 15
    codes: NDArray[np.int32] = ~(np.where(negative, 0x80, 0) | (exponent << 4) | mantissa) & 0xFF
    return codes.astype(np.uint8)


def _alaw_values() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent = (code >> 4) & 7
    mantissa = code & 15
    linear = (mantissa << 4) + 8
    magnitude = np.where(exponent == 0, linear, (linear + 256) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _alaw_codes() -> NDArray[np.uint8]:
    sample, negative = _every_sample()
    magnitude = np.where(negative, ~sample, sample) >> 4
    # The first two segments share one step; from the second on the leading bit is implied.
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 3, 0)
    mantissa = (magnitude >> np.maximum(exponent - 1, 0)) & 15
    codes: NDArray[np.int32] = (np.where(negative, 0, 0x80) | (exponent << 4) | mantissa) ^ 0x55
    return codes.astype(np.uint8)


def _every_sample() -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """All samples in the order of their unsigned bit patterns, and which are negative.

    A negative value's magnitude is its complement ~v, as in the ITU's own tools (G.191), so that -1 is as small as 0.
    """
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return sample, sample < 0


_MULAW_VALUES, _MULAW_CODES = _mulaw_values(), _mulaw_codes()
_ALAW_VALUES, _ALAW_CODES = _alaw_values(), _alaw_codes()


def mulaw_to_pcm(coded: bytes) -> bytes:
    """μ-law bytes to PCM16 mono little-endian (twice as long)."""
    return _decode(coded, _MULAW_VALUES)


def pcm_to_mulaw(pcm: bytes) -> bytes:
    """PCM16 little-endian to μ-law bytes. Raises ValueError on half a sample."""
    return _encode(pcm, _MULAW_CODES)


def alaw_to_pcm(coded: bytes) -> bytes:
    """A-law bytes to PCM16 mono little-endian (twice as long)."""
    return _decode(coded, _ALAW_VALUES)


def pcm_to_alaw(pcm: bytes) -> bytes:
    """PCM16 little-endian to A-law bytes. Raises ValueError on half a sample."""
    return _encode(pcm, _ALAW_CODES)


def _decode(coded: bytes, values: NDArray[np.int16]) -> bytes:
    return values[np.frombuffer(coded, dtype=np.uint8)].astype("<i2").tobytes()


def _encode(pcm: bytes, codes: NDArray[np.uint8]) -> bytes:
    if len(pcm) % 2:
        raise ValueError(f"PCM16 needs an even number of bytes, got {len(pcm)}")
    return codes[np.frombuffer(pcm, dtype="<i2").astype(np.int16).view(np.uint16)].tobytes()
