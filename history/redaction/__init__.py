"""Personal identifiers found and taken out of conversations, before they are indexed or leave.

Cards, IBANs, codici fiscali, telephone numbers, e-mail addresses; written, or said digit by digit and letter by
letter, in Italian and English, over several turns. Pure and deterministic; what it finds and misses is measured by
`centralino eval redaction` (docs/privacy.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from history.redaction.finding import KINDS, Kind, Span, find
from history.redaction.tokens import Turn

__all__ = ["KINDS", "Kind", "Redacted", "Span", "Turn", "find", "redact_text", "redact_turns"]


@dataclass(frozen=True)
class Redacted:
    """texts: the turns with `[card]`, `[iban]`, `[codice_fiscale]`, `[phone]`, `[email]`, `[card_code]` in place of
    what was found. spans: where it stood in the originals."""

    texts: tuple[str, ...]
    spans: tuple[Span, ...]


def redact_turns(turns: Sequence[Turn | tuple[str, str]]) -> Redacted:
    """A conversation without its identifiers. turns: `Turn(speaker, text)` or such pairs, in the order they were said.

    Give the whole conversation at once: a number may begin in one turn and end three turns later, and what the bot
    asked tells an order number from a telephone number. texts[i] belongs to turns[i]. Never raises for any text; some
    20,000 words a second.
    """
    said = [turn if isinstance(turn, Turn) else Turn(*turn) for turn in turns]
    spans = find(said)
    texts = [turn.text for turn in said]
    for span in reversed(spans):
        text = texts[span.turn]
        texts[span.turn] = f"{text[: span.start]}[{span.kind}]{text[span.end :]}"
    return Redacted(tuple(texts), tuple(spans))


def redact_text(text: str) -> str:
    """One text on its own (a message, a subject)."""
    return redact_turns([Turn("", text)]).texts[0]
