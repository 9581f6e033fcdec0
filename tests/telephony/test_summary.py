"""What an operator hears on the phone before they take a call."""

from __future__ import annotations

import pytest

from dialogs.rendering import MASK
from telephony.operators.summary import summary


def test_who_why_the_flowbooks_line_and_the_slots() -> None:
    slots = {"size": "30", "briefing": "Banchetto per 30"}
    assert summary("it", "banchetti", "+39051123456", "flow", slots) == (
        "Chiamata per banchetti. Numero che finisce con 3 4 5 6. La richiesta passa a una persona. "
        "Banchetto per 30. size: 30."
    )


@pytest.mark.parametrize(
    ("briefing", "heard"),
    [
        (f"Cliente da richiamare. La carta è {MASK}. Ha fretta!", "Cliente da richiamare. Ha fretta!"),
        (f"La carta è {MASK}", ""),
        ("", ""),
        ("<break/> Vuole {una} cosa", "break/  Vuole  una  cosa."),
    ],
)
def test_nothing_masked_and_no_markup_is_read_out(briefing: str, heard: str) -> None:
    said = summary("it", "desk", "", "asked", {"briefing": briefing, "carta": MASK})
    about = "Chiamata per desk. Numero nascosto. Ha chiesto di parlare con una persona."
    assert said == f"{about} {heard}".strip()


def test_a_long_line_is_cut_and_takes_no_slots_place() -> None:
    slots = {"briefing": "a" * 999, **{f"s{count}": str(count) for count in range(9)}}
    said = summary("en", "desk", "", "asked", slots)
    assert said.count("a" * 240) == 1
    assert "a" * 241 not in said
    assert said.endswith("s4: 4. s5: 5.")
