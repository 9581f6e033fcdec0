"""A summary made of what was said: the caller's most telling turns, what was found out, how it ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from history.analyses.signals import Signals
from history.search.words import words

MOST_TURNS = 2
LONGEST_TURN = 180
LONGEST = 600
FEWEST_WORDS = 3

_ENDS: Mapping[str, Mapping[str, str]] = {
    "it": {"handed_off": "Passato a una persona", "answered": "Risposto dall'assistente", "callback": "Da richiamare",
           "abandoned": "Ha riagganciato prima", "failed": "Interrotta da un guasto", "": ""},
    "en": {"handed_off": "Passed to a person", "answered": "Answered by the assistant", "callback": "To be called back",
           "abandoned": "Hung up before", "failed": "Broken off by a fault", "": ""},
}  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """turns: those that it quotes."""

    text: str
    turns: tuple[int, ...]


def sum_up(
    turns: Sequence[tuple[int, str]],
    signals: Signals,
    slots: Mapping[str, str],
    outcome: str,
    queue: str,
    language: str,
) -> Summary:
    """turns: (number, text) of the caller's, as they may be shown. slots: what the dialog found out."""
    told = {one.turn for found in signals.why.values() for one in found}
    weighed = []
    for place, (number, text) in enumerate(turns):
        count = len(words(text))
        if count >= FEWEST_WORDS:
            weighed.append((-(2 * (number in told) + (place == 0) + min(count, 25) / 25), place, number, text))
    chosen = sorted(sorted(weighed)[:MOST_TURNS], key=lambda one: one[1])
    quoted = [f"«{_cut(text)}»" for _, _, _, text in chosen]
    known = [f"{name}: {_cut(value)}" for name, value in slots.items() if value]
    ends = _ENDS.get(language, _ENDS["en"])
    end = ends.get(outcome, outcome) + (f" ({queue})" if queue and outcome in ("handed_off", "callback") else "")
    text = ". ".join(filter(None, [" ".join(quoted), "; ".join(known), end]))
    return Summary(text[:LONGEST], tuple(number for _, _, number, _ in chosen))


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_TURN else flat[:LONGEST_TURN].rsplit(" ", 1)[0] + "…"
