"""Pure tones in a call's sound: the beep of an answering machine, the whistle of a fax.

Goertzel's filter at frequencies 15 Hz apart, all at once as a product with a matrix. A voice spreads its power over
many harmonics; in a tone nearly all of it is at one frequency, which stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRAME_MS = 30
HOP_MS = 20
LOWEST_HZ, HIGHEST_HZ, STEP_HZ = 350, 2200, 15
PURE = 0.85
"""Of a frame's power at one frequency. Recorded voices do not reach it for the time that a beep takes, a beep with
noise 24 dB below it does (tests/telephony/outbound/test_tones.py)."""
QUIETEST_DB = -40.0
"""Of full scale; machines beep about as loudly as they speak."""
BEEP_MS, LONGEST_BEEP_MS = 160, 2500
FAX_MS = 1000
FAX_HZ = 2100
"""A fax that answers (ITU-T T.30: 2100 Hz for 2.6 to 4 s)."""
NETWORK_HZ = (400, 450)
"""The ringing, busy and congestion tones of European networks (ETSI TR 101 041: 425 Hz) are nobody's beep."""


@dataclass(frozen=True)
class Beep:
    """A tone that ended. at_ms: its end."""

    at_ms: int
    hz: int
    lasted_ms: int


@dataclass(frozen=True)
class FaxTone:
    at_ms: int


class Tones:
    """Takes sound as it comes, PCM16 at `rate_hz`; chunks of any length. Times count from the first sample."""

    def __init__(self, rate_hz: int) -> None:
        self._frame, self._hop = rate_hz * FRAME_MS // 1000, rate_hz * HOP_MS // 1000
        self._hz = np.arange(LOWEST_HZ, HIGHEST_HZ + 1, STEP_HZ)
        angles = 2 * np.pi * np.outer(self._hz, np.arange(self._frame)) / rate_hz
        window = np.hanning(self._frame)
        waves = np.concatenate([np.cos(angles), np.sin(angles)])
        self._waves = (waves * window).astype(np.float32)
        self._window, self._amplitude = (window / window.sum()).astype(np.float32), 2 / float(window.sum())
        self._kept = np.zeros(0, np.float32)
        self._odd = b""
        self._heard_ms = 0
        self._tone_hz = self._tone_ms = 0
        self._fax_told = False

    def feed(self, pcm: bytes) -> list[Beep | FaxTone]:
        """What ended (a beep) or was recognised (a fax) in this sound."""
        pcm = self._odd + pcm
        self._odd = pcm[len(pcm) & ~1 :]
        samples = np.frombuffer(pcm[: len(pcm) & ~1], "<i2").astype(np.float32) / 32768
        self._kept = np.concatenate([self._kept, samples])
        found: list[Beep | FaxTone] = []
        while len(self._kept) >= self._frame:
            frame, self._kept = self._kept[: self._frame], self._kept[self._hop :]
            self._heard_ms += HOP_MS
            found += self._take(self._tone_in(frame))
        return found

    def _tone_in(self, frame: np.ndarray) -> int:
        """The frequency that is nearly all of this frame; 0: none is."""
        power = float(self._window @ (frame * frame))
        if power <= 0 or 10 * np.log10(power) < QUIETEST_DB:
            return 0
        cosines, sines = np.split(self._waves @ frame, 2)
        amplitudes = np.hypot(cosines, sines) * self._amplitude
        best = int(amplitudes.argmax())
        return int(self._hz[best]) if float(amplitudes[best]) ** 2 / 2 >= PURE * power else 0

    def _take(self, hz: int) -> list[Beep | FaxTone]:
        if hz and abs(hz - self._tone_hz) <= STEP_HZ:
            self._tone_ms += HOP_MS
            if abs(hz - FAX_HZ) <= STEP_HZ and self._tone_ms >= FAX_MS and not self._fax_told:
                self._fax_told = True
                return [FaxTone(self._heard_ms)]
            return []
        ended_hz, lasted_ms = self._tone_hz, self._tone_ms
        self._tone_hz, self._tone_ms, self._fax_told = hz, HOP_MS if hz else 0, False
        of_network = NETWORK_HZ[0] <= ended_hz <= NETWORK_HZ[1]
        if BEEP_MS <= lasted_ms <= LONGEST_BEEP_MS and not of_network and abs(ended_hz - FAX_HZ) > STEP_HZ:
            return [Beep(self._heard_ms, ended_hz, lasted_ms)]
        return []
