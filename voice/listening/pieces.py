"""Words that a model writes in pieces: Korean ones carry endings, of which no vocabulary has all.

The pieces ("맞 아요" of "맞아요") sound like the word, so a grammar may hold them in its place, and where the dialog
compares without spaces they are read as the word. Other scripts are left alone: a word missing there is missing.
"""

from __future__ import annotations

from collections.abc import Callable

_MOST_PIECES = 4


def in_pieces(word: str, knows: Callable[[str], bool]) -> tuple[str, ...]:
    """`word` in as few words of the vocabulary as it takes; () when it cannot be written so, or is not Korean."""
    if knows(word):
        return (word,)
    if not word or not all("가" <= letter <= "힣" for letter in word):
        return ()
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(word) + 1):
        ways = [
            (*best[start], word[start:end])
            for start in range(end)
            if len(best.get(start, ("",) * _MOST_PIECES)) < _MOST_PIECES and knows(word[start:end])
        ]
        if ways:
            best[end] = min(ways, key=len)
    return best.get(len(word), ())
