"""The bench's own company is one that a server can serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from centralino.bench.answering_company import MOST_TURNS, TEXTS, write_company
from centralino.company import load_company
from centralino.settings import SettingsError
from dialogs import engine
from dialogs.events import CallerSaid, CallStarted, End, Listen, LookedUp, Lookup, Say


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_every_utterance_is_answered_and_the_caller_listened_to_again(tmp_path: Path, language: str) -> None:
    write_company(tmp_path, "bench", language, "auto", ["mela pera", ""])
    company = load_company(tmp_path)
    line = company.lines.get("bench")
    rendered = {text for text, _ in company.prompts()}
    state, actions = engine.step(line.book, engine.start(line.book, language), CallStarted(0, "bench", language, ""))
    for turn in range(1, MOST_TURNS + 1):
        state, actions = engine.step(line.book, state, CallerSaid(turn * 1000, "xyzzy", 0.9))
        for action in actions:
            if isinstance(action, Lookup):
                found = line.understanding.lookup(action, turn * 1000)
                assert isinstance(found, LookedUp)
                state, actions = engine.step(line.book, state, found)
        said = [action for action in actions if isinstance(action, Say)]
        assert said
        assert {say.text for say in said} <= rendered, "only what is in the cache is said"
        assert any(isinstance(action, Listen) for action in actions), turn
        assert not any(isinstance(action, End) for action in actions)


def test_a_language_that_it_does_not_speak_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not speak 'xx'"):
        write_company(tmp_path, "bench", "xx", "auto", [])
