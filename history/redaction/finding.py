"""Where identifiers stand in a conversation: every recogniser over every speaker's words, the surest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from history.redaction.codes import Spelled
from history.redaction.cues import cue_of
from history.redaction.dictated import KINDS, Found, Kind, card_codes_in, numbers_in, places
from history.redaction.emails import email_at, written
from history.redaction.runs import runs, said
from history.redaction.tokens import Token, Turn, streams

__all__ = ["KINDS", "Kind", "Span", "find"]

_KNOWN_PART = 5
"""Digits of an identifier that was found which are found again when somebody repeats them."""
_KNOWN_PART_WITHIN = 4
"""The same while another person dictates it."""


@dataclass(frozen=True)
class Span:
    """turn: its place among the turns. start, end: characters of its text. kind: what it is part of."""

    turn: int
    start: int
    end: int
    kind: Kind


def find(turns: Sequence[Turn]) -> list[Span]:
    """All identifiers, in order and without overlap; one that goes over several turns has a span in each."""
    spans: list[Span] = []
    all_streams = streams(turns)
    found = [_in_stream(tokens, turns) for tokens in all_streams]
    for tokens, there in zip(all_streams, found, strict=True):
        known = _known(all_streams, found, tokens)
        again = _repeated(tokens, turns, places(there), known) if known else []
        for one in [*there, *again]:
            spans.extend(_spans(tokens, one))
    return _merged(spans)


def _known(
    all_streams: Sequence[Sequence[Token]], found: Sequence[Sequence[Found]], mine: Sequence[Token]
) -> dict[str, range]:
    """The digits of what was found; of what somebody else dictates, the turns from its first to one behind its last."""
    known: dict[str, range] = {}
    for tokens, there in zip(all_streams, found, strict=True):
        for one in there:
            if len(one.digits) >= _KNOWN_PART:
                first, last = tokens[one.begin].turn, tokens[one.end - 1].turn + 2
                before = known.get(one.digits) or range(first, last)
                known[one.digits] = (
                    range(0) if tokens is mine else range(min(before.start, first), max(before.stop, last))
                )
    return known


def _in_stream(tokens: Sequence[Token], turns: Sequence[Turn]) -> list[Found]:
    found = _written_emails(tokens, turns)
    for recognise in (_spoken_emails, _codes, numbers_in, card_codes_in):
        found += recognise(tokens, turns, places(found))
    return found


def _written_emails(tokens: Sequence[Token], turns: Sequence[Turn]) -> list[Found]:
    found = []
    starts = {(token.turn, token.start): at for at, token in enumerate(tokens)}
    ends = {(token.turn, token.end): at + 1 for at, token in enumerate(tokens)}
    for turn in sorted({token.turn for token in tokens}):
        for start, end in written(turns[turn].text):
            begin, behind = starts.get((turn, start)), ends.get((turn, end))
            if begin is not None and behind is not None:
                found.append(Found(begin, behind, "email"))
    return found


def _spoken_emails(tokens: Sequence[Token], turns: Sequence[Turn], taken: set[int]) -> list[Found]:
    found = []
    for at in range(len(tokens)):
        if at not in taken and (span := email_at(tokens, at)) is not None and not taken & set(range(*span)):
            found.append(Found(*span, "email"))
    return found


def _codes(tokens: Sequence[Token], turns: Sequence[Turn], taken: set[int]) -> list[Found]:
    found: list[Found] = []
    spelled = Spelled(tokens)
    at = 0
    while at < len(tokens):
        one = None if at in taken or not tokens[at].is_word else _code(spelled, tokens, turns, at)
        if one is not None and not taken & set(range(one.begin, one.end)):
            found.append(one)
            at = one.end
        else:
            at += 1
    return found


def _code(spelled: Spelled, tokens: Sequence[Token], turns: Sequence[Turn], at: int) -> Found | None:
    kinds: tuple[tuple[Kind, Callable[[int], tuple[int | None, int | None]]], ...] = (
        ("codice_fiscale", spelled.fiscal_at),
        ("iban", spelled.iban_at),
    )
    for kind, ends_at in kinds:
        surely, perhaps = ends_at(at)
        if surely is None and perhaps is not None and cue_of(tokens, at, at + 1, set(), turns) == kind:
            surely = perhaps  # misheard, but it was asked for
        if surely is not None:
            return Found(at, surely, kind)
    return None


def _repeated(
    tokens: Sequence[Token], turns: Sequence[Turn], taken: set[int], known: Mapping[str, range]
) -> list[Found]:
    """Parts of an identifier that somebody, often the bot, says again. known: digits, and the turns of it."""
    found = []
    for run in runs(tokens, taken):
        if cue_of(tokens, run.begin, run.end, taken, turns) == "other":
            continue
        turn = tokens[run.begin].turn
        for digits in said(tokens, run.begin, run.end):
            whole = next((one for one in known if digits and digits in one), None)
            if whole and len(digits) >= (_KNOWN_PART_WITHIN if turn in known[whole] else _KNOWN_PART):
                found.append(Found(run.begin, run.end, "card" if len(whole) > 12 else "phone", digits))
                break
    return found


def _spans(tokens: Sequence[Token], one: Found) -> list[Span]:
    spans: dict[int, Span] = {}
    for token in tokens[one.begin : one.end]:
        before = spans.get(token.turn)
        spans[token.turn] = Span(token.turn, before.start if before else token.start, token.end, one.kind)
    return list(spans.values())


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(set(spans), key=lambda one: (one.turn, one.start, -one.end)):
        if merged and merged[-1].turn == span.turn and span.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Span(last.turn, last.start, max(last.end, span.end), last.kind)
        else:
            merged.append(span)
    return merged
