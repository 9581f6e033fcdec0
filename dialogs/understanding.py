"""Words in, meaning out: carries out `Lookup` actions with the flowbook's intents and the company's knowledge."""

from __future__ import annotations

from dialogs.events import Candidate, LookedUp, Lookup
from dialogs.flowbook import Flowbook
from knowledge import KnowledgeBase, PhraseIndex, shared_embedder


class Understanding:
    """Finds intents and articles for what a caller said. Built once for each flowbook; reading it is thread-safe.

    `lookup` computes for a few milliseconds: a call runs it in a thread. What the result means is decided by the
    engine (`dialogs.deciding`).
    """

    def __init__(self, book: Flowbook, kb: KnowledgeBase) -> None:
        self._kb = kb
        embedder = shared_embedder() if kb.mode == "spelling and meaning" else None
        self._intents = PhraseIndex(book.intents, embedder, outside=kb.phrasings())

    def lookup(self, action: Lookup, at_ms: int) -> LookedUp:
        """The answer to `action`: the intents it allows, best first, and at most three articles with their band."""
        allowed = set(action.intents)
        ranked = self._intents.rank(action.text, action.language) if allowed else ()
        intents = tuple((name, score) for name, score in ranked if name in allowed)
        if not action.articles:
            return LookedUp(at_ms, action.text, "reject", intents=intents)
        found = self._kb.search(action.text, action.language, limit=3)
        candidates = tuple(
            Candidate(hit.article, str(hit.version), hit.title, hit.spoken, hit.score, hit.sensitive, hit.queue or "")
            for hit in found.candidates
        )
        return LookedUp(at_ms, action.text, found.band, candidates, intents)
