from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from history import Journal, Timeline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(path, node="n1")
    yield opened
    await opened.close()


@pytest.fixture
async def timeline(journal: Journal) -> AsyncIterator[Timeline]:
    opened = Timeline(journal.path)
    yield opened
    await opened.close()
