"""Who waits in which order, who is offered to whom, and when waiting makes no sense."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.operators.presence import Presence, may_choose
from telephony.operators.queue import Candidate, WaitingCall, hopeless, in_order, next_offers, place


def caller(
    call_id: str, since_ms: int = 0, queue: str = "ordini", priority: int = 0, declined: str = ""
) -> WaitingCall:
    return WaitingCall(
        call_id, queue, priority, since_ms, 180_000, "IT", "", "it", "asked", declined_by=frozenset(declined.split())
    )


def operator(
    name: str,
    presence: Presence = Presence.AVAILABLE,
    idle_since_ms: int = 0,
    queues: str = "",
    skills: str = "",
) -> Candidate:
    return Candidate(name, frozenset(queues.split()), presence, idle_since_ms, skills=frozenset(skills.split()))


def ids(calls: list[WaitingCall]) -> list[str]:
    return [call.call_id for call in calls]


def pairs(calls: list[WaitingCall], operators: list[Candidate]) -> list[tuple[str, str]]:
    return [(call.call_id, operator_id) for call, operator_id in next_offers(calls, operators)]


def test_priority_goes_before_time() -> None:
    assert ids(in_order([caller("b", 10), caller("a", 20), caller("vip", 99, priority=1)])) == ["vip", "b", "a"]


def test_the_place_counts_callers_of_the_same_queue() -> None:
    calls = [caller("a", 1), caller("b", 2, queue="resi"), caller("c", 3)]
    assert [place(calls, call.call_id) for call in calls] == [1, 1, 2]


def test_who_does_not_wait_has_no_place() -> None:
    with pytest.raises(ValueError, match="call x does not wait"):
        place([caller("a")], "x")


def test_the_first_caller_goes_to_the_longest_idle_operator() -> None:
    calls = [caller("late", 20), caller("early", 10)]
    operators = [operator("busy", idle_since_ms=500), operator("idle", idle_since_ms=100)]
    assert pairs(calls, operators) == [("early", "idle"), ("late", "busy")]


def test_only_free_operators_of_the_queue_are_asked() -> None:
    operators = [
        operator("away", Presence.AWAY),
        operator("offered", Presence.OFFERED),
        operator("talking", Presence.ON_CALL),
        operator("wrapping", Presence.WRAP_UP),
        operator("others", queues="resi"),
    ]
    assert pairs([caller("a")], operators) == []
    assert pairs([caller("a")], [*operators, operator("right", queues="resi ordini")]) == [("a", "right")]


def test_who_declined_is_not_asked_again_but_the_next_caller_may_go_there() -> None:
    calls = [caller("a", 1, declined="anna"), caller("b", 2)]
    assert pairs(calls, [operator("anna")]) == [("b", "anna")]
    assert pairs(calls, [operator("anna"), operator("bruno")]) == [("a", "bruno"), ("b", "anna")]


def test_who_talked_to_a_caller_before_is_asked_first_but_nobody_waits_for_them() -> None:
    back = replace(caller("back", 2), last_operator="anna")
    anna, idle = operator("anna", idle_since_ms=900), operator("idle", idle_since_ms=100)
    assert pairs([back], [anna, idle]) == [("back", "anna")]
    assert pairs([back], [operator("anna", Presence.WRAP_UP), idle]) == [("back", "idle")]
    assert pairs([caller("first", 1), back], [anna]) == [("first", "anna")]
    assert pairs([caller("first", 1), back], [anna, idle]) == [("first", "idle"), ("back", "anna")]


def test_skills_are_waited_for_while_somebody_at_work_has_them_all() -> None:
    call = replace(caller("a"), skills=frozenset({"tedesco", "contratti"}))
    half, anna = operator("half", skills="tedesco"), operator("anna", skills="contratti tedesco resi")
    assert pairs([call], [half, replace(anna, idle_since_ms=900)]) == [("a", "anna")], "however long others are idle"
    assert pairs([call], [half, replace(anna, presence=Presence.ON_CALL)]) == [], "she is waited for"
    assert hopeless(call, [half, replace(anna, presence=Presence.ON_CALL)], 0) == ""
    assert pairs([call], [half, replace(anna, presence=Presence.AWAY)]) == [("a", "half")], "rather than nobody"
    assert pairs([call], [half, replace(anna, queues=frozenset({"resi"}))]) == [("a", "half")]
    assert pairs([replace(call, declined_by=frozenset({"anna"}))], [half, anna]) == [("a", "half")]
    last = replace(call, last_operator="half")
    assert pairs([last], [half, anna]) == [("a", "anna")], "who lacks them is not asked for having talked to them"


def test_an_operator_gets_one_call() -> None:
    assert pairs([caller("a", 1), caller("b", 2)], [operator("anna")]) == [("a", "anna")]


@pytest.mark.parametrize(
    ("presence", "why"),
    [
        (Presence.AWAY, "nobody_available"),
        (Presence.AVAILABLE, ""),
        (Presence.OFFERED, ""),
        (Presence.ON_CALL, ""),
        (Presence.WRAP_UP, ""),
    ],
)
def test_waiting_makes_sense_while_somebody_is_at_work(presence: Presence, why: str) -> None:
    assert hopeless(caller("a"), [operator("anna", presence)], 1000) == why


def test_waiting_makes_no_sense() -> None:
    assert hopeless(caller("a"), [], 0) == "nobody_available"
    assert hopeless(caller("a"), [operator("others", queues="resi")], 0) == "nobody_available"
    assert hopeless(caller("a", declined="anna"), [operator("anna")], 0) == "nobody_available"
    assert hopeless(caller("a", 5000), [operator("anna")], 184_999) == ""
    assert hopeless(caller("a", 5000), [operator("anna")], 185_000) == "waited_too_long"


names = st.uuids().map(str)
queues = st.sampled_from(["ordini", "resi"])
callers = st.builds(caller, names, st.integers(0, 5), queues, st.integers(0, 2))
operators_of_any_kind = st.builds(operator, names, st.sampled_from(Presence), st.integers(0, 3), st.just("") | queues)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(callers, max_size=8), st.lists(operators_of_any_kind, max_size=6))
def test_no_call_and_no_operator_twice_and_nobody_is_passed_over(
    calls: list[WaitingCall], operators: list[Candidate]
) -> None:
    offers = next_offers(calls, operators)
    offered = {operator_id for _, operator_id in offers}
    assert len(offers) == len(offered) == len({call.call_id for call, _ in offers})
    idle = [o for o in operators if o.presence is Presence.AVAILABLE and o.id not in offered]
    waiting_still = [call for call in calls if call.call_id not in {offer.call_id for offer, _ in offers}]
    assert not any(o.serves(call.queue) for o, call in itertools.product(idle, waiting_still))


def test_what_operators_may_choose() -> None:
    allowed = {
        (now, wanted) for now in Presence for wanted in Presence if now is not wanted and may_choose(now, wanted)
    }
    assert allowed == {
        (Presence.AWAY, Presence.AVAILABLE),
        (Presence.AVAILABLE, Presence.AWAY),
        (Presence.WRAP_UP, Presence.AVAILABLE),
        (Presence.WRAP_UP, Presence.AWAY),
    }
