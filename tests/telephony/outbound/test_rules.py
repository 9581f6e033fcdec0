"""How often, whom, and how many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.outbound.campaign import Campaign, CampaignError, Due, Plan
from telephony.outbound.hours import Window
from telephony.outbound.outcomes import REACHED
from telephony.outbound.permission import RegisterCheck, refusal
from telephony.outbound.picking import Busy, Caps, pick, room
from telephony.outbound.spacing import USUAL_MINUTES, Spacing

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)


def test_busy_is_tried_again_soon_and_no_answer_later() -> None:
    spacing = Spacing(3, {"no_answer": 60})
    assert spacing.next_try("busy", 1, NOW) == NOW + timedelta(minutes=15)
    assert spacing.next_try("no_answer", 2, NOW) == NOW + timedelta(minutes=60)
    assert spacing.next_try("no_answer", 3, NOW) is None


@pytest.mark.parametrize("outcome", [*sorted(REACHED), "bad_number", "fax"])
def test_who_was_reached_or_never_can_be_is_not_tried_again(outcome: str) -> None:
    assert Spacing(10).next_try(outcome, 1, NOW) is None


def test_every_outcome_that_is_tried_again_has_a_spacing() -> None:
    for outcome in USUAL_MINUTES:
        assert Spacing().next_try(outcome, 1, NOW) is not None


def test_a_spacing_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="outcomes that are tried again"):
        Spacing(3, {"completed": 5})
    with pytest.raises(ValueError, match="1 to 10"):
        Spacing(0)


def test_permission() -> None:
    fresh, old = RegisterCheck(False, NOW - timedelta(days=1)), RegisterCheck(False, NOW - timedelta(days=16))

    def why(purpose: str = "marketing", opted: bool = False, consent: str = "2026", check=fresh) -> str:  # type: ignore[no-untyped-def]
        return refusal(purpose, opted_out=opted, consent=consent, check=check, now=NOW)  # type: ignore[arg-type]

    assert why() == ""
    assert why("service", consent="", check=None) == ""
    assert why("service", opted=True) == "opted_out"
    assert why(consent=" ") == "no_consent"
    assert why(check=None) == "not_checked"
    assert why(check=RegisterCheck(True, NOW)) == "objected"
    assert why(check=old) == "check_too_old"


def due(number: str, line: str = "it", campaign: str = "a", most: int = 9) -> Due:
    plan = Plan("flow", line, most_calls=most)
    return Due(f"{campaign}{number}", Campaign(campaign, campaign, plan, "running", NOW), number, "", {}, 0)


def test_callers_always_find_room() -> None:
    caps = Caps(most_calls=10, kept_free=5, a_line=10)
    assert room(caps, Busy(calls=0, server_most=20)) == 10
    assert room(caps, Busy(calls=12, server_most=20, ours=2)) == 3
    assert room(caps, Busy(calls=15, server_most=20)) == 0
    assert room(caps, Busy(calls=19, server_most=20, ours=9)) == 0


def test_a_full_line_or_campaign_does_not_hold_up_the_others() -> None:
    caps = Caps(most_calls=10, kept_free=0, a_line=2)
    waiting = [due("1"), due("2"), due("3"), due("4", "en", "b", 1), due("5", "en", "b", 1), due("6", "en", "c")]
    picked = pick(waiting, caps, Busy(of_lines={"it": 1}))
    assert [one.number for one in picked] == ["1", "4", "6"]


def test_one_number_is_not_called_by_two_campaigns_at_once() -> None:
    assert len(pick([due("1"), due("1", campaign="b")], Caps(kept_free=0), Busy())) == 1


@given(
    st.integers(0, 30), st.integers(0, 30), st.integers(0, 30),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("xy"), st.sampled_from("ab")), max_size=30),
)  # fmt: skip
def test_no_cap_is_ever_passed(calls: int, kept: int, most: int, wanted: list[tuple[int, str, str]]) -> None:
    caps = Caps(most, kept, 3)
    picked = pick([due(str(n), line, campaign, 2) for n, line, campaign in wanted], caps, Busy(calls=calls))
    assert len(picked) <= most
    assert not picked or calls + len(picked) <= 20 - kept
    for name in "xy":
        assert sum(one.campaign.plan.line == name for one in picked) <= 3
    for name in "ab":
        assert sum(one.campaign.id == name for one in picked) <= 2
    assert len({one.number for one in picked}) == len(picked)


def test_a_plan_survives_the_disk() -> None:
    plan = Plan("ritiro", "it", "service", Window(days=frozenset({1, 2})), Spacing(2, {"busy": 5}), 3, "leave_message")
    assert Plan.from_json(plan.to_json()) == plan


def test_a_plan_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(CampaignError, match="ringing"):
        Plan("f", "l", ring_s=1)
