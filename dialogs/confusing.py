"""Intents that are taken for each other: callers who want the one are led to the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dialogs.flowbook import Flowbook
from dialogs.normalizing import normalise
from dialogs.problems import Problem
from knowledge import Confusion

_CLOSE = 0.5
"""Cosine likeness below which two phrasings are not confused, whatever else there is."""
_CLOSER = 0.05
"""How much closer the other intent is before it is told."""
_WORTH_TELLING = 0.15
"""Share of an intent's phrasings that training takes for another one's, below which it is chance."""


def lint_phrasings(book: Flowbook) -> Iterator[Problem]:
    """One warning for each such phrasing. Spelling only, so that it takes milliseconds; the same phrasing in two
    intents is always told."""
    for code in book.codes:
        said = [
            (name, index, phrasing)
            for name, phrasings in book.intents.items()
            for index, phrasing in enumerate(phrasings.get(code, ()))
        ]
        if len({name for name, _, _ in said}) > 1:
            yield from _confused(code, said)


def _confused(code: str, said: list[tuple[str, int, str]]) -> Iterator[Problem]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # a second, which only a check needs

    likeness = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    rows = likeness.fit_transform([normalise(phrasing) for _, _, phrasing in said])
    alike = (rows @ rows.T).toarray()
    for place, (name, index, phrasing) in enumerate(said):
        own = max((alike[place][n] for n, (o, _, _) in enumerate(said) if o == name and n != place), default=0.0)
        other = max((n for n, (o, _, _) in enumerate(said) if o != name), key=lambda n: alike[place][n])
        if alike[place][other] >= _CLOSE and alike[place][other] > own + _CLOSER:
            theirs, _, their_words = said[other]
            why = f"{phrasing!r} is closer to intent {theirs!r} ({their_words!r}) than to its own"
            yield Problem(("intents", name, code, index), why, is_warning=True, rule="confusable-intents")


def lint_confusions(book: Flowbook, learned: Sequence[Confusion]) -> Iterator[Problem]:
    """One warning for each pair of intents that training could not tell apart, with phrasings that went astray."""
    for one in learned:
        if one.count < _WORTH_TELLING * one.asked or one.intent not in book.intents:
            continue
        said = ", ".join(map(repr, one.examples))
        untitled = [name for name in (one.intent, one.taken_for) if name not in book.intent_titles]
        advice = f"; with intent_titles for {' and '.join(untitled)} callers can be asked" if untitled else ""
        why = f"{one.count} of {one.asked} phrasings that training left out were taken for {one.taken_for!r}: {said}"
        yield Problem(("intents", one.intent), why + advice, is_warning=True, rule="confused-intents")
