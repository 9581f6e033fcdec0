"""Who hears whom, and when a voice is mixed."""

from __future__ import annotations

import numpy as np
import pytest

from telephony.conference import FRAME_BYTES, MOST_PEOPLE, MOST_WAITING, Conference, mixed


class Ears:
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def __call__(self, pcm: bytes) -> None:
        self.heard.append(pcm)

    def take(self) -> list[bytes]:
        heard, self.heard = self.heard, []
        return heard


def frame(level: int, size: int = FRAME_BYTES) -> bytes:
    return np.full(size // 2, level, dtype="<i2").tobytes()


A, B, S = frame(100), frame(2000), frame(7000)


async def of(*names: str) -> tuple[Conference, dict[str, Ears]]:
    conference, ears = Conference(), {name: Ears() for name in names}
    for name in names:
        conference.join(name, ears[name])
    return conference, ears


def all_say(conference: Conference) -> None:
    for name, pcm in (("caller", A), ("operator", B), ("supervisor", S)):
        conference.said(name, pcm)
    conference.tick()


async def test_two_hear_each_other_as_it_comes() -> None:
    conference, ears = await of("caller", "operator")
    conference.said("caller", A[:100])
    assert (ears["operator"].take(), ears["caller"].take()) == ([A[:100]], [])


async def test_who_overhears_hears_the_mix_and_changes_nothing_for_the_others() -> None:
    conference, ears = await of("caller", "operator")
    conference.overhear("supervisor", supervisor := Ears())
    assert conference.people == ("caller", "operator")
    conference.said("caller", A[:100])
    assert ears["operator"].take() == [A[:100]]  # no delay, no mix
    conference.tick()
    assert supervisor.take() == [A[:100]]
    all_say(conference)
    assert supervisor.take() == [mixed([A, B])]
    assert (ears["operator"].take(), ears["caller"].take()) == ([A], [B])
    conference.close()


@pytest.mark.parametrize(
    ("heard_by", "operator", "caller"),
    [
        (frozenset(), [A], [B]),
        (frozenset({"operator"}), [mixed([A, S])], [B]),
        (None, [mixed([A, S])], [mixed([B, S])]),
    ],
)
async def test_a_voice_reaches_whom_it_is_meant_for(
    heard_by: frozenset[str] | None, operator: list[bytes], caller: list[bytes]
) -> None:
    conference, ears = await of("caller", "operator")
    conference.overhear("supervisor", supervisor := Ears())
    conference.reach("supervisor", heard_by)
    all_say(conference)
    assert (ears["operator"].take(), ears["caller"].take()) == (operator, caller)
    assert supervisor.take() == [mixed([A, B])]
    conference.leave("supervisor")
    all_say(conference)
    assert (ears["operator"].take(), ears["caller"].take(), supervisor.take()) == ([A], [B], [])


async def test_what_waited_for_a_mix_is_not_heard_late() -> None:
    conference, ears = await of("caller", "operator")
    conference.overhear("supervisor", Ears())
    conference.reach("supervisor", None)
    conference.said("supervisor", S)
    conference.reach("supervisor", frozenset())
    conference.reach("supervisor", None)
    conference.tick()
    assert ears["caller"].take() == []
    conference.close()


async def test_a_voice_in_a_burst_is_kept_short() -> None:
    conference, _ = await of("caller", "operator")
    conference.overhear("supervisor", supervisor := Ears())
    conference.said("caller", frame(100, 3 * MOST_WAITING))
    for _ in range(30):
        conference.tick()
    assert sum(map(len, supervisor.take())) == MOST_WAITING
    conference.close()


async def test_on_hold_nobody_hears_the_caller() -> None:
    conference, ears = await of("caller", "operator")
    conference.overhear("supervisor", supervisor := Ears())
    conference.said("caller", A)
    conference.mute("caller", True)
    all_say(conference)
    assert (supervisor.take(), ears["operator"].take(), ears["caller"].take()) == ([B], [A], [])
    conference.close()


async def test_who_overhears_takes_no_place() -> None:
    conference, _ = await of(*(f"p{n}" for n in range(MOST_PEOPLE)))
    conference.overhear("supervisor", Ears())
    with pytest.raises(ValueError, match="cannot talk in one call"):
        conference.join("one more", Ears())
    conference.close()
