import { expect, test } from "vitest";
import type { Graph } from "../flows";
import { asked, drawn, linesOf, placed, shapeOf } from "./layout";

const node = (id: string, flow = ""): Graph["nodes"][number] => ({ id, flow, kind: "say", line: 1, column: 1, label: "", texts: [], missing: [], problems: [] });
const edge = (source: string, target: string, label = "", kind: Graph["edges"][number]["kind"] = "branch") => ({ source, target, label, kind, way: label && `${source}.${label}` });
const graph = {
  nodes: [node("flows.a.0", "a"), node("flows.a.1", "a"), node("flows.b.0", "b"), node("start"), node("always.repeat")],
  edges: [edge("start", "flows.a.0", "", "start"), edge("flows.a.0", "flows.b.0", "order"), edge("flows.a.0", "flows.b.0", "1"), edge("flows.a.0", "flows.a.1", "", "next")],
};

test("an intent and a key that lead to the same step are one line", () => {
  const lines = linesOf(graph.edges);
  expect(lines.map((line) => line.label)).toEqual(["", "order · 1", ""]);
  expect(lines[1]?.ways).toEqual(["flows.a.0.order", "flows.a.0.1"]);
});

test("steps stand in their flow's box; what leads nowhere and is no step is left out", () => {
  expect(drawn(graph).map((one) => one.id)).not.toContain("always.repeat");
  const children = asked(graph).children ?? [];
  expect(children.map((child) => [child.id, (child.children ?? []).length])).toEqual([["start", 0], ["flow a", 2], ["flow b", 1]]);
});

test("what only changes a step's words is not laid out again", () => {
  const again = { ...graph, nodes: graph.nodes.map((one) => ({ ...one, label: "altro", line: 7 })) };
  expect(shapeOf(again)).toBe(shapeOf(graph));
  expect(shapeOf({ ...graph, edges: graph.edges.slice(1) })).not.toBe(shapeOf(graph));
});

test("the answer's lines have their points, in order, and where the label goes", () => {
  const lines = linesOf(graph.edges);
  const section = { id: "s", startPoint: { x: 1, y: 2 }, bendPoints: [{ x: 1, y: 5 }], endPoint: { x: 9, y: 5 } };
  const answer = { id: "all", children: [{ id: "flow a", x: 5, y: 5, children: [{ id: "flows.a.0", x: 1, y: 1 }] }], edges: [{ id: lines[1]?.id ?? "", sources: [], targets: [], sections: [section], labels: [{ x: 10, y: 20, width: 40, height: 16 }] }] };
  const layout = placed(answer, lines);
  expect(layout.nodes.map(({ id, parent }) => [id, parent])).toEqual([["flow a", undefined], ["flows.a.0", "flow a"]]);
  expect(layout.lines[1]).toMatchObject({ points: [{ x: 1, y: 2 }, { x: 1, y: 5 }, { x: 9, y: 5 }], at: { x: 30, y: 28 } });
  expect(layout.lines[0]?.points).toEqual([]);
});
