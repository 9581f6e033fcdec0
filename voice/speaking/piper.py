"""Piper voices as a synthesizer: natural enough, ten times as fast as speech on one core (optional extra `piper`).

Piper is under the GPL: it is not needed, not installed by default, and runs in a process of its own that is spoken to
over pipes. Measured: 0.10 s of computing for a second of speech on one core; on two it is no faster.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
from pathlib import Path

from voice.models import ModelMissing, ModelStore
from voice.speaking.sentence_worker import spoken
from voice.speaking.synthesizer import Sound, Voice, failed
from voice.speaking.workers import Worker

_VOICE = {"it": "it_IT-paola-medium", "en": "en_US-joe-medium"}


class PiperSynthesizer:
    """A voice's name is that of a model in the catalogue ('it_IT-paola-medium'), or the path of any Piper voice's
    .onnx file, with its .onnx.json beside it, whatever its language.

    The child process starts with the first text and keeps the voices that it was asked for (60 MB each). threads: the
    cores that it may use.
    """

    engine = "piper"
    languages = frozenset(_VOICE)

    def __init__(self, models: ModelStore, threads: int = 1) -> None:
        self._models = models
        here = importlib.util.find_spec("piper") is not None
        self.version = f"piper-tts {importlib.metadata.version('piper-tts')}" if here else "piper-tts"
        self._worker = Worker("voice.speaking.piper_child", (str(threads),), start_s=60.0, reply_s=60.0)

    async def synthesize(self, sentence: str, voice: Voice, pace: float = 1.0) -> Sound:
        """The spoken sentence at the voice's rate. Raises SynthesisFailed, also when extra or voice are missing."""
        if importlib.util.find_spec("piper") is None:
            raise failed(sentence, voice, "it is not installed; run: pip install 'centralino[piper]'")
        try:
            # In a thread: files that changed since they were verified are hashed again.
            model = await asyncio.to_thread(self._model, voice)
        except (ModelMissing, FileNotFoundError) as error:
            raise failed(sentence, voice, str(error)) from error
        return await spoken(self._worker, sentence, voice, pace, {"model": str(model), "pace": pace})

    async def close(self) -> None:
        await self._worker.close()

    def _model(self, voice: Voice) -> Path:
        """Raises ModelMissing, or FileNotFoundError for a path."""
        name = voice.name or _VOICE.get(voice.language, "")
        if not name:
            raise ModelMissing(f"no voice is known for {voice.language!r}; name one, or the path of its .onnx file")
        if not name.endswith(".onnx"):
            return self._models.path(name) / f"{name}.onnx"
        path = Path(name).expanduser()
        for file in (path, path.with_name(path.name + ".json")):
            if not file.is_file():
                raise FileNotFoundError(f"{file} is not there; a Piper voice is an .onnx file and its .onnx.json")
        return path
