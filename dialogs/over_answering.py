"""Several answers in one sentence: "domani alle otto per quattro persone" when only the day was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from dialogs.languages import language
from dialogs.normalizing import contains, normalise
from dialogs.slots import ChoiceSlot, DigitsSlot, NumberSlot, Slot, YesNoSlot
from dialogs.state import SlotValue
from dialogs.value_slots import DateSlot, TimeSlot

_MOST_WORDS = 40
"""Of an utterance that is looked through; a longer one tells a story."""
_LATE = (ChoiceSlot, DigitsSlot, NumberSlot)
"""Kinds that take any word or number: dates, times and the like are looked for before them, in this order."""
_IN_CLAUSES = (DateSlot, TimeSlot)
"""Kinds that would take a number of the next clause, too: "il tre dicembre alle 20:30" is not in 2030."""

Window = tuple[SlotValue, int, int]
"""A value, and the words that hold it: [start, end)."""


def also_said(text: str, slots: Mapping[str, Slot], day: date | None, code: str) -> tuple[dict[str, SlotValue], str]:
    """The values that were said for `slots`, none of which was asked for, and the words that are left.

    A value is taken only where its words leave no doubt (`Slot.is_clear`), or where the slot is named beside it.
    """
    tokens = text.split()
    found: dict[str, SlotValue] = {}
    if len(tokens) > _MOST_WORDS:
        return found, text
    in_turn = sorted(slots.items(), key=lambda pair: _turn_of(pair[1]))
    for name, slot in (*in_turn, *in_turn):  # what is left once another value was taken may be clear
        if name in found:
            continue
        window = _clear_window(tokens, slot, day, code)
        if window is not None:
            found[name], start, end = window
            tokens = tokens[:start] + tokens[end:]
    return found, " ".join(tokens)


def answer_in(text: str, slot: Slot, day: date | None, code: str) -> SlotValue | None:
    """The value of the slot that was asked for, in the one clause of a longer sentence that holds it clearly; None when
    the sentence is to be heard as a whole."""
    tokens = text.split()
    if not isinstance(slot, _IN_CLAUSES) or len(tokens) > _MOST_WORDS:
        return None
    window = _clear_window(tokens, slot, day, code)
    return None if window is None else window[0]


def rest_of(text: str, slot: Slot, value: SlotValue, day: date | None, code: str) -> str:
    """`text` without the words that hold the slot's value."""
    tokens = text.split()
    if len(tokens) > _MOST_WORDS:
        return ""
    for start, end in (*_clauses(tokens, code), (0, len(tokens))):
        window = _window(tokens, start, end, slot, day, code)
        if window is not None and window[0] == value:
            return " ".join(tokens[: window[1]] + tokens[window[2] :])
    return ""


def named_in(text: str, slots: Mapping[str, Slot], code: str) -> str:
    """The slot that the caller names ("ho sbagliato la data"), '' for none or several."""
    named = [name for name, slot in slots.items() if _named(slot, text, code)]
    return named[0] if len(named) == 1 else ""


def _named(slot: Slot, text: str, code: str) -> bool:
    said = normalise(text)
    return any(contains(said, normalise(way), language(code).spaces) for way in slot.named.get(code, ()))


def _turn_of(slot: Slot) -> int:
    return _LATE.index(type(slot)) + 1 if type(slot) in _LATE else 0


def _clauses(tokens: Sequence[str], code: str) -> Iterator[tuple[int, int]]:
    """Where a sentence may be cut between two answers: before "per", "alle", "il"; in Korean behind its particles."""
    words = language(code)
    start = 0
    for at, token in enumerate(tokens):
        said = normalise(token).split(" ")
        if at > start and said[0] in words.clause_starts:
            yield start, at
            start = at
        if any(said[-1].endswith(end) for end in words.clause_ends):
            yield start, at + 1
            start = at + 1
    if start < len(tokens):
        yield start, len(tokens)


def _clear_window(tokens: Sequence[str], slot: Slot, day: date | None, code: str) -> Window | None:
    """The first clause that clearly holds a value; kinds that clauses do not concern are looked for in all of it."""
    whole = (0, len(tokens))
    places = list(_clauses(tokens, code)) if isinstance(slot, (*_IN_CLAUSES, NumberSlot)) else [whole]
    named = not isinstance(slot, YesNoSlot) and _named(slot, " ".join(tokens), code)

    def clear(start: int, end: int) -> bool:
        before = normalise(tokens[start - 1]) if start else ""
        return named or slot.is_clear(" ".join(tokens[start:end]), before, code)

    for start, end in places:
        if clear(start, end) and (window := _window(tokens, start, end, slot, day, code, clear)) is not None:
            return window
    return None


def _window(
    tokens: Sequence[str],
    start: int,
    end: int,
    slot: Slot,
    day: date | None,
    code: str,
    still: Callable[[int, int], bool] = lambda start, end: True,
) -> Window | None:
    """The value that the words from start to end hold, and the fewest of them that still do."""

    def heard(start: int, end: int) -> SlotValue | None:
        return slot.hear_on(day, " ".join(tokens[start:end]), "", code).value

    value = heard(start, end) if end > start else None
    if value is None:
        return None
    while end - start > 1 and still(start + 1, end) and heard(start + 1, end) == value:
        start += 1
    while end - start > 1 and still(start, end - 1) and heard(start, end - 1) == value:
        end -= 1
    return value, start, end
