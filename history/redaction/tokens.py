"""The words and signs of a conversation with where they stand, one stream for each speaker."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_TOKEN = re.compile(r"[^\W\d_]+['’](?=\w)|[^\W\d_]+|\d+|\S")


@dataclass(frozen=True)
class Turn:
    """What one speaker ('caller', 'bot', 'operator'…) said or wrote at once."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Token:
    """turn: its place among the turns. start, end: in the turn's text. word: lower case without accents."""

    turn: int
    start: int
    end: int
    text: str
    word: str

    @property
    def is_number(self) -> bool:
        return self.text[0].isdecimal()

    @property
    def is_word(self) -> bool:
        """A whole word; an elided article ("l'") is none."""
        return self.text[-1].isalpha()


def bare(word: str) -> str:
    """Lower case, without accents."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


def tokens_of(place: int, text: str) -> list[Token]:
    """The tokens of one turn."""
    return [Token(place, m.start(), m.end(), m[0], bare(m[0])) for m in _TOKEN.finditer(text)]


class Stream(list[Token]):
    """One speaker's tokens. memo: what was read at a place already, see `remembered`."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        super().__init__(tokens)
        self.memo: dict[tuple[object, ...], object] = {}


def remembered(read: Callable[Concatenate[Sequence[Token], P], T]) -> Callable[Concatenate[Sequence[Token], P], T]:
    """Each place of a stream is read once, however many numbers are tried there. Keep what it gives unchanged."""

    @wraps(read)
    def look(tokens: Sequence[Token], *args: P.args, **kwargs: P.kwargs) -> T:
        if not isinstance(tokens, Stream):
            return read(tokens, *args, **kwargs)
        key = (read, *args)
        if key not in tokens.memo:
            tokens.memo[key] = read(tokens, *args, **kwargs)
        return cast(T, tokens.memo[key])

    return look  # type: ignore[return-value]  # its first parameter has no name there


def streams(turns: Sequence[Turn]) -> list[Stream]:
    """The tokens of each speaker, in order: an identifier goes on where its speaker goes on."""
    by_speaker: dict[str, Stream] = {}
    for place, turn in enumerate(turns):
        by_speaker.setdefault(turn.speaker, Stream(())).extend(tokens_of(place, turn.text))
    return list(by_speaker.values())
