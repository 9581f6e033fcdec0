"""Words that a model writes in pieces: Korean ones carry endings, of which no vocabulary has all.

The pieces ("그만 하세요" of "그만하세요") sound like the word, so a grammar may hold them in its place, and
where the dialog compares without spaces they are read as the word. Other scripts are left alone: a word missing there
is missing.

Pieces of one syllable are not used: a grammar puts its words together as it likes, and with 요, 과 and 취 among them
anything can be made of anything. docs/recognition.md has what they cost.
"""

from __future__ import annotations

from collections.abc import Callable

_MOST_PIECES = 4
_FEWEST_SYLLABLES = 2


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
            for start in range(end - _FEWEST_SYLLABLES + 1)
            if len(best.get(start, ("",) * _MOST_PIECES)) < _MOST_PIECES and knows(word[start:end])
        ]
        if ways:
            best[end] = min(ways, key=len)
    return best.get(len(word), ())
