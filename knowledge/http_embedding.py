"""An encoder behind HTTP, in the format of OpenAI's `POST /embeddings`, which many servers of models speak.

What callers say leaves this machine for that server: its address says where to. It is asked while a caller waits, so it
has little time, and the search goes on by spelling alone when it does not answer (`EmbedderUnavailable`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import httpx
import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import EmbedderUnavailable

Vectors = NDArray[np.float32]

MOST_TEXTS = 128
"""In one request."""
LONGEST_TEXT = 2000
"""Characters of a text that are sent."""
LARGEST_ANSWER = 32 * 2**20
MOST_DIMENSIONS = 8192
_KEPT = 256


class HttpEmbedder:
    """url: up to, not including, `/embeddings`. model: as that server calls it. key: '' for none; it is in no error.

    timeout_s: for a question; many texts at once (when a company is loaded) have ten times as long. Thread-safe.
    """

    def __init__(self, url: str, model: str, key: str = "", timeout_s: float = 1.0) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, follow_redirects=False)
        self._url, self._model, self._timeout_s = f"{url.rstrip('/')}/embeddings", model, timeout_s
        self.name = f"http-{model}"
        self._encode_one = lru_cache(_KEPT)(lambda text: self._asked([text], self._timeout_s))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Raises EmbedderUnavailable saying what was wrong with the server's answer."""
        if len(texts) == 1:
            return self._encode_one(texts[0])
        parts = [texts[at : at + MOST_TEXTS] for at in range(0, len(texts), MOST_TEXTS)]
        vectors = [self._asked(part, 10 * self._timeout_s) for part in parts]
        if len({one.shape[1] for one in vectors}) > 1:
            raise self._fault("it gives vectors of different lengths")
        return np.concatenate(vectors)

    def _asked(self, texts: Sequence[str], timeout_s: float) -> Vectors:
        body = {"model": self._model, "input": [text[:LONGEST_TEXT] for text in texts], "encoding_format": "float"}
        answer = bytearray()
        try:
            with self._client.stream("POST", self._url, json=body, timeout=timeout_s) as response:
                if response.status_code != 200:
                    raise self._fault(f"it answers {response.status_code}")
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > LARGEST_ANSWER:
                        raise self._fault(f"its answer is larger than {LARGEST_ANSWER >> 20} MB")
            told = httpx.Response(200, content=bytes(answer)).json()
            rows = sorted(told["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except httpx.HTTPError as error:
            raise self._fault(type(error).__name__) from None
        except (ValueError, TypeError, KeyError):
            raise self._fault("its answer is not that of an embeddings API") from None
        right = vectors.ndim == 2 and len(vectors) == len(texts) and 0 < vectors.shape[1] <= MOST_DIMENSIONS
        if not right or not np.isfinite(vectors).all():
            raise self._fault(f"its answer is not {len(texts)} vectors")
        lengths: Vectors = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors / lengths

    def _fault(self, what: str) -> EmbedderUnavailable:
        return EmbedderUnavailable(f"embeddings from {self._url}: {what}")
