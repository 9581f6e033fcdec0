"""Names a short utterance by the phrasings it is most like: the ranking behind articles and intents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from ruamel.yaml import YAML

from knowledge.calibration import Bands, Calibration, Risk, fit
from knowledge.embedding import Embedder
from knowledge.heard import Unsure, readings
from knowledge.likeness import Likeness
from knowledge.wording import essence

Band = Literal["answer", "choose", "reject"]
Mode = Literal["spelling and meaning", "spelling"]
Ranking = tuple[tuple[str, float], ...]
WORD_FOR_WORD = 0.99
"""Least score of a name when the question is one of its phrasings: whoever wrote it there meant it."""
OUTSIDE_AT_MOST = 0.9
"""Most that a doubtful question scores that is more like a line outside than like any name, in parts of the least score
that is offered: it is rejected. On development data this withdrew one right offer in a hundred, and up to a third
of the offers made to questions outside."""
MOST_LEARNED = 2000
"""Phrasings asked when fitting, evenly picked: more change nothing but the time it takes."""


class PhraseIndex:
    """An index of names, each with phrasings in one or more languages; a question may match any, in any language.

    phrases: name → language → phrasings. embedder: None compares by spelling only. outside: language → lines that
    belong to no name, learned as such besides the generic ones we ship (for intents: the phrasings of the articles).
    Raises ValueError when two names share a phrasing or a phrasing is empty. Reading it is thread-safe.
    """

    def __init__(
        self,
        phrases: Mapping[str, Mapping[str, Sequence[str]]],
        embedder: Embedder | None,
        outside: Mapping[str, Sequence[str]] | None = None,
        risk: Risk | None = None,
    ) -> None:
        self.mode: Mode = "spelling" if embedder is None else "spelling and meaning"
        texts, starts, names, self._owner = grouped(phrases)
        self.names: tuple[str, ...] = tuple(names)
        self._outside: dict[str, None] = {}
        self.calibration: Calibration | None = None
        self.bands = Bands(1.0, 1.0)
        if not texts:
            return
        for language, lines in [*generic_outside().items(), *(outside or {}).items()]:
            self._outside |= {essence(line, language): None for line in lines}
        strangers = [line for line in self._outside if line not in self._owner]
        self._likeness = Likeness(texts, starts, strangers, embedder)
        groups = self._likeness.groups
        learned = [row for row, size in enumerate(np.bincount(groups)[groups]) if size > 1 and row < len(texts)]
        learned = learned[:: 1 + len(learned) // MOST_LEARNED]
        strangers = strangers[:: 1 + len(strangers) // MOST_LEARNED]
        near = self._likeness.of([texts[row] for row in learned], left_out=learned)[:, :-1]
        far = self._likeness.of(strangers)[:, :-1]
        self.calibration = fit(near, groups[learned], far, risk or Risk())
        self.bands = self.calibration.bands

    def rank(self, text: str, language: str, unsure: Unsure = ()) -> Ranking:
        """Every name with its score, best first; the score is the probability 0..1 that the name is what was meant.

        language: the caller's ('it', 'en-GB'); it decides which greetings and fillers are taken off. unsure: words
        that the recognizer doubted, which count less (`knowledge.heard`). Empty when `text` has no word, is word for
        word a line known to be outside ('non ho capito'), or the index has no name.
        """
        asked = essence(text, language)
        if not asked or self.calibration is None:
            return ()
        if asked in self._outside and asked not in self._owner:
            return ()
        texts, shares = zip(*readings(asked, unsure), strict=True)
        likeness = self._likeness.of(texts)
        likeness = likeness[0] if len(texts) == 1 else np.asarray(shares) @ likeness
        scores = self.calibration.scores(likeness[None, :-1])[0]
        if asked in self._owner:
            said = self.names.index(self._owner[asked])
            scores[said] = max(scores[said], WORD_FOR_WORD)
        ranked = np.argsort(-scores, kind="stable")
        if likeness[-1] > likeness[:-1].max() and scores[ranked[0]] < self.bands.answer:
            scores = np.minimum(scores, OUTSIDE_AT_MOST * self.bands.choose)
        return tuple((self.names[i], round(float(scores[i]), 4)) for i in ranked)

    def band(self, ranking: Ranking) -> Band:
        """What the best score allows: 'answer', 'choose' (ask 'did you mean') or 'reject'."""
        best = ranking[0][1] if ranking else 0.0
        return "answer" if best >= self.bands.answer else "choose" if best >= self.bands.choose else "reject"


def grouped(
    phrases: Mapping[str, Mapping[str, Sequence[str]]],
) -> tuple[list[str], list[int], list[str], dict[str, str]]:
    texts: list[str] = []
    starts: list[int] = []
    names: list[str] = []
    owner: dict[str, str] = {}
    for name, by_language in phrases.items():
        start = len(texts)
        for language, lines in by_language.items():
            for line in lines:
                text = essence(line, language)
                if not text:
                    raise ValueError(f"{name!r}: the phrasing {line!r} ({language}) has no word")
                if owner.setdefault(text, name) != name:
                    raise ValueError(
                        f"{name!r} and {owner[text]!r} share the phrasing {line!r} ({language}): "
                        "a caller who says it could mean either; give it to one of them"
                    )
                if text not in texts[start:]:
                    texts.append(text)
        if len(texts) > start:
            starts.append(start)
            names.append(name)
    return texts, starts, names, owner


@cache
def generic_outside() -> dict[str, list[str]]:
    """Language → everyday lines that hardly any company has an article for, written for this project (outside.yaml)."""
    data = YAML(typ="safe").load(files(__package__).joinpath("outside.yaml").read_text("utf-8"))
    return {str(language): [str(line) for line in lines] for language, lines in data.items()}
