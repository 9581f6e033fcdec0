"""A caller's own level is learned; a softer voice is somebody else's."""

from __future__ import annotations

from voice.listening.nearness import Nearness, OwnVoice


def spoken(voice: OwnVoice, level_db: float, moments: int) -> None:
    for _ in range(moments):
        if voice.counts(level_db, speaking=True):
            voice.learn()


def test_until_somebody_has_spoken_every_voice_counts() -> None:
    assert OwnVoice().counts(-60.0, speaking=False)


def test_a_voice_much_softer_than_the_caller_s_begins_no_turn() -> None:
    voice = OwnVoice()
    spoken(voice, -22.0, 40)
    assert not voice.counts(-34.0, speaking=False)
    assert voice.counts(-28.0, speaking=False)


def test_the_soft_end_of_a_sentence_counts_but_not_for_long() -> None:
    voice = OwnVoice(Nearness(after_ms=96))
    spoken(voice, -22.0, 40)
    assert [voice.counts(-36.0, speaking=True) for _ in range(5)] == [True, True, True, False, False]


def test_a_softer_voice_does_not_become_the_caller_s_by_going_on() -> None:
    voice = OwnVoice()
    spoken(voice, -22.0, 40)
    for _ in range(2_000):
        assert not voice.counts(-36.0, speaking=False)
    assert voice.level_db == -22.0


def test_who_speaks_up_is_followed_at_once_who_lowers_their_voice_slowly() -> None:
    voice = OwnVoice()
    spoken(voice, -30.0, 100)
    spoken(voice, -20.0, 50)
    assert voice.level_db is not None
    assert voice.level_db > -21.0
    spoken(voice, -28.0, 50)
    assert -27.0 < voice.level_db < -20.0


def test_a_level_that_is_forgotten_lets_everybody_be_heard_again() -> None:
    voice = OwnVoice()
    spoken(voice, -22.0, 40)
    voice.forget()
    assert voice.counts(-40.0, speaking=False)
