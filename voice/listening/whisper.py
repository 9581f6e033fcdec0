"""Whisper (CTranslate2, int8) in a worker: a whole utterance at a time, greedy, without timestamps.

The network was trained on windows of 30 s. A shorter one costs less and keeps the accuracy as long as some silence
follows the speech; with less than that it babbles (measured: WER 0.178 with max(10 s, speech + 2 s) against 0.174 with
30 s, at a sixth of the time; 0.38-0.49 with 0.5-3 s).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from voice.audio import pcm_to_float
from voice.listening.phantoms import Decode, made_up
from voice.listening.recognizer import Recognition

_WINDOW_S = 10.0
_TRAILING_S = 2.0
_LONGEST_S = 30.0
_FRAMES_A_SECOND = 100
_SHORTEST_BYTES = 3200
"""100 ms: less is no word."""
_SHORTEST_GLANCE_BYTES = 25_600
"""800 ms: of less, nothing can be shown that will still stand."""
_TOKENS_A_STEP = 8
"""Of a glance, until it is seen whether something else waits."""
_SILENT = 0.5
"""Probability of no speech above which a glance shows nothing (`phantoms.py` weighs the whole utterance)."""
_TOKENS_A_SECOND = 12
_TOKENS_MORE = 12
"""Nobody speaks faster; a decode that goes on longer is in a loop."""


class WhisperEngine:
    """One Whisper model. The files are read before the fork; the model itself is made after it, as its thread pool
    does not live through a fork."""

    rate_hz = 16_000
    streaming = False
    parallel = False
    step_ms = 0.0
    about = ""

    def __init__(self, model: Path, threads: int) -> None:
        self._threads = threads
        try:
            self._files = {
                name: (model / name).read_bytes() for name in ("model.bin", "config.json", "vocabulary.json")
            }
            self._tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
        except Exception as failure:
            raise RuntimeError(f"{model} is no Whisper model for CTranslate2: {failure}") from failure
        self._features = FeatureExtractor()
        self._model: ctranslate2.models.Whisper | None = None

    def start(self) -> None:
        kinds = ctranslate2.get_supported_compute_types("cpu")
        self._model = ctranslate2.models.Whisper(
            "whisper",
            device="cpu",
            compute_type="int8" if "int8" in kinds else "default",
            intra_threads=self._threads,
            inter_threads=1,
            files=self._files,
        )
        self._files = {}
        for _ in range(2):  # The first decode is a slow one, the second one tells how long they take.
            self.transcribe(np.zeros(16_000, dtype=np.float32), self._prompt("en"))

    def unknown(self, words: Sequence[str]) -> list[str]:
        return []  # It writes in pieces of words, by which anything can be written.

    def open(self, language: str) -> WhisperRecognizer:
        language = language.split("-")[0].lower()
        return WhisperRecognizer(self, language, self._prompt(language))

    def _prompt(self, language: str) -> list[int]:
        names = ("<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>")
        tokens = [token for name in names if (token := self._tokenizer.token_to_id(name)) is not None]
        if len(tokens) < len(names):
            raise RuntimeError(f"this Whisper model does not know the language {language!r}")
        return tokens

    def transcribe(self, samples: NDArray[np.float32], prompt: list[int]) -> tuple[str, float, float]:
        """The text, the average log-probability of its tokens, and the probability that nobody speaks."""
        samples, encoded = self._encoded(samples)
        most = _TOKENS_MORE + int(_TOKENS_A_SECOND * len(samples) / self.rate_hz)
        result = self._generated(encoded, prompt, len(prompt) + most)
        tokens = result.sequences_ids[0]
        # CTranslate2 gives the average over the tokens; the end token, which counts too, is not among them.
        average = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return self._text(tokens), average, result.no_speech_prob

    def glance(self, samples: NDArray[np.float32], prompt: list[int], pressed: Callable[[], bool]) -> str | None:
        """The text alone, a few tokens at a time; None when it was given up, or nobody is thought to speak."""
        samples, encoded = self._encoded(samples)
        tokens: list[int] = []
        for _ in range(0, _TOKENS_MORE + int(_TOKENS_A_SECOND * len(samples) / self.rate_hz), _TOKENS_A_STEP):
            if pressed():
                return None
            # CTranslate2 gives half of max_length at most, the tokens that it was to continue included.
            result = self._generated(encoded, prompt + tokens, 2 * (len(tokens) + _TOKENS_A_STEP))
            new = result.sequences_ids[0][len(tokens) :]
            if not tokens and result.no_speech_prob > _SILENT:
                return None
            tokens += new
            if len(new) < _TOKENS_A_STEP:
                break
        return self._text(tokens)

    def _encoded(self, samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], ctranslate2.StorageView]:
        """What of the sound is heard, and what the encoder makes of it."""
        assert self._model is not None, "start() comes first"
        began_s = time.perf_counter()
        samples = samples[: int((_LONGEST_S - 1) * self.rate_hz)]
        window_s = min(_LONGEST_S, max(_WINDOW_S, len(samples) / self.rate_hz + _TRAILING_S))
        features = self._features(samples)
        padded = np.zeros((1, features.shape[0], int(window_s * _FRAMES_A_SECOND)), dtype=np.float32)
        length = min(features.shape[1], padded.shape[2])
        padded[0, :, :length] = features[:, :length]
        encoded = self._model.encode(ctranslate2.StorageView.from_array(padded))
        self.step_ms = (time.perf_counter() - began_s) * 1000
        return samples, encoded

    def _generated(
        self, encoded: ctranslate2.StorageView, prompt: list[int], max_length: int
    ) -> ctranslate2.models.WhisperGenerationResult:
        assert self._model is not None, "start() comes first"
        (result,) = self._model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
        )
        return result

    def _text(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True)).strip()


class WhisperRecognizer:
    """One caller's recognizer: collects the utterance, decodes it when looked at, and remembers that look."""

    def __init__(self, engine: WhisperEngine, language: str, prompt: list[int]) -> None:
        self._engine = engine
        self._language = language
        self._prompt = prompt
        self._sound = bytearray()
        self._looked: tuple[int, Recognition] | None = None

    def accept(self, pcm: bytes) -> None:
        self._sound += pcm

    def partial(self) -> Recognition:
        return Recognition("", is_final=False)

    def look(self) -> Recognition:
        if self._looked is None or self._looked[0] != len(self._sound):
            self._looked = (len(self._sound), self._recognize())
        return replace(self._looked[1], is_final=True)

    def glance(self, pressed: Callable[[], bool]) -> Recognition | None:
        if len(self._sound) < _SHORTEST_GLANCE_BYTES or pressed():
            return None
        samples = pcm_to_float(bytes(self._sound))
        text = self._engine.glance(samples, self._prompt, pressed)
        if not text or made_up(Decode(text, self._language, 0.0, 0.0, len(samples) / self._engine.rate_hz)):
            return None
        return Recognition(text, is_final=False)

    def final(self) -> Recognition:
        seen = self.look()
        self._sound.clear()
        self._looked = None
        return Recognition(seen.text, True, seen.confidence)

    def expect(self, phrases: Sequence[str]) -> list[str]:
        return []  # Whisper has no grammars; the dialog matches its words against the phrases.

    def close(self) -> None:
        self._sound.clear()

    def _recognize(self) -> Recognition:
        if len(self._sound) < _SHORTEST_BYTES:
            return Recognition("", is_final=False)
        samples = pcm_to_float(bytes(self._sound))
        text, logprob, no_speech = self._engine.transcribe(samples, self._prompt)
        if made_up(Decode(text, self._language, logprob, no_speech, len(samples) / self._engine.rate_hz)):
            return Recognition("", is_final=False)
        return Recognition(text, is_final=False, confidence=round(math.exp(min(0.0, logprob)) * (1 - no_speech), 3))
