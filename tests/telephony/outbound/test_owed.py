"""Which call-backs are dialled: in the order in which people asked, and never more than operators are left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telephony.outbound.owed import InLine, Owed, Task, may_dial

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
ALL: frozenset[str] = frozenset()
DESK = frozenset({"desk"})


def owed(n: int, queue: str = "desk", minutes: float = 10, task: Task | None = None, number: str = "") -> Owed:
    asked = NOW - timedelta(minutes=minutes)
    return Owed(("call", n), queue, number or f"+39051000{n:04}", asked, {}, task or Task())


def dialled(owed_: list[Owed], in_line: list[InLine] = [], operators=(ALL,), reserved=()) -> list[int]:  # type: ignore[no-untyped-def]  # noqa: B006
    return [one.key[1] for one in may_dial(owed_, in_line, list(operators), list(reserved), NOW)]


def test_nobody_is_dialled_for_nobody() -> None:
    assert dialled([owed(1)], operators=()) == []


def test_who_asked_first_is_called_first() -> None:
    assert dialled([owed(1, minutes=5), owed(2, minutes=20), owed(3, minutes=10)], operators=(ALL, ALL)) == [2, 3]


def test_callers_on_the_line_are_not_overtaken_and_do_not_overtake() -> None:
    early, late = InLine("desk", NOW - timedelta(minutes=30)), InLine("desk", NOW - timedelta(minutes=1))
    assert dialled([owed(1)], [early]) == []
    assert dialled([owed(1)], [early], (ALL, ALL)) == [1]
    assert dialled([owed(1)], [late]) == [1]


def test_an_operator_is_kept_for_whom_we_are_dialling() -> None:
    assert dialled([owed(1)], operators=(ALL,), reserved=("desk",)) == []


def test_operators_serve_their_queues() -> None:
    both = [owed(1, "orders"), owed(2, "desk", minutes=5)]
    assert dialled(both, operators=(DESK,)) == [2]
    assert sorted(dialled(both, operators=(ALL, DESK))) == [1, 2]


def test_what_is_taken_ringing_failed_or_not_due_waits() -> None:
    soon = NOW + timedelta(minutes=1)
    tasks = [
        Task("taken", "anna", claimed_until=soon),
        Task("calling", call_id="x", claimed_until=soon),
        Task("failed"),
        Task("done"),
        Task("waiting", due_at=soon),
    ]
    assert dialled([owed(n, task=task) for n, task in enumerate(tasks)], operators=(ALL,) * 9) == []
    assert dialled([owed(1, task=Task("taken", "anna", claimed_until=NOW))]) == [1]


def test_a_withheld_number_is_for_people_and_the_same_number_rings_once() -> None:
    hidden = Owed(("call", 1), "desk", "", NOW)
    assert dialled([hidden, owed(2, number="+39051"), owed(3, number="+39051")], operators=(ALL,) * 3) == [2]


@given(
    st.lists(st.tuples(st.sampled_from(["desk", "orders"]), st.integers(0, 60)), max_size=12),
    st.lists(st.tuples(st.sampled_from(["desk", "orders"]), st.integers(0, 60)), max_size=6),
    st.lists(st.sampled_from([ALL, DESK, frozenset({"orders"})]), max_size=6),
    st.lists(st.sampled_from(["desk", "orders"]), max_size=3),
)
def test_never_more_than_operators_are_left(
    wanted: list[tuple[str, int]], line: list[tuple[str, int]], operators: list[frozenset[str]], reserved: list[str]
) -> None:
    waiting = [InLine(queue, NOW - timedelta(minutes=minutes)) for queue, minutes in line]
    picked = may_dial([owed(n, q, m) for n, (q, m) in enumerate(wanted)], waiting, operators, reserved, NOW)
    assert len(picked) <= len(operators)
    for queue in ("desk", "orders"):
        able = sum(not queues or queue in queues for queues in operators)
        assert sum(one.queue == queue for one in picked) <= able
