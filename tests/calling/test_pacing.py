import asyncio
import time

from centralino.calling.pacing import CallClock, Punctuality, beats


async def test_beats_come_at_absolute_deadlines_and_catch_up_after_a_hiccup():
    clock = CallClock()
    seen = []
    async for beat in beats(clock, 20):
        seen.append((beat, clock.now_ms()))
        if beat.index == 3:
            time.sleep(0.1)  # the whole loop stands still, as when a machine is busy
        if beat.index == 12:
            break
    dues = [beat.due_ms for beat, _ in seen]
    assert [round(due - dues[0]) for due in dues] == [20 * index for index in range(13)]
    assert all(at >= beat.due_ms for beat, at in seen)
    # Five beats fell due while it stood still: they come late, and say so; none is lost and none is moved.
    assert all(seen[index][0].late_ms > 0 for index in (4, 5, 6, 7))
    assert seen[4][0].late_ms > seen[5][0].late_ms > seen[6][0].late_ms > seen[7][0].late_ms


async def test_other_tasks_run_while_beats_catch_up():
    clock = CallClock()
    ran = []

    async def other():
        while True:
            ran.append(clock.now_ms())
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async for beat in beats(clock, 20):
        if beat.index == 0:
            time.sleep(0.1)
        if beat.index == 4:
            break
        ran.clear()
    task.cancel()
    assert ran


def test_punctuality_sums_up():
    figures = Punctuality.of([0.0] * 90 + [10.0] * 9 + [50.0])
    assert (figures.frames, figures.late_ms_p50, figures.late_ms_p95, figures.late_ms_max) == (100, 0.0, 10.0, 50.0)
    assert Punctuality.of([]).frames == 0
