"""Chunks in the wrong order: put right, given up, never piled up."""

import random

import pytest

from telephony.protocols.reordering import FAR_BEHIND, MOST_WAITING, Reordering


def played(*numbers: int) -> list[bytes]:
    """What is ready after each chunk; its sound is its number."""
    order = Reordering()
    return [order.put(number, b"%d." % number) for number in numbers]


def test_chunks_in_order_are_passed_on_at_once() -> None:
    assert played(7, 8, 9) == [b"7.", b"8.", b"9."]


def test_a_chunk_that_comes_early_waits_for_those_before_it() -> None:
    assert played(1, 3, 4, 2, 5) == [b"1.", b"", b"", b"2.3.4.", b"5."]


def test_a_chunk_that_never_comes_is_given_up_when_enough_others_wait() -> None:
    assert played(1, *range(3, 3 + MOST_WAITING)) == [b"1.", *[b""] * MOST_WAITING]
    assert played(1, *range(3, 4 + MOST_WAITING))[-1] == b"3.4.5.6.7.8."


@pytest.mark.parametrize("late", [1, 2])
def test_a_chunk_that_comes_twice_or_too_late_is_dropped(late: int) -> None:
    assert played(1, 2, 3, late, 4) == [b"1.", b"2.", b"3.", b"", b"4."]


def test_a_far_end_that_counts_anew_is_followed() -> None:
    assert played(1000, 1000 - FAR_BEHIND - 1, 1000 - FAR_BEHIND)[1:] == [b"749.", b"750."]


def test_what_waits_at_the_end_is_not_lost() -> None:
    order = Reordering()
    assert [order.put(number, b"%d." % number) for number in (1, 4, 3)] == [b"1.", b"", b""]
    assert order.rest() == b"3.4."
    assert order.rest() == b""


def test_any_order_within_the_window_is_put_right() -> None:
    dice = random.Random(7)
    numbers = sorted(
        range(1, 500), key=lambda number: (number + dice.uniform(0, MOST_WAITING - 1)) if number > 1 else 0
    )
    assert numbers != sorted(numbers)
    order = Reordering()
    assert b"".join(order.put(number, b"%d." % number) for number in numbers) == b"".join(
        b"%d." % number for number in range(1, 500)
    )
