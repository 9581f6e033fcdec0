"""A flowbook's graph: every step is a node, every way leads somewhere, mistakes stand where they were made."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs import Flowbook, FlowbookErrors, read_flowbook
from dialogs.graph import MOST_STEPS, Graph, Node, graph_of
from dialogs.rehearsal.places import steps_of, ways_of

HERE = Path(__file__).parent
BOOKSHOP = (HERE.parents[1] / "samples/bookshop/flowbook.yaml").read_text(encoding="utf-8")
TAVOLA = (HERE / "tavola.yaml").read_text(encoding="utf-8")
SHOP = (HERE / "shop.yaml").read_text(encoding="utf-8")


def checked(text: str) -> Graph:
    """With what is wrong in it."""
    try:
        return graph_of(text, read_flowbook(text).warnings)
    except FlowbookErrors as error:
        return graph_of(text, [*error.errors, *error.warnings])


def at(graph: Graph, name: str) -> Node:
    return next(node for node in graph.nodes if node.id == name)


def leads(graph: Graph, source: str) -> set[tuple[str, str, str]]:
    return {(edge.kind, edge.label, edge.target) for edge in graph.edges if edge.source == source}


@pytest.mark.parametrize("name", ["bookshop", "tavola", "shop"])
def test_every_step_is_a_node_and_every_target_is_reached(name: str, request: pytest.FixtureRequest) -> None:
    book: Flowbook = request.getfixturevalue(name)
    text = {"bookshop": BOOKSHOP, "tavola": TAVOLA, "shop": SHOP}[name]
    graph = graph_of(text)
    steps = {".".join(map(str, path)): path for path in steps_of(book)}
    nodes = {node.id: node for node in graph.nodes}
    assert steps.keys() == {node.id for node in graph.nodes if node.flow}
    assert [node.id for node in graph.nodes if node.missing] == []
    for step, path in steps.items():
        assert (nodes[step].line, nodes[step].column) == (book.line_of(path), book.column_of(path))
    reached = {"start", *(node.id for node in graph.nodes if node.kind in ("outgoing", "handback", "always", "queue"))}
    while further := {edge.target for edge in graph.edges if edge.source in reached} - reached:
        reached |= further
    assert steps.keys() <= reached
    # What a simulated call names when it takes a branch is the branch's edge, or belongs to the step itself.
    ways = {".".join(map(str, path)) for path in ways_of(book)}
    assert {edge.way for edge in graph.edges if edge.way.startswith("flows.")} <= ways


def test_branches_say_what_leads_there() -> None:
    graph = checked(BOOKSHOP)
    order = "flows.order_status"
    assert leads(graph, "flows.more_help.0") == {
        ("branch", "order_status", f"{order}.0"), ("branch", "1", f"{order}.0"),
        ("branch", "operator", "always.operator"), ("branch", "0", "always.operator"),
        ("branch", "yes", "flows.go_ahead.0"), ("branch", "no", "flows.goodbye.0"), ("next", "kb", "flows.more_help.1"),
    }  # fmt: skip
    assert leads(graph, f"{order}.1") == {
        ("branch", "then", f"{order}.1.then.0"),
        ("branch", "else", f"{order}.1.else.0"),
    }
    assert leads(graph, f"{order}.1.else.0.then.0") == {("next", "", f"{order}.2")}
    assert leads(graph, f"{order}.1.then.1") == {("queue", "", "queues.ordini")}
    assert leads(graph, "start") == {("start", "", "flows.welcome.0")}
    assert leads(graph, "always.cancel") == {("always", "", "flows.more_help.0")}
    assert at(graph, "flows.welcome.0").label == "Come posso aiutarla?"
    assert at(graph, f"{order}.1").label == 'ordine.startsWith("9")'


def test_jumps_come_back_and_errors_lead_elsewhere() -> None:
    text = BOOKSHOP.replace(
        "  goodbye:\n",
        "  asked: [{say: please_tell}, {goto: told}]\n"
        "  told: [{return: true}]\n"
        "  goodbye:\n"
        "    - jump: asked\n"
        '    - call: {get: "https://crm.example/x", on_error: go_ahead}\n',
        1,
    )
    graph = checked(text)
    assert leads(graph, "flows.goodbye.0") == {("jump", "", "flows.asked.0"), ("next", "", "flows.goodbye.1")}
    assert leads(graph, "flows.told.0") == {("return", "", "flows.goodbye.1")}
    assert leads(graph, "flows.goodbye.1") == {
        ("error", "on_error", "flows.go_ahead.0"),
        ("next", "", "flows.goodbye.2"),
    }


def test_a_broken_target_is_an_error_at_its_node() -> None:
    graph = checked(BOOKSHOP.replace("- goto: more_help\n\n  go_ahead", "- goto: more_hlp\n\n  go_ahead"))
    broken = at(graph, "flows.more_help.1")
    assert broken.missing == ("more_hlp",)
    [error] = broken.problems
    assert (error.line, error.is_warning, error.rule) == (63, False, "unknown-flow")
    assert leads(graph, broken.id) == set()
    assert len([node for node in graph.nodes if node.problems]) == 1


def test_a_book_that_cannot_be_used_is_shown_as_far_as_it_can_be_read() -> None:
    text = BOOKSHOP.replace("- end: answered", "- ends: answered", 1).replace("type: digits", "type: digit", 1)
    graph = checked(text)
    assert at(graph, "flows.goodbye.1").kind == "?"
    assert "a step needs exactly one keyword" in at(graph, "flows.goodbye.1").problems[0].message
    assert "unknown type 'digit'" in at(graph, "flows.order_status.0").problems[0].message
    assert len(graph.nodes) == len(checked(BOOKSHOP).nodes)
    assert leads(graph, "flows.order_status.0") == {("next", "", "flows.order_status.1")}


def test_what_is_wrong_with_a_text_stands_at_the_steps_that_say_it() -> None:
    graph = checked(
        BOOKSHOP.replace('it: "Ordine {ordine:digits}: è giusto?"', 'it: "Ordine {ordin:digits}: è giusto?"')
    )
    assert [node.id for node in graph.nodes if node.problems] == ["flows.order_status.0"]
    assert graph.problems == ()
    general = checked(BOOKSHOP.replace("call_budget: 6", "call_budget: 0"))
    assert [(one.node, one.is_warning) for one in general.problems] == [("repair.call_budget", False)]


@pytest.mark.parametrize(
    "text", ["", "a: [", "flows: 3", "flows: {a: [1, {if: x, then: 3}, {say: [1]}, {fill: 7}]}", "- 1"]
)
def test_what_is_hardly_a_flowbook_is_a_graph_all_the_same(text: str) -> None:
    assert [node.kind for node in graph_of(text).nodes if not node.flow] == ["start"]


def test_while_somebody_types_there_is_a_graph_at_every_moment() -> None:
    lines = TAVOLA.splitlines(keepends=True)
    for end in range(5, len(lines), 9):
        text = "".join(lines[:end])
        graph = graph_of(text[: -len(lines[end - 1]) // 2 or None])
        assert all(edge.target in {node.id for node in graph.nodes} for edge in graph.edges)


def test_too_many_steps_are_left_off() -> None:
    text = "flows: {a: [" + "{end: x}, " * (MOST_STEPS + 5) + "]}"
    graph = graph_of(text)
    assert (len([node for node in graph.nodes if node.flow]), graph.left_off) == (MOST_STEPS, 5)
