"""Does the voice sound as if it had come to an end? A model of prosody, asked at a pause; without it, words decide.

Smart Turn v3.2 (Daily, BSD-2-Clause, 23 languages): the log-mel spectrogram of the last eight seconds in, one
probability out. It is fetched like the recognizers' models (`centralino models fetch smart-turn-v3.2`). A look costs
60 to 100 ms of CPU on one core.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

MODEL = "smart-turn-v3.2"
RATE_HZ = 16_000
WINDOW_S = 8
_FILE = "smart-turn-v3.2-cpu.onnx"
_MOST_WAITING = 2
"""Looks at once, the one under way included: a later one would come too late for its pause."""
_VARIANCE_AT_LEAST = 1e-7


class Prosody:
    """One for a server; its looks are done one after the other, in a thread."""

    def __init__(self, folder: Path) -> None:
        """Load the model. Raises RuntimeError when the file is no such model."""
        # With it comes all that a Whisper worker needs, so it is only imported where it is used.
        from faster_whisper.feature_extractor import FeatureExtractor

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / _FILE), options, providers=["CPUExecutionProvider"]
            )
        except Exception as failure:
            raise RuntimeError(f"{folder / _FILE} is no model of prosody: {failure}") from failure
        self._features = FeatureExtractor(chunk_length=WINDOW_S)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="prosody")
        self._waiting = 0
        self.look(np.zeros(RATE_HZ, dtype=np.float32))  # The first look is a slow one.

    async def ended(self, samples: NDArray[np.float32]) -> float | None:
        """The probability, 0..1, that the speaker has finished. samples: of the turn until now at RATE_HZ, -1..1.

        None when too many others are asked for at this moment.
        """
        if self._waiting >= _MOST_WAITING:
            return None
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self.look, samples)
        finally:
            self._waiting -= 1

    def look(self, samples: NDArray[np.float32]) -> float:
        """As `ended`, at once."""
        window = np.zeros(WINDOW_S * RATE_HZ, dtype=np.float32)
        heard = samples[-len(window) :]
        window[len(window) - len(heard) :] = heard
        window = (window - window.mean()) / np.sqrt(window.var() + _VARIANCE_AT_LEAST)
        spectrogram = self._features(window, padding=0)[:, : WINDOW_S * 100].astype(np.float32)
        (told,) = self._session.run(None, {"input_features": spectrogram[None]})
        return float(np.asarray(told).reshape(-1)[0])

    def close(self) -> None:
        """Looks that are under way are still done. Idempotent."""
        self._thread.shutdown(wait=False, cancel_futures=True)
