"""Words in, meaning out: carries out `Lookup` actions with the flowbook's intents and the company's knowledge."""

from __future__ import annotations

from dialogs.events import Candidate, LookedUp, Lookup
from dialogs.flowbook import Flowbook
from knowledge import Confusion, IntentStore, KnowledgeBase, shared_embedder, trained


class Understanding:
    """Finds intents and articles for what a caller said. Built once for each flowbook; reading it is thread-safe.

    store: where models of intents are kept, so that none is trained twice; what is not there is trained now, which
    takes seconds. `lookup` computes for a few milliseconds: a call runs it in a thread. What the result means is
    decided by the engine (`dialogs.deciding`).
    """

    def __init__(self, book: Flowbook, kb: KnowledgeBase, store: IntentStore | None = None) -> None:
        self._kb = kb
        embedder = shared_embedder() if kb.mode == "spelling and meaning" else None
        self._intents = trained(book.intents, embedder, kb.phrasings(), store)

    @property
    def confusions(self) -> tuple[Confusion, ...]:
        """Intents of the flowbook whose phrasings are taken for another one's, as training found them."""
        return self._intents.confusions

    def lookup(self, action: Lookup, at_ms: int) -> LookedUp:
        """The answer to `action`: the intents it allows, best first, and at most three articles with their band."""
        allowed = set(action.intents)
        ranked = self._intents.rank(action.text, action.language, action.unsure) if allowed else ()
        intents = tuple((name, score) for name, score in ranked if name in allowed)
        if not action.articles:
            return LookedUp(at_ms, action.text, "reject", intents=intents)
        found = self._kb.search(action.text, action.language, limit=3, unsure=action.unsure)
        candidates = tuple(
            Candidate(
                hit.article, str(hit.version), hit.title, hit.spoken, hit.score, hit.sensitive, hit.queue or "",
                hit.more, hit.link,
            )
            for hit in found.candidates
        )  # fmt: skip
        return LookedUp(at_ms, action.text, found.band, candidates, intents)

    def known(self, article: str, language: str) -> Candidate | None:
        """The article of that id as a sure answer, for tests; None when there is none, or not in this language."""
        one = self._kb.get(article)
        if one is None or language not in one.spoken:
            return None
        title, spoken = one.title[language], one.spoken[language]
        more, link = one.more.get(language, ""), one.link.get(language, "")
        return Candidate(one.id, one.version, title, spoken, 1.0, one.sensitive, one.queue, more, link)
