"""Who is who: decided from addresses, whatever the order in which they are seen."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from history.identity.claims import Claim, PointRow, Stated, join_point, meaning
from history.identity.merging import survivors
from history.identity.points import Point, contact_of, email, named, telephone
from history.identity.suggestions import Profile, suggestions

MAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
ANNA, MAIL = Point("tel", "+39051223344"), Point("email", "anna@example.org")


@pytest.mark.parametrize(
    ("written", "called", "value"),
    [
        ("+39 051 22 33 44", "", "+39051223344"),
        ("051 223344", "", "+39051223344"),
        ("0039051223344", "+390519999999", "+39051223344"),
        ("333 1234567", "", "+393331234567"),
        ("02-123-4567", "+82212345678", "+8221234567"),
        ("sip:+39051223344@pbx.example.org", "", "+39051223344"),
        ("tel:+447911123456", "", "+447911123456"),
    ],
)
def test_numbers_become_e164_and_keep_the_italian_zero(written: str, called: str, value: str) -> None:
    assert telephone(written, called) == Point("tel", value)


@pytest.mark.parametrize("written", ["", "anonymous", "Restricted", "+266696687", "104", "sip:anna@pbx", "+1" * 40])
def test_withheld_numbers_and_extensions_are_nobodys(written: str) -> None:
    assert telephone(written) is None


def test_mail_addresses_are_compared_in_lower_case() -> None:
    assert email(" Anna@Example.org ") == MAIL
    assert [email(wrong) for wrong in ("anna", "a b@example.org", "@example.org", "anna@host")] == [None] * 4


def test_an_unknown_kind_of_address_is_refused() -> None:
    assert named("social", "telegram:77") == Point("social", "telegram:77")
    with pytest.raises(ValueError, match="known are tel, email"):
        named("fax", "1")


def test_two_verified_points_are_one_person_and_nothing_less_is() -> None:
    for proofs in ((True, True), (True, False), (False, True), (False, False)):
        meant = meaning(Claim(Stated(MAIL, proofs[0]), (Stated(ANNA, proofs[1]),), "Anna", MAY))
        tel = next(point for point in meant.points if point.kind == "tel")
        if all(proofs):
            assert meant.same == {tuple(sorted((contact_of(MAIL), contact_of(ANNA))))}
            assert (tel.contact_id, tel.confidence) == (contact_of(ANNA), "known")
        else:
            assert not meant.same
            assert (tel.contact_id, tel.confidence) == (contact_of(MAIL), "maybe")


moments = st.integers(0, 50).map(lambda days: MAY + timedelta(days=days))
rows = st.builds(
    PointRow,
    st.just("c"),
    st.just("tel"),
    st.just("+39051"),
    st.sampled_from(["known", "maybe"]),
    st.none() | moments,
    moments,
    moments,
)


@given(st.lists(rows, min_size=1, max_size=8), st.randoms())
def test_rows_join_in_any_order_and_any_number_of_times(seen: list[PointRow], chance: random.Random) -> None:
    again = seen + chance.choices(seen, k=3)
    chance.shuffle(again)
    assert reduce(join_point, seen) == reduce(join_point, again)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=10), st.randoms())
def test_who_survives_does_not_depend_on_the_order(pairs: list[tuple[str, str]], chance: random.Random) -> None:
    shuffled = [pair if chance.random() < 0.5 else pair[::-1] for pair in pairs]
    chance.shuffle(shuffled)
    found = survivors(pairs)
    assert found == survivors(shuffled)
    assert all(found[one] == found[other] for one, other in pairs)
    assert all(found[one] <= one for one in found)


def test_suggestions_are_ranked_and_say_why() -> None:
    tel = frozenset({"tel +39051223344"})
    others = [
        Profile("b", "Anna Russo", frozenset()),
        Profile("c", "ROSSI Anna", frozenset()),
        Profile("d", "", tel),
        Profile("e", "Anna Rossi", tel),
        Profile("f", "", frozenset()),
    ]
    found = suggestions(Profile("a", "Anna Rossi", tel), others)
    assert [(one.contact_id, one.score) for one in found] == [("e", 100.0), ("d", 70.0), ("c", 30.0)]
    assert found[1].why == ("both have tel +39051223344",)
    assert suggestions(Profile("a", "", frozenset()), others) == []
