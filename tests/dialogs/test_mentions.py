"""Every place that names a queue or a calendar is found: those that the check looks up, and those of the tests."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from dialogs import read_flowbook
from dialogs.checks import Checks
from dialogs.mentions import mentions
from dialogs.problems import FlowbookErrors

HERE = Path(__file__).parent
BOOKSHOP = (HERE.parents[1] / "samples/bookshop/flowbook.yaml").read_text(encoding="utf-8")
TAVOLA = (HERE / "tavola.yaml").read_text(encoding="utf-8")
SHOP = (HERE / "shop.yaml").read_text(encoding="utf-8")
EVERYWHERE = """\
flowbook: 1
id: prova
languages: {default: it}
start: welcome
disclosure: hello
calendars:
  office: {week: {mon-fri: ["09:00-18:00"]}}
queues:
  desk: {calendar: office, when_closed: later}
  orders: {}
repair:
  no_input: [{say: hello}, {callback: desk}]
  no_match: [{handoff: desk}]
always:
  operator: {handoff: desk, say: hello}
  sensed: {queues: {orders: orders}}
outgoing:
  later: {disclosure: hello, callbacks: [desk, orders]}
flows:
  welcome:
    - open: office
      else: later
    - set: {handoff: nowhere, callback: nowhere}      # slots that have these names
    - listen: {say: hello}
      repair: {no_match: [{handoff: orders}]}
    - fill:
        order: {type: digits, length: 6, ask: hello, repair: {no_input: [{callback: orders}]}}
    - if: order.startsWith("9")
      then: [{if: 'order == "91"', then: [{handoff: orders}], else: [{callback: desk}]}]
    - verify: {ask: {type: digits, length: 4, ask: hello}, equals: customer.code}
      else: later
      repair: {no_input: [{handoff: desk}]}
    - handoff: desk
  later:
    - end: answered
texts:
  hello: {it: Salve}
tests:
  - name: uno
    turns: [{keys: "0"}, {handoff: desk}, {callback: orders}]
    expect: {handoff: orders}
"""


def looked_up(text: str, monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str, str]]:
    """What the check looks up, in which step or section, and as what."""
    found = set()
    for kind in ("queue", "calendar"):
        real = getattr(Checks, kind)

        def noted(checks, name, *at, kind=kind, real=real):  # type: ignore[no-untyped-def]
            # A list is looked up as a whole where its places are found one by one.
            found.add((kind, name, ".".join(map(str, (*checks.path, *at)))))
            return real(checks, name, *at)

        monkeypatch.setattr(Checks, kind, noted)
    with contextlib.suppress(FlowbookErrors):
        read_flowbook(text)
    return found


@pytest.mark.parametrize("text", [BOOKSHOP, TAVOLA, SHOP, EVERYWHERE], ids=["bookshop", "tavola", "shop", "everywhere"])
def test_what_the_check_looks_up_is_found_and_nothing_else(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        (one.kind, one.name, ".".join(map(str, one.path[:-1] if one.path[-2] == "callbacks" else one.path)))
        for one in mentions(text)
        if not one.in_test
    }
    assert found == looked_up(text, monkeypatch)


def test_places_are_told_with_their_lines_also_those_of_tests() -> None:
    lines = EVERYWHERE.splitlines()
    found = mentions(EVERYWHERE)
    assert all(one.name in lines[one.line - 1] for one in found)
    assert [one.path for one in found if one.in_test] == [
        ("tests", 0, "turns", 1, "handoff"), ("tests", 0, "turns", 2, "callback"), ("tests", 0, "expect", "handoff"),
    ]  # fmt: skip
    assert found == sorted(found, key=lambda one: one.line)


@pytest.mark.parametrize(
    "text", ["", "a: [", "- 1", "flows: 7", "flows: {a: 1}\ntests: {}", "queues: [desk]\nrepair: no"]
)
def test_what_can_hardly_be_read_names_nothing(text: str) -> None:
    assert mentions(text) == []
