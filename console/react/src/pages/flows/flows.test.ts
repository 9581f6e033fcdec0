import { expect, test } from "vitest";
import { errorsIn, type GraphNode, isoDay, nodeAt, type Problem, problemsOf } from "./flows";

const problem = (line: number, message: string, severity: Problem["severity"] = "error"): Problem => ({ line, message, severity, column: 1, node: "texts.hello", rule: "text", file: "", place: "" });
const node = (id: string, line: number, problems: Problem[] = []): GraphNode => ({ id, line, problems, column: 1, kind: "say", flow: "a", label: "", texts: [], missing: [] });

test("a problem of a text that two steps say is told once, in the order of the file", () => {
  const twice = problem(40, "no such field");
  const graph = { nodes: [node("flows.a.0", 3, [twice]), node("flows.a.1", 4, [twice, problem(4, "odd", "warning")])], problems: [problem(1, "head")] };
  expect(problemsOf(graph).map((one) => one.line)).toEqual([1, 4, 40]);
  expect(errorsIn(problemsOf(graph))).toBe(2);
  expect(problemsOf(undefined)).toEqual([]);
});

test("the step at a line is the last one that began", () => {
  const nodes = [node("flows.a.0", 3), node("flows.a.1", 9), { ...node("start", 1), flow: "" }];
  expect([2, 3, 8, 9, 50].map((line) => nodeAt(nodes, line)?.id)).toEqual([undefined, "flows.a.0", "flows.a.0", "flows.a.1", "flows.a.1"]);
});

test("a day is the reader's own", () => {
  expect(isoDay(new Date(2026, 4, 4, 0, 5))).toBe("2026-05-04");
});
