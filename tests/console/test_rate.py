from __future__ import annotations

from typing import Any

import pytest

from console.rate import RateLimit, address_key


def test_a_window_lets_so_many_through_and_says_how_long_to_wait(clock: Any) -> None:
    limit = RateLimit(3, 60.0, now=clock)
    assert [limit.use("a") for _ in range(3)] == [0, 0, 0]
    clock.pass_by(20)
    assert limit.use("a") == 40
    assert limit.use("b") == 0
    clock.pass_by(40)
    assert limit.use("a") == 0


def test_refused_uses_do_not_prolong_the_wait(clock: Any) -> None:
    limit = RateLimit(1, 10.0, now=clock)
    limit.use("a")
    for _ in range(20):
        clock.pass_by(0.4)
        assert limit.use("a") > 0
    clock.pass_by(2.1)
    assert limit.use("a") == 0


def test_memory_is_bounded(clock: Any) -> None:
    limit = RateLimit(1, 60.0, now=clock, at_most_keys=10)
    for n in range(1000):
        limit.use(str(n))
    assert limit.use("999") > 0
    assert limit.use("0") == 0  # forgotten long ago


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, "unknown"),
    ],
)
def test_an_ipv6_subscriber_is_one_address(host: str | None, key: str) -> None:
    assert address_key(host) == key
