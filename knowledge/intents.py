"""What a caller wants to do: the model of a flowbook's intents, learned from their phrasings.

Word and letter TF-IDF in one linear head, sentence embeddings in another, the mean of both log chances, and a learned
rejector for what is none of them (docs/understanding.md). It is trained when a flowbook is published or first loaded,
from the text alone, and kept as plain arrays and JSON (`knowledge.intent_store`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from knowledge.confusions import Confusion, confusions
from knowledge.embedding import Embedder, EmbedderUnavailable
from knowledge.heads import Head
from knowledge.heard import Unsure, readings
from knowledge.phrases import WORD_FOR_WORD, Ranking, generic_outside, grouped
from knowledge.rejecting import Evidence, Rejector, within
from knowledge.spelling import Spelling
from knowledge.training import Heads, LeftOut, Lesson, Memory, learn
from knowledge.wording import essence

OUTSIDE_SHARE = 0.25
"""Of callers' sentences, those that are no intent of the flowbook: an assumption, not a measurement."""
MOST_OUTSIDE = 3000
"""Lines outside that are learned from, evenly picked."""

Phrasings = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class IntentModel:
    """Names what a caller wants, or nothing. Immutable; reading it is thread-safe. Built by `train` or `from_parts`.

    embedder: '' when it was trained by spelling alone. confusions: pairs of intents that were taken for each other.
    """

    names: tuple[str, ...]
    texts: Mapping[str, str]
    """Phrasings as they are compared, with their intents: said word for word, they are sure."""
    outside: frozenset[str]
    heads: Heads | None
    rejector: Rejector | None
    embedder: str
    confusions: tuple[Confusion, ...] = ()
    _encoder: Embedder | None = field(default=None, repr=False, compare=False)

    @classmethod
    def train(
        cls, phrasings: Phrasings, embedder: Embedder | None, outside: Mapping[str, Sequence[str]] | None = None
    ) -> IntentModel:
        """phrasings: name → language → how callers say it. outside: language → lines that are none of them, besides the
        generic ones (for a company: the phrasings of its articles).

        The same content gives the same model, whatever its order. Raises ValueError when two intents share a phrasing
        or one is empty. Takes seconds of CPU (150 intents: docs/understanding.md), so not on the event loop.
        """
        in_order = {name: phrasings[name] for name in sorted(phrasings)}
        texts, starts, names, owner = grouped(in_order)
        strangers: dict[str, None] = {}
        for language, lines in [*generic_outside().items(), *(outside or {}).items()]:
            strangers |= {line: None for one in lines if (line := essence(one, language)) and line not in owner}
        if not names:
            return cls((), {}, frozenset(strangers), None, None, "")
        learned = sorted(strangers)
        learned = learned[:: 1 + len(learned) // MOST_OUTSIDE]
        groups = np.repeat(np.arange(len(names)), np.diff([*starts, len(texts)]))
        order = sorted(range(len(texts)), key=lambda row: (groups[row], texts[row]))
        sentences = [*(texts[row] for row in order), *learned]
        classes = np.r_[groups[order], np.full(len(learned), len(names))].astype(np.intp)
        with threadpool_limits(1):  # several threads add in another order each time
            lesson = Lesson.read(sentences, classes, len(names), embedder)
            heads, left_out = learn(lesson)
        rejector = _rejector(left_out, classes, len(names), embedder is not None)
        confused = () if left_out is None else confusions(left_out, lesson, names)
        name = "" if embedder is None else embedder.name
        return cls(tuple(names), owner, frozenset(strangers), heads, rejector, name, confused, embedder)

    # ------------------------------------------------------------------------------------------------------ reading
    def rank(self, text: str, language: str, unsure: Unsure = ()) -> Ranking:
        """Every intent with the probability 0..1 that it is what the caller wants, best first; together they are at
        most 1, and the rest is the chance that it is none. unsure: words that the recognizer doubted, which count less
        (`knowledge.heard`). Empty when `text` has no word or is an everyday line.
        """
        asked = essence(text, language)
        if not asked or not self.names or (asked in self.outside and asked not in self.texts):
            return ()
        texts, shares = zip(*readings(asked, unsure), strict=True)
        scores = self.scores(texts)
        scores = scores[0] if len(texts) == 1 else np.asarray(shares) @ scores
        if asked in self.texts:
            said = self.names.index(self.texts[asked])
            rest = 1 - scores[said]
            scores *= (1 - WORD_FOR_WORD) / rest if rest > 1 - WORD_FOR_WORD else 1
            scores[said] = max(scores[said], WORD_FOR_WORD)
        ranked = np.argsort(-scores, kind="stable")
        return tuple((self.names[place], round(float(scores[place]), 4)) for place in ranked)

    def scores(self, sentences: Sequence[str]) -> NDArray[np.float64]:
        """As `rank`, for levelled sentences: one row each, one column for each of `names`."""
        accepted, chances = self.look(sentences)
        return accepted[:, None] * chances

    def look(self, sentences: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The probability that each sentence is one of the intents, and those of each intent if it is."""
        assert self.rejector is not None
        seen = self.evidence(sentences)
        chances = np.exp(within(seen.both, len(self.names)).astype(np.float64))
        return self.rejector.accepts(seen.signs(len(self.names))), chances

    def evidence(self, sentences: Sequence[str]) -> Evidence:
        """What is to be seen in levelled sentences. The model must have intents."""
        assert self.heads is not None
        try:
            vectors = None if self._encoder is None else self._encoder.encode(sentences)
        except EmbedderUnavailable:
            vectors = None  # told by the search, which asks for the same
        return self.heads.look(sentences, vectors)

    # ------------------------------------------------------------------------------------------------------ keeping
    def to_parts(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Plain values for JSON, and arrays: all of the model but its encoder."""
        values: dict[str, Any] = {
            "names": self.names,
            "texts": dict(self.texts),
            "outside": sorted(self.outside),
            "embedder": self.embedder,
            "confusions": [vars(one) for one in self.confusions],
        }
        if self.heads is None or self.rejector is None:
            return values, {}
        values |= {"rejector": self.rejector.to_json(), "sharpness": self.heads.sharpness}
        arrays = {**self.heads.spelling.to_arrays(), **self.heads.spelled.to_arrays("spelled")}
        if self.heads.meant is not None and self.heads.memory is not None:
            memory = self.heads.memory
            arrays |= self.heads.meant.to_arrays("meant")
            arrays |= {"vectors": memory.vectors.astype(np.float16), "starts": memory.starts}
        return values, arrays

    @classmethod
    def from_parts(
        cls, values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], embedder: Embedder | None
    ) -> IntentModel:
        """The model as it was trained. Raises KeyError when something is missing, ValueError when `embedder` is not the
        one it was trained with."""
        if values["embedder"] != ("" if embedder is None or not values["names"] else embedder.name):
            raise ValueError(f"trained with embedder {values['embedder'] or 'none'!r}, which is not the one in use")
        names = tuple(values["names"])
        heads = rejector = None
        if names:
            meant = memory = None
            if values["embedder"]:
                meant = Head.from_arrays("meant", arrays)
                memory = Memory.from_vectors(arrays["vectors"], arrays["starts"], len(names))
            spelled = Head.from_arrays("spelled", arrays)
            heads = Heads(Spelling.from_arrays(arrays), spelled, meant, memory, float(values["sharpness"]))
            rejector = Rejector.from_json(values["rejector"])
        confused = tuple(Confusion(**one) for one in values["confusions"])
        outside = frozenset(values["outside"])
        encoder = embedder if values["embedder"] else None
        return cls(names, values["texts"], outside, heads, rejector, values["embedder"], confused, encoder)


def _rejector(left_out: LeftOut | None, classes: NDArray[np.intp], intents: int, meaning: bool) -> Rejector:
    if left_out is None:
        return Rejector.unfitted(meaning)
    signs = left_out.evidence.signs(intents)
    is_outside = classes[left_out.rows] == intents
    return Rejector.fit(signs[~is_outside], signs[is_outside], OUTSIDE_SHARE)
