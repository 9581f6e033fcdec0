import type { Schemas } from "../../api/client";

export type Flowbook = Schemas["FlowbookView"];
export type WholeFlowbook = Schemas["WholeFlowbookView"];
export type Graph = Schemas["GraphView"];
export type GraphNode = Schemas["NodeView"];
export type Problem = Schemas["ProblemView"];
export type Revision = Schemas["RevisionView"];
export type StepCounts = Schemas["StepPassagesView"];

export const FLOWBOOKS = ["flowbooks"];
export const flowbookKey = (id: string) => ["flowbook", id];

/** Every problem once, in the order of the file: those at nodes may stand at several. */
export function problemsOf(graph: Pick<Graph, "nodes" | "problems"> | undefined): Problem[] {
  const all = [...(graph?.problems ?? []), ...(graph?.nodes ?? []).flatMap((node) => node.problems)];
  const once = new Map(all.map((problem) => [`${problem.line}:${problem.column} ${problem.node} ${problem.message}`, problem]));
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

export function errorsIn(problems: readonly Problem[]): number {
  return problems.filter((problem) => problem.severity === "error").length;
}

/** The node that stands at a line: the last one that begins there or before. */
export function nodeAt(nodes: readonly GraphNode[], line: number): GraphNode | undefined {
  return nodes.filter((node) => node.flow && node.line <= line).sort((a, b) => b.line - a.line || b.column - a.column)[0];
}

/** "2026-11-28", local. */
export function isoDay(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
