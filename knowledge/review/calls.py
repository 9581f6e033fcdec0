"""What the review needs to know of a call; whoever keeps the calls' history tells it in these words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Asked:
    """A question was looked up. band, candidates: what the search made of it, best first. follows_no: the caller began
    with a no, or with "I meant"."""

    at_ms: int
    text: str
    band: str
    candidates: tuple[str, ...] = ()
    follows_no: bool = False


@dataclass(frozen=True)
class Answered:
    """The bot gave this article."""

    at_ms: int
    article: str


@dataclass(frozen=True)
class NotUnderstood:
    """Nothing fitted what the caller said."""

    at_ms: int
    text: str


@dataclass(frozen=True)
class Declined:
    """ "Did you mean …?": none of these articles."""

    at_ms: int
    articles: tuple[str, ...]


@dataclass(frozen=True)
class WentOn:
    """The caller did something else than to ask on: began a task, gave a value."""

    at_ms: int


@dataclass(frozen=True)
class HandedOver:
    """The call was passed to people."""

    at_ms: int


@dataclass(frozen=True)
class OperatorSaid:
    at_ms: int
    text: str


Happened = Asked | Answered | NotUnderstood | Declined | WentOn | HandedOver | OperatorSaid


@dataclass(frozen=True)
class Call:
    """caller: what tells callers apart, '' when it is not known. happened: in order."""

    id: str
    started_at: datetime
    language: str
    caller: str
    duration_ms: int
    happened: tuple[Happened, ...]
