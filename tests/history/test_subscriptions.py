import asyncio

from history import Entry, Gap, Journal, StoredEvent, Timeline, new_id
from history.subscriptions import Subscription


async def take(subscription: Subscription, count: int) -> list[StoredEvent | Gap]:
    return [await asyncio.wait_for(anext(subscription), 10) for _ in range(count)]


async def test_a_reader_sees_each_event_once_after_its_commit(journal: Journal, timeline: Timeline) -> None:
    call, other = new_id(), new_id()
    with journal.subscribe(call) as one, journal.subscribe() as everything:
        await asyncio.gather(*(journal.append(i, [Entry("n", {"n": n})]) for n in range(30) for i in (call, other)))
        seen = await take(one, 30)
        assert seen == await timeline.events(call), "what is delivered is exactly what is stored"
        assert len(await take(everything, 60)) == 60


async def test_a_stalled_reader_is_told_what_it_missed_and_can_catch_up(journal: Journal, timeline: Timeline) -> None:
    call = new_id()
    with journal.subscribe(call, max_events=10) as stalled, journal.subscribe(call) as lively:
        for n in range(40):
            await journal.append(call, [Entry("n", {"n": n})])
        assert len(await take(lively, 40)) == 40
        seen = await take(stalled, 11)
        gap = seen.pop()
        assert [e.seq for e in seen if isinstance(e, StoredEvent)] == list(range(1, 11))
        assert gap == Gap(call, 11, 40)
        caught_up = await timeline.events(call, after_seq=10)
        assert [e.seq for e in caught_up] == list(range(11, 41))
        await journal.append(call, [Entry("n")])
        [after] = await take(stalled, 1)
        assert isinstance(after, StoredEvent)
        assert after.seq == 41


async def test_gaps_of_very_many_calls_collapse_into_one() -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    stalled = Subscription(None, max_events=5)
    for n in range(100):
        stalled.offer(StoredEvent(f"call-{n}", 1, "n", {}, 0, "system", now, now))
    seen = await take(stalled, 6)
    assert seen[-1] == Gap(None)
    stalled.offer(StoredEvent("later", 1, "n", {}, 0, "system", now, now))
    assert isinstance((await take(stalled, 1))[0], StoredEvent)


async def test_closing_ends_the_reader_after_what_it_was_given(journal: Journal) -> None:
    call = new_id()
    reader = journal.subscribe(call)
    await journal.append(call, [Entry("last")])

    async def read_all() -> list[str]:
        return [item.type async for item in reader if isinstance(item, StoredEvent)]

    reading = asyncio.create_task(read_all())
    await asyncio.sleep(0)
    await journal.close()
    assert await asyncio.wait_for(reading, 10) == ["last"]


async def test_a_forgotten_reader_holds_nothing(journal: Journal) -> None:
    import gc
    import weakref

    forgotten = weakref.ref(journal.subscribe())
    gc.collect()
    assert forgotten() is None
    await journal.append(new_id(), [Entry("n")])
