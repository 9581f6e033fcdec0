from pathlib import Path

from history import bench


def test_the_bench_measures_three_things_and_leaves_nothing_behind(tmp_path: Path) -> None:
    figures = bench.run(calls=8, seconds=0.5, folder=tmp_path)
    for waits in (figures.saturated, figures.paced, figures.bare):
        assert waits.events > 5
        assert 0 < waits.p50_ms <= waits.p95_ms <= waits.max_ms
    assert figures.paced.events < figures.saturated.events
    assert list(tmp_path.iterdir()) == []
