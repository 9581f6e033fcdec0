from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import KnowledgeBase

BOOKSHOP = Path(__file__).parents[2] / "samples" / "bookshop" / "articles"


@pytest.fixture(scope="session")
def bookshop() -> KnowledgeBase:
    """The sample company, with the real encoder."""
    return KnowledgeBase.load(BOOKSHOP)


@pytest.fixture(scope="session")
def bookshop_by_spelling() -> KnowledgeBase:
    return KnowledgeBase.load(BOOKSHOP, embedder=None)
