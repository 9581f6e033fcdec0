"""The child process of `voice.speaking.piper`: `python -m voice.speaking.piper_child THREADS`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from voice.speaking import onnx_session, workers

_MOST_VOICES = 4


def load() -> Callable[[dict[str, Any]], workers.Message]:
    from piper import PiperVoice
    from piper.config import PiperConfig, SynthesisConfig

    onnx_session.be_polite()

    @lru_cache(maxsize=_MOST_VOICES)
    def voice_of(model: str) -> PiperVoice:
        # Not PiperVoice.load, whose session takes all cores.
        described = json.loads(Path(model + ".json").read_text(encoding="utf-8"))
        session = onnx_session.open_session(Path(model), int(sys.argv[1]))
        return PiperVoice(session=session, config=PiperConfig.from_dict(described))

    def speak(request: dict[str, Any]) -> workers.Message:
        """{text, model, pace} -> ({rate_hz}, PCM16). Raises ValueError when nothing in it can be spoken."""
        voice = voice_of(request["model"])
        config = SynthesisConfig(length_scale=voice.config.length_scale / request["pace"])
        pcm = b"".join(chunk.audio_int16_bytes for chunk in voice.synthesize(request["text"], config))
        if not pcm:
            raise ValueError("nothing in it can be pronounced")
        return {"rate_hz": voice.config.sample_rate}, pcm

    return speak


if __name__ == "__main__":
    workers.serve(load)
