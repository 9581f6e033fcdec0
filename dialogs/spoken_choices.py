"""Yes and no, "the second one", commands: short answers recognised from each language's word lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dialogs.languages import Language, language
from dialogs.normalizing import contains, normalise, without

SHORT_WORDS = 6
"""Longer utterances say more than yes or no: they are asked again instead of guessed at."""


_LONGEST_CORRECTION = 6
"""Words of the phrase that a correction begins with."""


def hear_yes_no(text: str, code: str, only: bool) -> bool | None:
    """True for a yes, False for a no, None when neither or both are said.

    only: nothing else may be said ("sì, grazie" is a yes; "sì, vorrei un reso" is not). Otherwise the utterance must
    begin with it, so that "no, quattro sette uno" is a no.
    """
    words = language(code)
    said = normalise(text)
    for candidate in (said, without(said, words.fillers, words.spaces)):
        answer = _yes_no(candidate if words.spaces else candidate.replace(" ", ""), words, only)
        if answer is not None:
            return answer
    return None


def _yes_no(text: str, words: Language, only: bool) -> bool | None:
    first: bool | None = None
    while text:
        found = _leading(text, words.yes, words.no, words.spaces)
        if found is None:
            return None if only else first
        said, text = found
        if first is not None and said != first:
            return None
        first = said
    return first


def hear_yes_no_within(text: str, code: str) -> bool | None:
    """The yes or no in a short utterance that means nothing else: one that it begins with, or a phrase in it.

    For what was not understood as a whole; None when it is longer than `SHORT_WORDS`, or says both.
    """
    words = language(code)
    said = normalise(text)
    if len(said.split()) > SHORT_WORDS:
        return None
    leading = hear_yes_no(text, code, only=False)
    if leading is not None:
        return leading
    yes, no = (
        any(" " in phrase and contains(said, phrase, words.spaces) for phrase in phrases)
        for phrases in (words.yes, words.no)
    )
    return yes if yes != no else None


def hear_closing(text: str, code: str) -> bool:
    """Whether the caller only thanks or says goodbye: nothing else is wanted."""
    words = language(code)
    said = normalise(text)
    return bool(said) and not without(said, words.closing, words.spaces)


def _leading(text: str, yes: Sequence[str], no: Sequence[str], spaces: bool) -> tuple[bool, str] | None:
    """The longest yes or no that `text` begins with, and what follows it."""
    best: tuple[int, bool] | None = None
    for phrases, meaning in ((yes, True), (no, False)):
        for phrase in phrases:
            plain = phrase if spaces else phrase.replace(" ", "")
            leads = text == plain or text.startswith(plain + (" " if spaces else ""))
            if leads and (best is None or len(plain) > best[0]):
                best = (len(plain), meaning)
    return None if best is None else (best[1], text[best[0] :].strip())


def hear_command(text: str, code: str, has: Callable[[str], bool] = lambda name: True) -> str | None:
    """One of 'operator', 'repeat', 'cancel', 'correct' and 'opt_out' when the caller asked for it, else None.

    has: which of them there are.
    """
    words = language(code)
    said = normalise(text)
    bare = without(said, words.fillers, words.spaces)
    for name, phrases in words.commands.items():
        if not has(name):
            continue
        for candidate in (said, bare):
            whole = candidate if words.spaces else candidate.replace(" ", "")
            if whole and any(whole == (p if words.spaces else p.replace(" ", "")) for p in phrases.whole):
                return name
        if any(contains(said, phrase, words.spaces) for phrase in phrases.within):
            return name
    return None


def hear_machine(text: str, code: str) -> bool:
    """Whether an answering machine or the network speaks, not a person."""
    words = language(code)
    said = normalise(text)
    return any(contains(said, phrase, words.spaces) for phrase in words.machine)


def hear_correction(text: str, code: str) -> str | None:
    """What follows "no, volevo dire…", '' when nothing does; None when the caller corrects nothing."""
    words = language(code)
    tokens = text.split()
    said = [normalise(token) for token in tokens]
    for phrase in words.corrections:
        for size in range(1, min(len(tokens), _LONGEST_CORRECTION) + 1):
            begun = " ".join(filter(None, said[:size]))
            same = begun == phrase if words.spaces else begun.replace(" ", "") == phrase.replace(" ", "")
            if same:
                return " ".join(tokens[size:])
    return None


def hear_none_of_them(text: str, code: str) -> bool:
    """Whether every offered choice was refused."""
    words = language(code)
    bare = without(normalise(text), words.fillers, words.spaces)
    refused = [phrase if words.spaces else phrase.replace(" ", "") for phrase in words.none_of_them]
    return bare in refused or hear_yes_no(text, code, only=True) is False


def hear_ordinal(text: str, code: str, count: int) -> int | None:
    """Which of `count` choices was meant by its place ("la seconda", "numero due", "l'ultima"), from 0."""
    words = language(code)
    bare = without(normalise(text), words.fillers, words.spaces)
    if not words.spaces:
        bare = bare.replace(" ", "")
    for place, said in enumerate(words.ordinals[:count]):
        if any(bare == (phrase if words.spaces else phrase.replace(" ", "")) for phrase in said):
            return place
    if any(bare == phrase for phrase in words.last):
        return count - 1
    return None


def hear_named(text: str, code: str, names: Sequence[Sequence[str]]) -> int | None:
    """Which choice was named: names[i] are the ways to say choice i.

    A whole name within the utterance decides; else the choice that shares most words (by their first five letters)
    with it, when one alone does.
    """
    words = language(code)
    said = normalise(text)
    whole = [
        max((len(name) for name in map(normalise, ways) if name and contains(said, name, words.spaces)), default=0)
        for ways in names
    ]
    if max(whole, default=0) > 0:
        best = [place for place, length in enumerate(whole) if length == max(whole)]
        return best[0] if len(best) == 1 else None
    stems = {word[:5] for word in said.split() if len(word) > 3 or not words.spaces}
    shared = [len(stems & {w[:5] for way in ways for w in normalise(way).split()}) for ways in names]
    top = max(shared, default=0)
    best = [place for place, count in enumerate(shared) if count == top]
    return best[0] if top > 0 and len(best) == 1 else None
