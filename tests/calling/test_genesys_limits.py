"""How many messages our Genesys takes."""

from centralino.calling.genesys_limits import BURST, MESSAGES_A_SECOND, RateLimit


def test_a_burst_is_taken_and_then_as_many_as_the_rate():
    limit = RateLimit()
    assert [limit.exceeded(0) for _ in range(BURST)] == [False] * BURST
    assert limit.exceeded(0)
    period_ms = 1000 / MESSAGES_A_SECOND
    assert [limit.exceeded(n * period_ms) for n in range(1, 20)] == [False] * 19
    assert limit.exceeded(19 * period_ms)


def test_a_pause_fills_the_purse_but_no_further():
    limit = RateLimit()
    for _ in range(BURST):
        limit.exceeded(0)
    assert [limit.exceeded(3_600_000) for _ in range(BURST + 1)] == [False] * BURST + [True]
