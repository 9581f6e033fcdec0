from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from dialogs import Flowbook, load_flowbook, read_flowbook

settings.register_profile("unhurried", deadline=None)  # speeds are measured by benches, never by tests
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shop() -> Flowbook:
    """A small flowbook with every kind of step."""
    return load_flowbook(Path(__file__).with_name("shop.yaml"))


@pytest.fixture(scope="session")
def tavola() -> Flowbook:
    """A restaurant's flowbook, with every kind of step that the shop's lacks."""
    return load_flowbook(Path(__file__).with_name("tavola.yaml"))


@pytest.fixture(scope="session")
def bookshop() -> Flowbook:
    """The sample company's flowbook."""
    return load_flowbook(Path(__file__).parents[2] / "samples" / "bookshop" / "flowbook.yaml")


@pytest.fixture(scope="session")
def bad_condition() -> Flowbook:
    """A flowbook whose first step reads a slot that is not filled yet: it loads, and fails in the call."""
    text = Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8")
    first = "  welcome:\n    - if: number.startsWith('4')\n      then: [{say: shipped}]\n"
    return read_flowbook(text.replace("  welcome:\n", first, 1))
