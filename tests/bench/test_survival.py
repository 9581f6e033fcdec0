"""A small `centralino bench survival` on each engine; the whole one is a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from centralino.bench import survival
from centralino.bench.survival_child import FAILPOINTS


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_acknowledged_is_lost_when_a_server_is_killed(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survival, "FAILPOINTS", {"sqlite": FAILPOINTS[2:4], "postgresql": FAILPOINTS[3:]}[engine])
    url = request.getfixturevalue("postgres_url") if engine == "postgresql" else ""
    survived = survival.run(3, 8, seed=7, url=url, folder=tmp_path)
    assert survived.faults == []
    assert survived.acknowledged > 0
    assert 0 < survived.interactions * 2 == survived.webhooks


def test_faults_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself: an acknowledgement that was never written, and a webhook that was never sent, are named."""
    real: Any = survival._killed

    def lying(*args: Any) -> survival.Ledger:
        return real(*args) | {("made-up", 3): 1}

    monkeypatch.setattr(survival, "_killed", lying)
    survived = survival.run(1, 2, seed=7, folder=tmp_path)
    assert survived.faults == ["acknowledged and not there: made-up 3"]
