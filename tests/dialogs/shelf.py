"""A search for tests: two articles, and what parks."""

from __future__ import annotations

from dialogs.events import Candidate, LookedUp, Lookup
from tests.dialogs.conversation import article


class Shelf:
    """Finds the articles whose names are said, the intent "parking" in what speaks of a car, "order" in "ordine"."""

    def lookup(self, action: Lookup, at_ms: int) -> LookedUp:
        found = tuple(one for one in (self.known(word, "") for word in action.text.split()) if one)
        meant = {"macchina": "parking", "ordine": "order"}
        intents = tuple((meant[word], 0.9) for word in action.text.split() if meant.get(word) in action.intents)
        return LookedUp(at_ms, action.text, "answer" if found else "reject", found, intents)

    def known(self, name: str, language: str) -> Candidate | None:
        return article(name) if name in ("resi", "orari") else None
