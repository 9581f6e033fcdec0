"""The words a line's recognizer should expect, collected from the sample bookshop."""

from __future__ import annotations

from pathlib import Path

import pytest

import samples
from dialogs.hinting import vocabulary
from dialogs.loading import load_flowbook
from knowledge import KnowledgeBase

BOOKSHOP = Path(samples.__file__).parent / "bookshop"


@pytest.mark.parametrize(
    ("code", "phrase", "word"),
    [
        ("it", "quanto costa la spedizione", "quattordici"),
        ("en", "where is my order", "fourteen"),
        ("ko", "배송비", "상담원"),
    ],
)
def test_phrasings_intents_and_the_dialogs_own_words(code: str, phrase: str, word: str) -> None:
    found = vocabulary(
        load_flowbook(BOOKSHOP / "flowbook.yaml"), KnowledgeBase.load(BOOKSHOP / "articles", embedder=None), code
    )
    assert phrase in found.phrases
    assert any(word in text for text in found.texts)
    assert all(isinstance(text, str) and text for text in (*found.phrases, *found.texts))
