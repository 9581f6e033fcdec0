"""Keys and words of one answer, in the order in which they were pressed and said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs import engine, load_flowbook
from dialogs.events import CallerSaid, CallerTyped, CallStarted
from dialogs.flowbook import Flowbook
from dialogs.state import State
from telephony.keys import KeyMeans, Keys, Pressed, key_means

NOW = Pressed(now=True)


@pytest.fixture(scope="module")
def shop() -> Flowbook:
    return load_flowbook(Path(__file__).parents[1] / "dialogs" / "shop.yaml")


def after(shop: Flowbook, *did: str) -> State:
    """What the caller did: keys of digits, else words."""
    state, _ = engine.step(shop, engine.start(shop, "it"), CallStarted(0, "line", "it"))
    for one in did:
        typed = one if one.isdecimal() else ""
        for event in [CallerTyped(0, key) for key in typed] or [CallerSaid(0, one)]:
            state, _ = engine.step(shop, state, event)
    return state


@pytest.mark.parametrize(
    ("before", "key", "means"),
    [
        ((), "1", KeyMeans.COMPLETE),
        ((), "9", KeyMeans.NOTHING),
        ((), "0", KeyMeans.COMPLETE),
        (("1",), "4", KeyMeans.MORE),
        (("1", "quattro sette"), "1", KeyMeans.MORE),
        (("1", "quattro sette uno due nove"), "0", KeyMeans.COMPLETE),
        (("1", "47"), "*", KeyMeans.COMPLETE),
        (("2",), "#", KeyMeans.MORE),
        (("1", "471290"), "1", KeyMeans.COMPLETE),
        (("1", "471290"), "2", KeyMeans.COMPLETE),
        (("1", "471290"), "7", KeyMeans.NOTHING),
    ],
)
def test_what_a_key_would_be(shop: Flowbook, before: tuple[str, ...], key: str, means: KeyMeans) -> None:
    assert key_means(shop, after(shop, *before), key) is means


def test_without_words_a_key_is_the_dialogs_at_once() -> None:
    keys = Keys()
    assert keys.press("5", KeyMeans.MORE, sounding=False) == NOW
    keys.voice_started()
    keys.voice_stopped()
    assert keys.words_came()
    assert keys.press("6", KeyMeans.MORE, sounding=False) == NOW
    assert keys.due() == []


def test_keys_wait_for_the_words_before_them() -> None:
    keys = Keys()
    keys.voice_started()
    assert keys.press("5", KeyMeans.MORE, sounding=False) == Pressed(now=False, ends_turn=True)
    assert keys.due() == []
    keys.voice_stopped()
    assert keys.press("6", KeyMeans.COMPLETE, sounding=False).now is False, "not before the 5"
    assert keys.due() == []
    assert keys.words_came()
    assert keys.due() == ["5", "6"]
    assert keys.due() == []


def test_a_key_that_completes_the_answer_waits_for_nothing_and_the_words_are_void() -> None:
    keys = Keys()
    keys.voice_started()
    assert keys.press("1", KeyMeans.COMPLETE, sounding=False) == Pressed(now=True, ends_turn=True)
    keys.voice_stopped()
    assert not keys.words_came()
    keys.voice_started()
    keys.voice_stopped()
    assert keys.words_came(), "only those of that turn"


def test_a_number_read_aloud_while_it_is_typed_counts_once() -> None:
    keys = Keys()
    keys.voice_started()
    assert keys.press("4", KeyMeans.MORE, sounding=True) == NOW
    assert keys.press("7", KeyMeans.COMPLETE, sounding=True) == NOW
    keys.voice_stopped()
    assert not keys.words_came()


def test_a_key_without_use_takes_nothing_from_the_words() -> None:
    keys = Keys()
    keys.voice_started()
    assert keys.press("9", KeyMeans.NOTHING, sounding=True) == NOW
    keys.voice_stopped()
    assert keys.words_came()


def test_keys_do_not_wait_for_words_that_are_lost() -> None:
    keys = Keys()
    keys.voice_started()
    keys.press("5", KeyMeans.MORE, sounding=False)
    keys.words_lost()
    assert keys.due() == ["5"]
    keys.voice_stopped()
    assert keys.press("6", KeyMeans.MORE, sounding=False) == NOW
    keys.voice_started()
    keys.voice_stopped()
    keys.press("7", KeyMeans.MORE, sounding=False)
    keys.words_lost()
    assert keys.due() == ["7"]
