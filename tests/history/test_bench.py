from pathlib import Path
from typing import Any

import psycopg
import pytest

from history import Database, Postgres, bench


def test_the_bench_measures_four_things_and_leaves_nothing_behind(
    place: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = place.url if isinstance(place, Postgres) else ""
    wanted = bench.Wanted(calls=8, seconds=0.5, folder=tmp_path, url=url, offered_per_s=200)
    made: list[str] = []
    monkeypatch.setattr(Postgres, "open_writer", noting(made))
    figures = bench.run(wanted)
    for waits in (figures.saturated, figures.offered, figures.paced, figures.bare):
        assert waits.events > 5
        assert 0 < waits.p50_ms <= waits.p95_ms <= waits.max_ms
    assert figures.paced.events < figures.saturated.events
    assert bench.median([figures, figures]) == figures
    assert list(tmp_path.iterdir()) == []
    assert not made or not there(made[0])


def noting(made: list[str]) -> Any:
    real = Postgres.open_writer

    def open_writer(place: Postgres, node: str) -> Any:
        made.append(place.url)
        return real(place, node)

    return open_writer


def there(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
