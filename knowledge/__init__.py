"""What the company knows: articles and the search over them."""

from knowledge.article_files import load_articles
from knowledge.articles import Article, ArticlesUnreadable
from knowledge.calibration import Bands, Risk
from knowledge.confusions import Confusion
from knowledge.embedding import Embedder, shared_embedder
from knowledge.intent_store import IntentStore, trained
from knowledge.intents import IntentModel
from knowledge.phrases import Band, PhraseIndex, Ranking
from knowledge.search import Found, Hit, KnowledgeBase

__all__ = [
    "Article",
    "ArticlesUnreadable",
    "Band",
    "Bands",
    "Confusion",
    "Embedder",
    "Found",
    "Hit",
    "IntentModel",
    "IntentStore",
    "KnowledgeBase",
    "PhraseIndex",
    "Ranking",
    "Risk",
    "load_articles",
    "shared_embedder",
    "trained",
]
