"""The child process of `voice.speaking.kokoro`: `python -m voice.speaking.kokoro_child FOLDER THREADS`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from voice.audio import float_to_pcm
from voice.speaking import onnx_session, workers


def load() -> Callable[[dict[str, Any]], workers.Message]:
    try:
        from voice.speaking.kokoro_model import RATE_HZ, KokoroModel
    except ImportError as error:
        raise ValueError(f"{error}; run: pip install 'centralino[neural]'") from error
    onnx_session.be_polite()
    model = KokoroModel(Path(sys.argv[1]), int(sys.argv[2]))

    def speak(request: dict[str, Any]) -> workers.Message:
        samples = model.speak(request["text"], request["language"], request["voice"], request["speed"])
        return {"rate_hz": RATE_HZ}, float_to_pcm(samples)

    return speak


if __name__ == "__main__":
    workers.serve(load)
