"""What the codec of an operator's voice over WebRTC costs: how long 20 ms of sound hold the event loop up."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from telephony.webrtc.opus import FRAME_BYTES, RATE_HZ, Decoder, Encoder

SECONDS = 20


@dataclass(frozen=True)
class WebrtcFigures:
    """Milliseconds that 20 ms of sound take, on the event loop. cpu_percent: of one core for a call, both directions,
    codec alone."""

    encode_p50_ms: float
    encode_p99_ms: float
    decode_p50_ms: float
    decode_p99_ms: float
    kbit_s: float
    cpu_percent: float


def run() -> WebrtcFigures:
    """CPU time of this thread, so that a busy machine changes little."""
    encoder, decoder = Encoder(), Decoder()
    sound = _voiced()
    encoding: list[float] = []
    decoding: list[float] = []
    sent = 0
    for at in range(0, len(sound), FRAME_BYTES):
        began_s = time.thread_time()
        packet = encoder.encode(sound[at : at + FRAME_BYTES])
        coded_s = time.thread_time()
        decoder.decode(packet)
        encoding.append((coded_s - began_s) * 1000)
        decoding.append((time.thread_time() - coded_s) * 1000)
        sent += len(packet)
    used_ms = sum(encoding) + sum(decoding)
    return WebrtcFigures(
        _percentile(encoding, 50),
        _percentile(encoding, 99),
        _percentile(decoding, 50),
        _percentile(decoding, 99),
        round(sent * 8 / SECONDS / 1000, 1),
        round(used_ms / SECONDS / 10, 2),
    )


def _percentile(times_ms: list[float], part: int) -> float:
    return round(float(np.percentile(times_ms, part)), 3)


def _voiced() -> bytes:
    """Something like speech: a voice that glides and swells, in a little noise."""
    at_s = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * 3 * at_s)
    voice = sum(np.sin(2 * np.pi * n * (120 * at_s + 5 * np.sin(at_s))) / n for n in range(1, 20))
    noise = np.random.default_rng(0).normal(0, 0.01, at_s.size)
    return bytes(((0.3 * swell * voice + noise) * 32767).clip(-32768, 32767).astype("<i2").tobytes())
