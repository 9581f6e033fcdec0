from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from history.csv_text import safe, written
from history.deriving.facts import Later, look_ahead
from history.kpis import KPIS, Ahead, contribution
from history.kpis.contribution import Cell, totals
from history.kpis.funnel import STAGES, Stage, stages
from history.kpis.kpi import added
from history.kpis.log import CallLog, read
from history.kpis.spread import LATENCY_MS, WAIT_MS, bucket, percentile, within
from history.projections import Interaction
from tests.history.calls import ANSWERED, MONDAY, ended, handed, log, noted, started, told

ROME = ZoneInfo("Europe/Rome")
NOTHING = Ahead()


def of(*steps: Any) -> CallLog:
    return read(log(*steps))


def values(*calls: tuple[Any, ...], ahead: Ahead = NOTHING, within_s: int = 20) -> dict[str, float | None]:
    sums = added(contribution(of(*call), MONDAY, ROME, ahead).base for call in calls)
    return {kpi.name: kpi.of(sums, within_s).value for kpi in KPIS}


HUNG_UP = (started(), told("CallStarted"), 2, ended("abandoned", "caller_hung_up"))
GAVE_UP = (*handed("desk", 0, 0)[:7], 30, ended("abandoned", "caller_hung_up"))
CALLED_BACK = (*handed("desk", 0, 0)[:7], 60, ("callback.requested", {"queue": "desk", "reason": "asked_in_queue"}), 3,
               ended("callback", "bot_ended"))  # fmt: skip


def test_sessions_contained_handed_over_and_given_up_at_once() -> None:
    found = values(ANSWERED, handed("desk", 12, 100), HUNG_UP, CALLED_BACK)
    assert found["sessions"] == 4
    assert found["containment"] == pytest.approx(1 / 3)  # of those past the greeting
    assert found["early_hangups"] == 1 / 4
    assert found["transfer"] == 1 / 4
    assert values(ANSWERED, ahead=Ahead(True, "hours", called_again=True))["containment"] == 0
    failed = (*ANSWERED[:-1], ended("failed", "internal_error"))
    assert values(failed)["containment"] == 0
    assert values()["containment"] is None


def test_each_stage_of_the_funnel_is_a_part_of_the_one_before() -> None:
    outbound = (started(direction="outbound"), *ANSWERED[1:])
    unclear = (started(), told("CallStarted"), told("CallerSaid", text="eh"), noted("no_match"), ended())
    failed = (*ANSWERED[:-1], ended("failed", "internal_error"))
    given_up = (*unclear[:-1], told("CallerSaid", text="eh"), ("transfer.started", {}), ended("forwarded"))
    calls = [(call, NOTHING) for call in (ANSWERED, ANSWERED, HUNG_UP, outbound, unclear, failed, given_up)]
    calls += [(ANSWERED, Ahead(True, "hours", called_again=True)), (ANSWERED, Ahead(True, "hours", repeated=True)),
              (handed("desk", 12, 100), NOTHING), (CALLED_BACK, NOTHING)]  # fmt: skip
    sums = added(contribution(of(*call), MONDAY, ROME, ahead).base for call, ahead in calls)
    assert stages(sums) == [
        Stage("arrived", 10, 0, 1), Stage("spoke", 9, 1, 1), Stage("understood", 7, 2, 1), Stage("served", 4, 0, 2),
        Stage("solved", 2, 0, 0)]  # fmt: skip
    assert sums["sessions"] == 10
    assert stages({}) == [Stage(name, 0, 0, 0) for name in STAGES]


def test_waiting_and_the_three_service_levels() -> None:
    found = values(handed("desk", 12, 100), handed("desk", 45, 50), GAVE_UP, CALLED_BACK)
    assert found["asa"] == (12_000 + 45_000) / 2
    assert found["abandonment"] == found["called_back"] == 1 / 4
    assert found["service_level"] == pytest.approx(1 / 3)  # 12 s of 12, 45 and an abandoned 30
    assert found["service_level_answered"] == 1 / 2
    assert found["service_level_queued"] == 1 / 4
    assert values(handed("desk", 12, 9), GAVE_UP, within_s=30)["service_level"] == 1


def test_a_queue_that_nobody_serves_abandons_nobody() -> None:
    turned = (*handed("desk", 0, 0)[:7], told("HandoffFailed", queue="desk", reason="full"), 9,
              ended("callback", "caller_hung_up"))  # fmt: skip
    assert (values(turned)["abandonment"], values(turned)["containment"]) == (0, 0)


def test_handle_time_is_talk_hold_and_wrap_up() -> None:
    held = [("operator.held", {"held": True}), 20, ("operator.held", {"held": False})]
    found = values(handed("desk", 5, 100, *held))
    assert (found["talk"], found["hold"], found["wrap_up"]) == (100_000, 20_000, 10_000)
    assert found["aht"] == 130_000


def given(returns: bool) -> tuple[Any, ...]:
    return "handback.started", {"operator": "op-1", "flow": "carta", "returns": returns}


def test_the_bots_part_is_a_hold_for_the_operator_who_waits_for_it() -> None:
    came_back = ("handback.ended", {"operator": "op-1", "why": "returned"})
    found = values(handed("desk", 5, 60, 40, given(True), 30, told("CallerTyped", key="1"), came_back))
    assert (found["talk"], found["hold"], found["wrap_up"]) == (100_000, 30_000, 10_000)
    assert (found["containment"], found["transfer"], found["asa"]) == (0, 1, 5_000)


def test_a_call_that_is_given_back_for_good_stays_not_contained() -> None:
    left = ("operator.left", {"operator": "op-1", "reason": "given_back"})
    once = handed("desk", 5, 0, 60, given(False), left, 30, told("CallerTyped", key="1"))
    found = values((*once[:-4], ended("answered"), *once[-2:]))
    assert (found["talk"], found["hold"], found["wrap_up"], found["aht"]) == (60_000, 0, 10_000, 70_000)
    assert (found["containment"], found["transfer"]) == (0, 1)
    again = handed("desk", 7, 20)[6:]
    assert values((*once[:-4], *again))["asa"] == 6_000


def test_turns_no_match_coverage_and_latency() -> None:
    lost = (*ANSWERED[:3], told("CallerSaid", text="eh"), told("LookedUp", text="eh", band="reject"),
            noted("no_match", text="eh"), told("CallerSilent"), noted("no_input"), told("CallerTyped", key="7"),
            noted("no_match", key="7"), ended())  # fmt: skip
    found = values(ANSWERED, lost)
    assert found["no_match"] == found["no_input"] == pytest.approx(1 / 3)
    assert found["coverage"] == 1 / 2
    assert found["confidence"] == 0.9
    assert 600 < (found["latency_p50"] or 0) <= 700


def test_surveys() -> None:
    asked = [("survey.answered", {"survey": "s", "kind": "csat", "score": n, "scale": 5}) for n in (5, 4, 3)]
    nps = [("survey.answered", {"survey": "n", "kind": "nps", "score": n, "scale": 10}) for n in (10, 9, 7, 3)]
    found = values((*ANSWERED[:-1], *asked, *nps, noted("survey_unanswered", survey="s"), ended()))
    assert found["csat"] == pytest.approx(2 / 3)
    assert found["nps"] == pytest.approx(25)
    assert found["survey_response"] == 7 / 8


def test_a_matter_is_solved_when_nobody_comes_back_about_it_within_seven_days() -> None:
    row = Interaction("a", MONDAY, contact_id="c", ended_at=MONDAY + timedelta(minutes=3))

    def ahead(days: float, topic: str = "returns", channel: str = "voice", direction: str = "inbound") -> Ahead:
        return look_ahead(row, "returns", [Later(channel, direction, topic, MONDAY + timedelta(days=days))])

    assert ahead(0.9) == Ahead(True, "returns", called_again=True, repeated=True)
    assert ahead(3) == Ahead(True, "returns", called_again=False, repeated=True)
    assert ahead(3, channel="email").repeated
    assert ahead(0.5, channel="email").called_again is False
    assert ahead(8) == ahead(3, topic="orders") == ahead(1, direction="outbound") == Ahead(True, "returns")
    assert values(ANSWERED, ahead=ahead(3))["fcr"] == 0
    assert values(ANSWERED, ahead=ahead(8))["fcr"] == 1
    assert values(ANSWERED)["fcr"] is None


def test_a_call_counts_in_every_queue_with_what_happened_there() -> None:
    second = handed("orders", 40, 60)[6:]
    both = contribution(of(*handed("desk", 10, 30)[:-3], *second), MONDAY, ROME, Ahead())
    cells = totals([both])
    day = "2026-05-04"
    desk, orders = (cells[Cell("day", day, "it", "queue", name)] for name in ("desk", "orders"))
    assert (desk["wait_ms"], orders["wait_ms"], cells[Cell("month", "2026-05", "", "", "")]["wait_ms"]) == (
        10_000, 40_000, 50_000)  # fmt: skip
    assert desk["sessions"] == orders["sessions"] == cells[Cell("day", day, "", "", "")]["sessions"] == 1
    assert cells[Cell("day", day, "it", "hour", "10")]["calls"] == 1  # half past ten in Rome


def test_flows_are_those_entered_and_of_older_logs_the_intents() -> None:
    new = contribution(of(*ANSWERED[:-1], ("flow.entered", {"flow": "welcome"}), ended()), MONDAY, ROME, Ahead())
    old = contribution(of(*ANSWERED[:-1], noted("intent", name="order_status"), ended()), MONDAY, ROME, Ahead())
    assert (new.values["flow"], old.values["flow"]) == (["welcome"], ["order_status"])
    assert new.values["article"] == ["hours"]


def test_percentiles_of_buckets_lie_beside_those_of_the_times() -> None:
    times = [int(130 + 1.7 * n) for n in range(1000)]
    counts: dict[int, int] = {}
    for one in times:
        counts[bucket(LATENCY_MS, one)] = counts.get(bucket(LATENCY_MS, one), 0) + 1
    for share in (0.05, 0.5, 0.95):
        assert percentile(counts, LATENCY_MS, share) == pytest.approx(times[int(share * 1000)], rel=0.02)
    assert percentile({}, LATENCY_MS, 0.5) is None
    assert percentile({len(LATENCY_MS): 3}, LATENCY_MS, 0.5) == LATENCY_MS[-1]
    assert within({0: 1, 5: 2, 9: 4}, WAIT_MS, 10_000) == 3
    with pytest.raises(ValueError, match=r"17 s is no edge"):
        within({}, WAIT_MS, 17_000)


def test_nothing_in_a_csv_is_taken_for_a_formula() -> None:
    for nasty in ("=1+1", "+39051", "-1", "@x", "\tx", "\0=1"):
        assert str(safe(nasty)).startswith("'")
    assert "\0" not in str(safe("\0=1"))
    assert written(["a", "b"], [["=x", -3], [None, "y,z"]]) == 'a,b\n\'=x,-3\n,"y,z"\n'
