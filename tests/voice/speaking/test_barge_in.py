from __future__ import annotations

import pytest

from voice.speaking.barge_in import BargeIn, is_backchannel, needs_meaning, should_pause

RULE = BargeIn()


@pytest.mark.parametrize(
    ("what", "speech_ms", "interruptible", "played_ms", "pauses"),
    [
        ("a voice", 100, True, 3_000, True),
        ("the end of the caller's own sentence", 500, True, 390, False),
        ("a prompt that must be heard", 2_000, False, 3_000, False),
    ],
)
def test_what_pauses_a_prompt(what: str, speech_ms: int, interruptible: bool, played_ms: int, pauses: bool) -> None:
    assert should_pause(RULE, speech_ms, interruptible, played_ms) is pauses, what


@pytest.mark.parametrize(
    ("text", "only_go_on"),
    [
        ("operatore", False),
        ("Sì.", True),
        ("sì, certo", True),
        ("Uh-huh.", True),
        ("sì sì bene", False),
        ("sì operatore", False),
        ("네", True),
        ("no", False),
        ("", True),
        ("...", True),
    ],
)
def test_what_only_says_go_on(text: str, only_go_on: bool) -> None:
    assert is_backchannel(RULE, text) is only_go_on


def test_one_word_is_not_enough_by_itself() -> None:
    assert needs_meaning("Orari.")
    assert not needs_meaning("gli orari")


def test_the_rule_can_be_set() -> None:
    assert not should_pause(BargeIn(speech_ms=800), 500, True, 3_000)
    assert should_pause(BargeIn(protected_ms=0), 0, True, 0)
    assert not is_backchannel(BargeIn(backchannels=frozenset()), "mhm")
