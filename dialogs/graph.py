"""A flowbook as a graph, derived from its text: also from one with errors, as far as it can be read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dialogs.frame import COMMANDS
from dialogs.problems import Located, Path
from dialogs.source import Source
from dialogs.step_labels import label_of, texts_in
from dialogs.steps.step import Step, parse_step, registered

MOST_STEPS = 3000
"""A larger graph is no help to anybody, and would take a browser minutes to lay out."""

EdgeKind = Literal["next", "branch", "goto", "jump", "return", "error", "queue", "always", "start"]


@dataclass(frozen=True)
class Node:
    """id: its path in the file, "flows.resi.2" (`start` for where calls begin). kind: the step's keyword, '?' where it
    has none; start, always, queue, outgoing and handback for what is no step. texts: keys of what is said there.
    missing: targets that do not exist. problems: those of the check that are about it."""

    id: str
    kind: str
    flow: str
    line: int
    column: int
    label: str
    texts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[Located, ...] = ()


@dataclass(frozen=True)
class Edge:
    """label: the option, key, intent or block that leads there. way: the branch as `Walked.way` has it, '' for none."""

    source: str
    target: str
    kind: EdgeKind
    label: str = ""
    way: str = ""


@dataclass(frozen=True)
class Graph:
    """problems: those that are about no node. left_off: steps beyond `MOST_STEPS`."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    problems: tuple[Located, ...] = ()
    left_off: int = 0


def graph_of(text: str, problems: Sequence[Located] = ()) -> Graph:
    """problems: what the check found in this text."""
    return _Reading(text).graph(problems)


@dataclass
class _Read:
    """A step: what follows when it has nothing to say about that, '' for nothing."""

    path: Path
    flow: str
    kind: str
    raw: Mapping[str, Any]
    step: Step | None
    after: str
    texts: tuple[str, ...]
    missing: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return _id(self.path)


class _Reading:
    def __init__(self, text: str) -> None:
        self._source = Source(text)
        self._top: Mapping[str, Any] = self._source.data if isinstance(self._source.data, dict) else {}
        self._flows: dict[str, list[Any]] = {
            name: block for name, block in self._section("flows").items() if isinstance(block, list) and block
        }
        self._steps: list[_Read] = []
        self._edges: list[Edge] = []
        self._left_off = 0

    def graph(self, problems: Sequence[Located]) -> Graph:
        for flow, block in self._flows.items():
            self._block(flow, ("flows", flow), block, "")
        others = list(self._others())
        known = {one.id for one in self._steps} | {node.id for node in others}
        for one in self._steps:
            self._lead(one, known)
        self._returns()
        self._lead_others()
        nodes = [self._node(one) for one in self._steps] + others
        placed, rest = _placed(nodes, problems)
        edges = tuple(dict.fromkeys(edge for edge in self._edges if edge.source in known and edge.target in known))
        return Graph(tuple(placed), edges, rest, self._left_off)

    def _section(self, name: str) -> Mapping[str, Any]:
        found = self._top.get(name)
        return found if isinstance(found, dict) else {}

    # ----------------------------------------------------------------------------------------------------- reading
    def _block(self, flow: str, path: Path, block: Sequence[Any], after: str) -> None:
        """Steps with those nested in them. after: what follows the block."""
        for index, value in enumerate(block):
            here = (*path, index)
            if len(self._steps) >= MOST_STEPS:
                self._left_off += 1
                continue
            raw = value if isinstance(value, dict) else {}
            kind = next((key for key in raw if key in registered()), "?")
            follows = _id((*path, index + 1)) if index + 1 < len(block) else after
            nested = {key: raw[key] for key in ("then", "else") if kind == "if" and isinstance(raw.get(key), list)}
            step = None if kind in ("if", "?") else _parsed(raw, kind)
            texts = tuple(key for key in texts_in(raw) if key in self._section("texts"))
            self._steps.append(_Read(here, flow, kind, raw, step, follows, texts))
            for key, inner in nested.items():
                self._block(flow, (*here, key), inner, follows)

    def _others(self) -> Iterator[Node]:
        """What a call passes that is no step."""
        yield self._other(("start",), "start", str(self._top.get("disclosure", "")))
        always = self._section("always")
        for command in COMMANDS:
            if isinstance(always.get(command), dict):
                yield self._other(("always", command), "always", command)
        if always.get("intents"):
            yield self._other(("always", "intents"), "always", "intents")
        for name in self._section("queues"):
            yield self._other(("queues", name), "queue", name)
        for section in ("outgoing", "handback"):
            for name in self._section(section):
                yield self._other((section, name), section, name)

    def _other(self, path: Path, kind: str, label: str) -> Node:
        return Node(_id(path), kind, "", self._source.line(path), self._source.column(path), label)

    # ----------------------------------------------------------------------------------------------------- leading
    def _lead(self, one: _Read, known: set[str]) -> None:
        if one.kind == "if":
            for block in ("then", "else"):
                target = _id((*one.path, block, 0)) if one.raw.get(block) else one.after
                self._edge(one, target, "branch", block, (block,))
            return
        for lead in one.step.leads() if one.step else ():
            kind: EdgeKind = "error" if lead.kind == "error_queue" else lead.kind
            target = self._flow(lead.target) if lead.is_flow else _id(("queues", lead.target))
            if target not in known:
                one.missing.append(lead.target)
            label = "" if kind in ("goto", "jump", "queue") else str(lead.way[-1])
            self._edge(one, target, kind, label, () if kind in ("goto", "jump", "queue") else lead.way)
        if one.after and (one.step.goes_on if one.step else one.kind not in ("goto", "end", "handoff", "return")):
            self._edge(one, one.after, "next", _onward(one.raw, one.kind))

    def _edge(self, one: _Read, target: str, kind: EdgeKind, label: str = "", way: Path = ()) -> None:
        self._edges.append(Edge(one.id, target, kind, label, _id((*one.path, *way)) if way else ""))

    def _flow(self, name: str) -> str:
        """Where a target begins: a flow's first step, or a command."""
        return _id(("always", name)) if name in COMMANDS else _id(("flows", name, 0))

    def _lead_others(self) -> None:
        self._edges.append(Edge("start", self._flow(str(self._top.get("start", ""))), "start"))
        for section in ("outgoing", "handback"):
            for name in self._section(section):
                self._edges.append(Edge(_id((section, name)), self._flow(name), "start"))
        for name, queue in self._section("queues").items():
            for way in ("when_closed", "when_full"):
                if isinstance(queue, dict) and isinstance(queue.get(way), str):
                    here = _id(("queues", name))
                    self._edges.append(Edge(here, self._flow(queue[way]), "branch", way, f"{here}.{way}"))
        always = self._section("always")
        for command in ("operator", "cancel"):
            given = always.get(command)
            here = _id(("always", command))
            if isinstance(given, dict) and isinstance(given.get("handoff"), str):
                self._edges.append(Edge(here, _id(("queues", given["handoff"])), "queue", "", here))
            elif isinstance(given, dict) and isinstance(given.get("goto"), str):
                self._edges.append(Edge(here, self._flow(given["goto"]), "always", "", here))
        intents = always.get("intents")
        for name in intents if isinstance(intents, list) else ():
            self._edges.append(
                Edge("always.intents", self._flow(str(name)), "always", str(name), f"always.intents.{name}")
            )

    def _returns(self) -> None:
        """From each `return` to the steps behind the jumps that lead to it."""
        leads: dict[str, set[str]] = {flow: set() for flow in self._flows}
        for one in self._steps:
            for lead in one.step.leads() if one.step else ():
                if lead.is_flow and lead.kind != "jump":
                    leads[one.flow].add(lead.target)
        returns = [one for one in self._steps if one.kind == "return"]
        for one in self._steps if returns else ():
            if one.kind == "jump" and one.step and one.after:
                came_by = _closure(next(one.step.flows(), ""), leads)
                for back in returns:
                    if back.flow in came_by:
                        self._edge(back, one.after, "return")

    def _node(self, one: _Read) -> Node:
        label = label_of(one.raw, one.kind, self._section("texts"), self._language())
        line, column = self._source.line(one.path), self._source.column(one.path)
        return Node(one.id, one.kind, one.flow, line, column, label, one.texts, tuple(dict.fromkeys(one.missing)))

    def _language(self) -> str:
        return str(self._section("languages").get("default", ""))


def _id(path: Path) -> str:
    return ".".join(map(str, path))


def _parsed(raw: Mapping[str, Any], kind: str) -> Step | None:
    """The step, else what its keyword alone says, else nothing."""
    for given in (raw, {kind: raw[kind]}):
        try:
            return parse_step(given)
        except (ValueError, TypeError):  # told by the check
            continue
    return None


def _onward(raw: Mapping[str, Any], kind: str) -> str:
    """What leads to the following step, where other things lead elsewhere."""
    inner = raw.get(kind)
    if kind == "menu" and isinstance(inner, dict) and isinstance(inner.get("options"), dict):
        return ", ".join(
            name for name, one in inner["options"].items() if isinstance(one, dict) and not one.get("goto")
        )
    return {"listen": "kb", "open": "open"}.get(kind, "")


def _closure(flow: str, leads: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [flow]
    while waiting:
        name = waiting.pop()
        if name in leads and name not in found:
            found.add(name)
            waiting.extend(leads[name])
    return found


def _placed(nodes: Sequence[Node], problems: Sequence[Located]) -> tuple[list[Node], tuple[Located, ...]]:
    """Each problem at the deepest node whose path leads to it, or at those that say the text it is about."""
    of_node: dict[str, list[Located]] = {node.id: [] for node in nodes}
    said_at: dict[str, list[str]] = {}
    for node in nodes:
        for key in node.texts:
            said_at.setdefault(key, []).append(node.id)
    rest = []
    for problem in problems:
        parts = problem.node.split(".")
        depths = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        deepest = next((name for name in depths if name in of_node), None)
        where = [deepest] if deepest else said_at.get(parts[1], []) if parts[0] == "texts" and len(parts) > 1 else []
        for name in where:
            of_node[name].append(problem)
        if not where:
            rest.append(problem)
    return [_with(node, of_node[node.id]) for node in nodes], tuple(rest)


def _with(node: Node, problems: Sequence[Located]) -> Node:
    return Node(**{**vars(node), "problems": tuple(problems)}) if problems else node
