"""Who answered: told by pauses, words and beeps; on injected time."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from dialogs.spoken_choices import hear_machine
from telephony.outbound.answering.greeting import Greeting, Verdict

TICK_MS = 50


def said(*spans: tuple[int, int, str], until_ms: int = 15_000, beep_ms: int | None = None) -> Greeting:
    """The greeting after (from, to, words) were said; words arrive 300 ms after their end, the end of a turn after
    700 ms of silence."""
    greeting = Greeting(partial(hear_machine, code="it"))
    happens: list[tuple[int, int, object]] = []
    for n, (begins, ends, words) in enumerate(spans):
        happens.append((begins, n, lambda g, now, at=begins: g.voice(at)))
        follows = n + 1 < len(spans) and spans[n + 1][0] - ends < 700
        if not follows:
            happens.append((ends + 700, n, lambda g, now, at=ends: g.voice_ended(at)))
        happens.append((ends + 1000, n, lambda g, now, heard=words: g.words(heard, now)))
    if beep_ms is not None:
        happens.append((beep_ms, 99, lambda g, now: g.beep(now)))
    happens.sort(key=lambda one: one[:2])
    for now_ms in range(0, until_ms + 1, TICK_MS):
        while happens and happens[0][0] <= now_ms:
            greeting = happens.pop(0)[2](greeting, now_ms)  # type: ignore[operator]
        greeting = greeting.decided(now_ms)
    return greeting


def verdict(greeting: Greeting) -> tuple[str, str]:
    assert greeting.verdict
    return greeting.verdict.who, greeting.verdict.why


def test_pronto_and_a_pause_is_a_person() -> None:
    greeting = said((400, 900, "pronto"))
    assert verdict(greeting) == ("person", "paused")
    assert greeting.verdict
    assert greeting.verdict.at_ms <= 1800, "who waits hears the bot within a second"


def test_a_company_that_answers_is_a_person() -> None:
    assert verdict(said((300, 3200, "libreria portici buongiorno sono anna"))) == ("person", "paused")


def test_who_says_nothing_is_spoken_to_within_three_seconds() -> None:
    greeting = said()
    assert verdict(greeting) == ("person", "quiet")
    assert greeting.verdict
    assert greeting.verdict.at_ms <= 3000


def test_a_greeting_without_an_end_is_a_machine() -> None:
    long = said((300, 9000, "buongiorno avete chiamato la famiglia neri siamo fuori casa"))
    assert verdict(long) == ("machine", "long_greeting")


def test_what_only_machines_say() -> None:
    announced = said((300, 2600, "risponde la segreteria telefonica"), (3200, 6000, "del numero"))
    assert announced.verdict
    assert announced.verdict.who == "machine"


def test_second_thoughts() -> None:
    late = said((300, 1200, "ciao sono anna"), (2600, 4000, "lasciate un messaggio dopo il segnale"))
    assert verdict(late) == ("machine", "said")
    beeped = said((300, 1500, "qui casa neri"), beep_ms=4000)
    assert verdict(beeped) == ("machine", "beep")


def test_a_person_stays_one_when_the_call_has_long_begun() -> None:
    greeting = said((300, 700, "pronto"), (20_000, 21_000, "lascia un messaggio"), until_ms=25_000)
    assert verdict(greeting) == ("person", "paused")


def test_a_message_waits_for_the_beep() -> None:
    machine = said((300, 9000, "buongiorno avete chiamato la famiglia neri"), until_ms=8000)
    assert not machine.may_leave_message(8000)
    assert machine.beep(9500).may_leave_message(9600)


def test_without_a_beep_silence_is_taken_for_it_and_nobody_waits_for_ever() -> None:
    silent = said((300, 6000, "risponde la segreteria telefonica"), until_ms=9000)
    assert silent.may_leave_message(9000)
    talking = said((300, 60_000, "x"), until_ms=10_000)
    assert talking.verdict
    assert not talking.may_leave_message(10_000)
    assert talking.may_leave_message(talking.verdict.at_ms + 30_000)


def test_the_carriers_word_counts_more() -> None:
    told = Greeting().told("person", 10)
    assert told.beep(500).verdict == Verdict("person", "carrier", 10)


def test_a_fax_is_a_fax() -> None:
    assert verdict(Greeting().fax(1200)) == ("fax", "fax_tone")


def test_machines_press_no_keys() -> None:
    assert verdict(Greeting().voice(100).key(500)) == ("person", "key")


@given(st.lists(st.tuples(st.integers(0, 3000), st.sampled_from("vewb"), st.text("ab ", max_size=20)), max_size=20))
def test_there_is_always_a_verdict_in_time_and_never_a_traceback(steps: list[tuple[int, str, str]]) -> None:
    greeting, now_ms = Greeting(partial(hear_machine, code="it")), 0
    for wait_ms, what, words in steps:
        now_ms += wait_ms
        match what:
            case "v":
                greeting = greeting.voice(now_ms)
            case "e":
                greeting = greeting.voice_ended(now_ms)
            case "w":
                greeting = greeting.words(words, now_ms, is_final=len(words) % 2 == 0)
            case "b":
                greeting = greeting.beep(now_ms)
        greeting = greeting.decided(now_ms)
    assert greeting.decided(max(now_ms, 8000)).verdict
