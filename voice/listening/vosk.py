"""Vosk in a worker: streaming, with word confidences and phrase grammars.

Two things abort the whole process in 0.3.45, and are avoided here: one recognizer used by two threads, and `SetGrammar`
after sound was accepted. A new phrase list therefore always gets a new recognizer (1-40 ms).

Whatever a grammar hears becomes one of its phrases, so a doubtful result is held against free speech on the same sound
(`second_look.py`).

Free speech is decoded with the model's static graph (`voice/graphs/`) where one was made and fits into memory: 0.1 s of
CPU for a second of speech, whoever speaks, in one copy for all decoders. The two halves it was made of serve grammars.

Without one, a recognizer for free speech builds up its own part of the graph while it hears: measured on 32 s of
Korean, 8.4 s of CPU in a new one (up to 1.7 s at a stretch) and 3.5 s in one that heard the same before; 85 MB. So it
is lent for an utterance, not for a call, the one used last first: callers are silent most of the time, and a worker
needs as many as speak at once. (What it learned of one speaker's voice is too little to harm the next: measured with
another speaker's utterance before each one, three words of 60 changed, for the better.) One is warmed up in the
nursery, and every worker is born with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import vosk

from voice.graphs.static_graph import available_bytes, fitting, has_halves, static_graph
from voice.listening.pieces import in_pieces
from voice.listening.recognizer import Recognition, Word
from voice.listening.second_look import doubtful, is_marker, is_outside

_BATCH_BYTES = 3200
"""100 ms: the network works in steps of about 240 ms, smaller pieces only cost calls."""
_UNKNOWN = ("[unk]", "<unk>", "<UNK>")
"""What models call sound that is no word of theirs; a grammar needs it, or every noise becomes one of its phrases."""
_LONGEST_SECOND_LOOK_S = 20
"""A longer utterance is not kept, and the grammar's words stay."""
_KEPT = 12
"""Decoders kept by each worker for the next utterances, at most: there are as many as ever spoke at once."""


class VoskEngine:
    """One Vosk model, shared by every worker."""

    rate_hz = 16_000
    streaming = True
    parallel = True
    step_ms = 0.0

    def __init__(self, model: Path, threads: int) -> None:
        vosk.SetLogLevel(-1)
        self._model = _load(model)
        self._free_speech, self.about = for_free_speech(model, self._model)
        self.no_word = next((word for word in _UNKNOWN if self.knows(word)), "")
        warm = self.decoder()
        warm.accept(np.random.default_rng(0).normal(0, 1500, self.rate_hz).astype("<i2").tobytes())
        warm.final()
        self._free = [warm]

    def start(self) -> None:
        """A forked copy of the model works as it is."""

    def open(self, language: str) -> VoskRecognizer:
        return VoskRecognizer(self)

    def unknown(self, words: Sequence[str]) -> list[str]:
        return [word for word in words if not in_pieces(word, self.knows)]

    def written(self, phrase: str) -> str:
        """The phrase in words that the model has; '' when one is missing."""
        pieces = [in_pieces(word, self.knows) for word in phrase.split()]
        return " ".join(piece for word in pieces for piece in word) if all(pieces) else ""

    def knows(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0

    def decoder(self, grammar: Sequence[str] = ()) -> Decoder:
        return Decoder(self._model if grammar else self._free_speech, self.rate_hz, grammar)

    def borrow(self) -> Decoder:
        """One for free speech, between two utterances: the one that was given back last, a new one if there is none."""
        try:
            return self._free.pop()
        except IndexError:  # perhaps because another thread was quicker
            return self.decoder()

    def give_back(self, decoder: Decoder) -> None:
        if len(self._free) < _KEPT:
            self._free.append(decoder)


def _load(folder: Path) -> vosk.Model:
    try:
        return vosk.Model(str(folder))
    except Exception as failure:
        raise RuntimeError(f"{folder} is no Vosk model: {failure}") from failure


def for_free_speech(folder: Path, model: vosk.Model) -> tuple[vosk.Model, str]:
    """What decodes free speech, and a line about it for the log."""
    if not has_halves(folder):
        return model, "a graph of one piece came with the model"
    graph = static_graph(folder)
    if graph is None:
        return model, f"no static graph, so new speech takes three times as long; centralino models graph {folder.name}"
    free_bytes = available_bytes()
    if not fitting(graph, free_bytes):
        megabytes = f"{graph.bytes / 1e6:.0f} MB, {free_bytes / 1e6:.0f} MB are free"
        return model, f"the static graph is left out, so new speech takes three times as long: it needs {megabytes}"
    return _load(graph.folder), f"static graph of {graph.bytes / 1e6:.0f} MB"


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

    def partial(self) -> list[Word]:
        now = json.loads(self._kaldi.PartialResult())
        return [*self._put_by, *self._words(now.get("partial_result", []))]

    def so_far(self) -> list[Word]:
        """All words of what was heard until now. A partial lags up to half a second behind, so the decoder is made to
        finish; what is said from here on is a new stretch of the same utterance."""
        self._put_by += self._words(json.loads(self._kaldi.FinalResult()).get("result", []))
        return list(self._put_by)

    def final(self) -> list[Word]:
        """The words; after that it is as new, but for what it built up."""
        words = [*self._put_by, *self._words(json.loads(self._kaldi.FinalResult()).get("result", []))]
        self._began_bytes, self._put_by = self._heard_bytes, []
        return words

    def scored(self, pcm: bytes) -> tuple[str, float]:
        """The text of a whole utterance and how well it explains the sound; only between two utterances.

        Vosk tells that score in place of the words' confidences.
        """
        self._kaldi.SetMaxAlternatives(1)
        results = []
        for at in range(0, len(pcm), _BATCH_BYTES):
            if self._kaldi.AcceptWaveform(pcm[at : at + _BATCH_BYTES]):
                results.append(self._kaldi.Result())
        results.append(self._kaldi.FinalResult())
        self._kaldi.SetMaxAlternatives(0)
        self._heard_bytes += len(pcm)
        self._began_bytes = self._heard_bytes
        best = [json.loads(result)["alternatives"][0] for result in results]
        words = [word for one in best for word in one["text"].split() if not is_marker(word)]
        return " ".join(words), sum(float(one["confidence"]) for one in best)

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
        self._longest_bytes = _LONGEST_SECOND_LOOK_S * engine.rate_hz * 2
        self._decoder: Decoder | None = None
        """Of the grammar, or lent for this utterance."""
        self._grammar: list[str] = []
        self._next_grammar = self._grammar
        self._waiting = bytearray()
        self._utterance = bytearray()
        """What a second look would need: kept under a grammar only."""
        self._has_sound = False

    def accept(self, pcm: bytes) -> None:
        self._has_sound = True
        if self._grammar and len(self._utterance) <= self._longest_bytes:
            self._utterance += pcm
        self._waiting += pcm
        while len(self._waiting) >= _BATCH_BYTES:
            self._hear(bytes(self._waiting[:_BATCH_BYTES]))
            del self._waiting[:_BATCH_BYTES]

    def partial(self) -> Recognition:
        return _recognition(self._decoder.partial() if self._decoder else [], is_final=False)

    def glance(self, pressed: Callable[[], bool]) -> Recognition:
        return self.partial()

    def look(self) -> Recognition:
        self._hear_rest()
        words = self._decoder.so_far() if self._decoder else []
        return _recognition(words, is_final=not doubtful(words, self._grammar) if self._grammar else True)

    def final(self) -> Recognition:
        self._hear_rest()
        words = self._decoder.final() if self._decoder else []
        recognition = self._outside_the_grammar(words) or _recognition(words, is_final=True)
        self._has_sound = False
        self._utterance.clear()
        self._hand_back()
        self._use_next_grammar()
        return recognition

    def expect(self, phrases: Sequence[str]) -> list[str]:
        unknown = self._engine.unknown(sorted({word for phrase in phrases for word in phrase.split()}))
        usable = dict.fromkeys(filter(None, map(self._engine.written, phrases)))
        self._next_grammar = [*usable, *filter(None, [self._engine.no_word])] if usable else []
        if not self._has_sound:
            self._use_next_grammar()
        return unknown

    def close(self) -> None:
        if self._decoder and not self._grammar:
            self._decoder.final()
        self._hand_back()

    def _hear(self, pcm: bytes) -> None:
        if self._decoder is None:
            self._decoder = self._engine.borrow()
        self._decoder.accept(pcm)

    def _hear_rest(self) -> None:
        if self._waiting:
            self._hear(bytes(self._waiting))
            self._waiting.clear()

    def _hand_back(self) -> None:
        if self._decoder and not self._grammar:
            self._engine.give_back(self._decoder)
            self._decoder = None

    def _outside_the_grammar(self, words: list[Word]) -> Recognition | None:
        """What was said instead of the grammar's words, None when they stand."""
        sound = bytes(self._utterance)
        if not sound or len(sound) > self._longest_bytes or not doubtful(words, self._grammar) or not self._decoder:
            return None
        _, score = self._decoder.scored(sound)
        free_speech = self._engine.borrow()
        text, free_score = free_speech.scored(sound)
        self._engine.give_back(free_speech)
        if not is_outside(free_score, score, len(sound) / (self._engine.rate_hz * 2)):
            return None
        return Recognition(text, is_final=True)

    def _use_next_grammar(self) -> None:
        if self._next_grammar != self._grammar:
            self._grammar = self._next_grammar
            self._decoder = self._engine.decoder(self._grammar) if self._grammar else None


def _recognition(words: list[Word], *, is_final: bool) -> Recognition:
    """Markers are no words, but sound that was not understood: they lower the confidence."""
    said = tuple(word for word in words if not is_marker(word.text))
    confidence = round(sum(word.confidence for word in said) / len(words), 3) if said else None
    return Recognition(" ".join(word.text for word in said), is_final, confidence, said)
