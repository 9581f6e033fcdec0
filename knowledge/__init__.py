"""What the company knows: articles and the search over them."""

from knowledge.embedding import Embedder, shared_embedder
from knowledge.phrases import Band, PhraseIndex, Ranking

__all__ = ["Band", "Embedder", "PhraseIndex", "Ranking", "shared_embedder"]
