import ELK, { type ElkExtendedEdge, type ElkNode } from "elkjs/lib/elk-api";
import worker from "elkjs/lib/elk-worker.min.js?url";
import type { Graph } from "../flows";

export const NODE = { width: 208, height: 76 };
const TITLE = 34;

export interface Point {
  x: number;
  y: number;
}
export interface Placed {
  id: string;
  /** The flow around a step; none for what is no step. */
  parent?: string;
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Line {
  id: string;
  source: string;
  target: string;
  kind: Graph["edges"][number]["kind"];
  label: string;
  /** The places that a simulated call names when it takes one of the ways that are drawn as this line. */
  ways: string[];
}
export interface RoutedLine extends Line {
  points: Point[];
  at?: Point;
}
export interface Layout {
  nodes: Placed[];
  lines: RoutedLine[];
}

/** One line for all ways between two nodes that look the same. */
export function linesOf(edges: Graph["edges"]): Line[] {
  const found = new Map<string, Line>();
  for (const { source, target, kind, label, way } of edges) {
    const id = `${source} ${target} ${kind}`;
    const line = found.get(id) ?? { id, source, target, kind, label: "", ways: [] };
    if (label && !line.label.split(" · ").includes(label)) line.label = line.label ? `${line.label} · ${label}` : label;
    if (way) line.ways.push(way);
    found.set(id, line);
  }
  return [...found.values()].map((line) => ({ ...line, label: line.label.length > 40 ? `${line.label.slice(0, 39)}…` : line.label }));
}

/** What is drawn: all steps, and of the rest what leads somewhere. */
export function drawn(graph: Pick<Graph, "nodes" | "edges">): Graph["nodes"] {
  const led = new Set(graph.edges.flatMap((edge) => [edge.source, edge.target]));
  return graph.nodes.filter((node) => node.flow || led.has(node.id) || node.problems.length > 0);
}

/** Equal for graphs that are laid out alike. */
export function shapeOf(graph: Pick<Graph, "nodes" | "edges">): string {
  return JSON.stringify([drawn(graph).map((node) => [node.id, node.flow]), linesOf(graph.edges).map((line) => [line.id, line.label])]);
}

/** The graph as the layouter takes it: a box for each flow, with its steps in it. */
export function asked(graph: Pick<Graph, "nodes" | "edges">): ElkNode {
  const nodes = drawn(graph);
  const flows = [...new Set(nodes.map((node) => node.flow).filter(Boolean))];
  const child = (id: string): ElkNode => ({ id, ...NODE });
  const edges: ElkExtendedEdge[] = linesOf(graph.edges).map((line) => ({
    id: line.id,
    sources: [line.source],
    targets: [line.target],
    labels: line.label ? [{ text: line.label, width: line.label.length * 6.2 + 8, height: 16 }] : [],
  }));
  return {
    id: "all",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "DOWN",
      "elk.hierarchyHandling": "INCLUDE_CHILDREN",
      "elk.json.edgeCoords": "ROOT",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
      "elk.layered.spacing.nodeNodeBetweenLayers": "40",
      "elk.spacing.nodeNode": "32",
      "elk.edgeRouting": "ORTHOGONAL",
    },
    children: [
      ...nodes.filter((node) => !node.flow).map((node) => child(node.id)),
      ...flows.map((flow) => ({
        id: `flow ${flow}`,
        layoutOptions: { "elk.padding": `[top=${TITLE},left=16,bottom=16,right=16]` },
        children: nodes.filter((node) => node.flow === flow).map((node) => child(node.id)),
      })),
    ],
    edges,
  };
}

/** What the layouter answered. */
export function placed(answer: ElkNode, lines: readonly Line[]): Layout {
  const one = (node: ElkNode, parent?: string): Placed => ({ id: node.id, parent, x: node.x ?? 0, y: node.y ?? 0, width: node.width ?? NODE.width, height: node.height ?? NODE.height });
  const nodes = (answer.children ?? []).flatMap((node) => [one(node), ...(node.children ?? []).map((inner) => one(inner, node.id))]);
  const routes = new Map((answer.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    nodes,
    lines: lines.map((line) => {
      const route = routes.get(line.id);
      const points = (route?.sections ?? []).flatMap((section) => [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]);
      const label = route?.labels?.[0];
      const at = label && { x: (label.x ?? 0) + (label.width ?? 0) / 2, y: (label.y ?? 0) + (label.height ?? 0) / 2 };
      return { ...line, points, at };
    }),
  };
}

let layouter: InstanceType<typeof ELK> | undefined;

/** Laid out in a worker, so that typing goes on meanwhile. */
export async function layOut(graph: Pick<Graph, "nodes" | "edges">): Promise<Layout> {
  layouter ??= new ELK({ workerUrl: worker });
  return placed(await layouter.layout(asked(graph)), linesOf(graph.edges));
}
