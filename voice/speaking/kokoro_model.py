"""The Kokoro-82M neural voice itself: text to phonemes to samples, in the calling thread.

Needs the extra `neural`. Runs in the child process of `voice.speaking.kokoro`; imports stay here, so that a server
without the extra never meets them.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from kokoro_onnx.tokenizer import Tokenizer

from voice.speaking.loudness import Samples
from voice.speaking.onnx_session import open_session

RATE_HZ = 24_000
_MOST_TOKENS = 500
"""The model's context is 512 tokens; a style file has 510 rows."""
_PHONEMES = {"it": "it", "en": "en-us"}
"""espeak-ng's language for each of ours: Kokoro was trained on its phonemes."""


class KokoroModel:
    """folder: holds one `*.onnx` file and `voices/NAME.bin` (float32, rows of 256: the style for each length)."""

    def __init__(self, folder: Path, threads: int) -> None:
        models = sorted(folder.glob("*.onnx"))
        if not models:
            raise FileNotFoundError(f"no .onnx file in {folder}")
        self._session = open_session(models[0], threads)
        self._voices = folder / "voices"
        self._styles: dict[str, Samples] = {}
        self._tokenizer = Tokenizer()

    def speak(self, sentence: str, language: str, voice: str, speed: float = 1.0) -> Samples:
        """One sentence at 24 kHz, with the silence that the model puts around it.

        Raises ValueError for an unknown language or voice, or a sentence that has no phonemes or too many.
        """
        if language not in _PHONEMES:
            raise ValueError(f"Kokoro does not speak {language!r} here; it speaks {', '.join(sorted(_PHONEMES))}")
        style = self._style(voice)
        tokens = self._tokenizer.tokenize(self._tokenizer.phonemize(sentence, _PHONEMES[language]))
        if not tokens:
            raise ValueError("nothing in it can be pronounced")
        if len(tokens) > _MOST_TOKENS:
            raise ValueError(f"{len(tokens)} phonemes in one sentence, more than {_MOST_TOKENS}")
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": style[min(len(tokens), len(style)) - 1][None, :],
            "speed": np.array([speed], dtype=np.float32),
        }
        audio = np.asarray(self._session.run(None, inputs)[0], dtype=np.float32).ravel()
        if not math.isfinite(float(np.sum(audio))):
            raise ValueError("the model returned samples that are no numbers")
        return audio

    def _style(self, voice: str) -> Samples:
        if voice not in self._styles:
            path = self._voices / f"{voice}.bin"
            # The name reaches a path, so it must be a plain one.
            if not voice.replace("_", "").isalnum() or not path.is_file():
                known = ", ".join(sorted(p.stem for p in self._voices.glob("*.bin"))) or f"none in {self._voices}"
                raise ValueError(f"Kokoro has no voice {voice!r}; voices: {known}")
            self._styles[voice] = np.fromfile(path, dtype=np.float32).reshape(-1, 256)
        return self._styles[voice]
