"""Flowbooks as graphs for the console: what is published, drafted, or being edited."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict

from console.api.flow_answers import told
from console.api.flow_views import ProblemView, Text, problem_views
from console.api.guarded_bodies import body_of, described
from console.flow_shelf import FlowShelf, Shelved
from console.guard import refusal
from console.sessions import Session
from dialogs.graph import EdgeKind, Graph, graph_of
from dialogs.mentions import Mention, Named, mentions
from knowledge.revision import FLOWBOOK, Document
from knowledge.revision_names import DRAFT, body_named

# Dependencies are closures here, so annotations must not be postponed: FastAPI could not look their names up.

LONGEST_S = 30.0
"""For one text, with the wait for those of others: they are checked one at a time."""


class GraphGiven(BaseModel):
    """text: a flowbook as somebody edits it."""

    model_config = ConfigDict(extra="forbid")

    text: Text


class NodeView(BaseModel):
    """id: its path in the file, "flows.resi.2". kind: the step's keyword, '?' where it has none; start, always, queue,
    outgoing and handback are no steps. texts: keys of what is said. missing: targets that do not exist."""

    id: str
    kind: str
    flow: str
    line: int
    column: int
    label: str
    texts: list[str]
    missing: list[str]
    problems: list[ProblemView]


class EdgeView(BaseModel):
    """label: the option, key, intent or block that leads there. way: the place that simulated calls and tests name when
    they take it, '' where they name none."""

    source: str
    target: str
    kind: EdgeKind
    label: str
    way: str


class MentionView(BaseModel):
    """A place that names a queue or a calendar. node: its path in the file, "flows.resi.2.handoff". in_test: a test
    does, which calls do not need."""

    kind: Named
    name: str
    node: str
    line: int
    in_test: bool


class GraphView(BaseModel):
    """problems: of no node. mentions: of queues and calendars. left_off: steps that were too many."""

    nodes: list[NodeView]
    edges: list[EdgeView]
    problems: list[ProblemView]
    mentions: list[MentionView]
    left_off: int


def flow_graph(shelf: FlowShelf, flow_admin: Callable[[Request], Awaitable[Session]]) -> APIRouter:
    """flow_admin: the session of who may edit flowbooks; refuses everybody else."""
    router = APIRouter(prefix="/api/flowbooks", tags=["flowbooks"])
    writer = Annotated[Session, Depends(flow_admin)]

    async def book(flowbook: Annotated[str, Path(max_length=100)], session: writer) -> Shelved:
        return await shelved(shelf, flowbook)

    named = Annotated[Shelved, Depends(book)]

    async def drawn(one: Shelved, text: str) -> GraphView:
        try:
            async with told(shelf.unusable), asyncio.timeout(LONGEST_S):
                looked = await shelf.look(one.id, text, rehearse=False)
                return await asyncio.to_thread(lambda: _view(graph_of(text, looked.problems), mentions(text)))
        except TimeoutError:
            raise refusal(503, "busy", "other flowbooks are being checked; try again", retry_after_s=5) from None

    @router.get("/{flowbook}/graph")
    async def graph(one: named, state: Annotated[str, Query(max_length=64)] = DRAFT) -> GraphView:
        """state: draft, published, a revision's number, or the first six digits or more of its hash."""
        async with told(shelf.unusable):
            text = (await asyncio.to_thread(body_named, shelf.revisions, Document(FLOWBOOK, one.id), state)).decode()
        return await drawn(one, text)

    @router.post("/{flowbook}/graph", openapi_extra=described(GraphGiven))
    async def graph_of_text(
        one: named, given: Annotated[GraphGiven, Depends(body_of(GraphGiven, flow_admin))]
    ) -> GraphView:
        """Of a text that is being edited; nothing is saved. Also of one with errors, as far as it can be read."""
        return await drawn(one, given.text)

    return router


async def shelved(shelf: FlowShelf, flowbook: str) -> Shelved:
    """The company's flowbook of that name; 404 for none."""
    async with told(shelf.unusable):
        found = next((one for one in await shelf.flowbooks() if one.id == flowbook), None)
    if found is None:
        raise refusal(404, "no_such_flowbook", f"this company has no flowbook {flowbook!r}")
    return found


def _view(graph: Graph, named: Sequence[Mention]) -> GraphView:
    nodes = [
        NodeView(
            **{**vars(node), "texts": list(node.texts), "missing": list(node.missing)}
            | {"problems": problem_views(node.problems)}
        )
        for node in graph.nodes
    ]
    edges = [EdgeView(**vars(edge)) for edge in graph.edges]
    there = [
        MentionView(kind=one.kind, name=one.name, node=".".join(map(str, one.path)), line=one.line, in_test=one.in_test)
        for one in named
    ]
    problems = problem_views(graph.problems)
    return GraphView(nodes=nodes, edges=edges, problems=problems, mentions=there, left_off=graph.left_off)
