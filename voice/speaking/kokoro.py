"""Kokoro-82M as a synthesizer: a natural voice, for prompts rendered ahead (optional extra `neural`).

Measured on 2 cores: 0.4 to 0.95 s of computing for a second of speech (1.4 and more while other work kept both cores
busy: it runs at low priority), so an answer that was not rendered before keeps the caller waiting; pyttsx3 is the
voice for those.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util

from voice.models import ModelMissing, ModelStore
from voice.speaking.sentence_worker import spoken
from voice.speaking.synthesizer import Sound, Voice, failed
from voice.speaking.workers import Worker

MODEL = "kokoro-82m"
_VOICE = {"it": "if_sara", "en": "af_heart"}


class KokoroSynthesizer:
    """Speaks Italian and English; a voice's name is Kokoro's ('if_sara', 'im_nicola', 'af_heart', 'am_michael', ...).

    The child process with the model (about 0.4 GB) starts with the first text. threads: the cores that it may use.
    speed: 1 is the model's own.
    """

    engine = "kokoro"
    languages = frozenset(_VOICE)

    def __init__(self, models: ModelStore, threads: int = 2, speed: float = 1.0) -> None:
        self._models = models
        self._threads = threads
        self._speed = speed
        self._worker: Worker | None = None
        self._starting = asyncio.Lock()
        packages = [
            name for name in ("kokoro-onnx", "espeakng-loader") if importlib.util.find_spec(name.replace("-", "_"))
        ]
        installed = [f"{name} {importlib.metadata.version(name)}" for name in packages]
        self.version = "; ".join([MODEL, *installed, f"speed {speed:g}"])

    async def synthesize(self, sentence: str, voice: Voice, pace: float = 1.0) -> Sound:
        """The spoken sentence at 24 kHz. Raises SynthesisFailed, also when the extra or the model is missing."""
        if voice.language not in _VOICE:
            raise failed(sentence, voice, f"it speaks {', '.join(sorted(_VOICE))} here")
        name = voice.name or _VOICE[voice.language]
        request = {"language": voice.language, "voice": name, "speed": self._speed * pace}
        return await spoken(await self._started(sentence, voice), sentence, voice, pace, request)

    async def close(self) -> None:
        if self._worker is not None:
            await self._worker.close()

    async def _started(self, text: str, voice: Voice) -> Worker:
        async with self._starting:
            if self._worker is None:
                if importlib.util.find_spec("kokoro_onnx") is None:
                    raise failed(text, voice, "it is not installed; run: pip install 'centralino[neural]'")
                try:
                    # In a thread: files that changed since they were verified are hashed again.
                    folder = await asyncio.to_thread(self._models.path, MODEL)
                except ModelMissing as error:
                    raise failed(text, voice, str(error)) from error
                arguments = (str(folder), str(self._threads))
                self._worker = Worker("voice.speaking.kokoro_child", arguments, start_s=120.0, reply_s=120.0)
            return self._worker
