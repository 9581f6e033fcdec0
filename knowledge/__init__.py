"""What the company knows: articles and the search over them."""

from knowledge.articles import Article, ArticlesUnreadable, load_articles
from knowledge.calibration import Bands, Risk
from knowledge.embedding import Embedder, shared_embedder
from knowledge.phrases import Band, PhraseIndex, Ranking
from knowledge.search import Found, Hit, KnowledgeBase

__all__ = [
    "Article",
    "ArticlesUnreadable",
    "Band",
    "Bands",
    "Embedder",
    "Found",
    "Hit",
    "KnowledgeBase",
    "PhraseIndex",
    "Ranking",
    "Risk",
    "load_articles",
    "shared_embedder",
]
