"""Vosk in a worker: streaming, with word confidences and phrase grammars.

Two things abort the whole process in 0.3.45, and are avoided here: one recognizer used by two threads, and `SetGrammar`
after sound was accepted. A new phrase list therefore always gets a new recognizer (1-40 ms).

A recognizer for free speech builds up its own part of the decoding graph while it hears: measured on 12 s of Korean,
3.3 s of CPU in a new one (up to 1.7 s at a stretch) and 0.6 s in one that heard speech before. So they are kept and
lent to the next caller; one is warmed up in the nursery, and every worker is born with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import vosk

from voice.listening.recognizer import Recognition, Word

_BATCH_BYTES = 3200
"""100 ms: the network works in steps of about 240 ms, smaller pieces only cost calls."""
_UNKNOWN = ("[unk]", "<unk>", "<UNK>")
"""What models call sound that is no word of theirs; a grammar needs it, or every noise becomes one of its phrases."""
_KEPT = 4
"""Decoders kept for the next callers by each worker, at most: about 85 MB each once they have heard speech."""


class VoskEngine:
    """One Vosk model, shared by every worker."""

    rate_hz = 16_000
    streaming = True

    def __init__(self, model: Path, threads: int) -> None:
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(model))
        except Exception as failure:
            raise RuntimeError(f"{model} is no Vosk model: {failure}") from failure
        self.unknown = next((word for word in _UNKNOWN if self.knows(word)), "")
        warm = self.decoder()
        warm.accept(np.random.default_rng(0).normal(0, 1500, self.rate_hz).astype("<i2").tobytes())
        warm.final()
        self._free = [warm]

    def start(self) -> None:
        """A forked copy of the model works as it is."""

    def open(self, language: str) -> VoskRecognizer:
        return VoskRecognizer(self)

    def knows(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0

    def decoder(self, grammar: Sequence[str] = ()) -> Decoder:
        return Decoder(self._model, self.rate_hz, grammar)

    def borrow(self) -> Decoder:
        """One for free speech, that heard speech before if there is one."""
        return self._free.pop() if self._free else self.decoder()

    def give_back(self, decoder: Decoder) -> None:
        if len(self._free) < _KEPT:
            self._free.append(decoder)


class Decoder:
    """A KaldiRecognizer whose words carry times from the start of their utterance."""

    def __init__(self, model: vosk.Model, rate_hz: int, grammar: Sequence[str]) -> None:
        # Vosk reads the JSON with a reader of its own, which does not understand escapes.
        extra = (json.dumps(list(grammar), ensure_ascii=False),) if grammar else ()
        self._kaldi = vosk.KaldiRecognizer(model, rate_hz, *extra)
        self._kaldi.SetWords(True)
        self._kaldi.SetPartialWords(True)
        self._bytes_per_ms = rate_hz // 500
        self._heard_bytes = 0
        self._began_bytes = 0
        self._put_by: list[Word] = []

    def accept(self, pcm: bytes) -> None:
        self._heard_bytes += len(pcm)
        if self._kaldi.AcceptWaveform(pcm):
            # Vosk saw an endpoint of its own; the utterance is ours to end, so its words are only put by.
            self._put_by += self._words(json.loads(self._kaldi.Result()).get("result", []))

    def partial(self) -> Recognition:
        now = json.loads(self._kaldi.PartialResult())
        return _recognition([*self._put_by, *self._words(now.get("partial_result", []))], is_final=False)

    def final(self) -> Recognition:
        """The words; after that it is as new, but for what it built up."""
        words = [*self._put_by, *self._words(json.loads(self._kaldi.FinalResult()).get("result", []))]
        self._began_bytes, self._put_by = self._heard_bytes, []
        return _recognition(words, is_final=True)

    def _words(self, result: list[dict[str, Any]]) -> list[Word]:
        before_ms = self._began_bytes / self._bytes_per_ms  # Vosk counts from the first sound it ever got.
        return [
            Word(
                text=word["word"],
                start_ms=round(word["start"] * 1000 - before_ms),
                end_ms=round(word["end"] * 1000 - before_ms),
                confidence=round(float(word.get("conf", 1.0)), 3),
            )
            for word in result
        ]


class VoskRecognizer:
    """One caller's recognizer."""

    def __init__(self, engine: VoskEngine) -> None:
        self._engine = engine
        self._free_speech = engine.borrow()
        self._decoder = self._free_speech
        self._grammar: list[str] = []
        self._next_grammar = self._grammar
        self._waiting = bytearray()
        self._has_sound = False

    def accept(self, pcm: bytes) -> None:
        self._has_sound = True
        self._waiting += pcm
        while len(self._waiting) >= _BATCH_BYTES:
            self._decoder.accept(bytes(self._waiting[:_BATCH_BYTES]))
            del self._waiting[:_BATCH_BYTES]

    def partial(self) -> Recognition:
        return self._decoder.partial()

    def look(self) -> Recognition:
        if self._waiting:
            self._decoder.accept(bytes(self._waiting))
            self._waiting.clear()
        return self._decoder.partial()

    def final(self) -> Recognition:
        self.look()
        recognition = self._decoder.final()
        self._has_sound = False
        self._use_next_grammar()
        return recognition

    def expect(self, phrases: Sequence[str]) -> list[str]:
        words = sorted({word for phrase in phrases for word in phrase.split()})
        unknown = [word for word in words if not self._engine.knows(word)]
        usable = dict.fromkeys(phrase for phrase in phrases if not set(phrase.split()) & set(unknown))
        self._next_grammar = [*usable, *filter(None, [self._engine.unknown])] if usable else []
        if not self._has_sound:
            self._use_next_grammar()
        return unknown

    def close(self) -> None:
        self._free_speech.final()
        self._engine.give_back(self._free_speech)

    def _use_next_grammar(self) -> None:
        if self._next_grammar != self._grammar:
            self._grammar = self._next_grammar
            self._decoder = self._engine.decoder(self._grammar) if self._grammar else self._free_speech


def _recognition(words: list[Word], *, is_final: bool) -> Recognition:
    """Markers such as <UNK> or [noise] are no words, but sound that was not understood: they lower the confidence."""
    said = tuple(word for word in words if word.text[0] not in "<[!")
    confidence = round(sum(word.confidence for word in said) / len(words), 3) if said else None
    return Recognition(" ".join(word.text for word in said), is_final, confidence, said)
