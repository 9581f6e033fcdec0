import "@xyflow/react/dist/base.css";
import { Loader, useComputedColorScheme } from "@mantine/core";
import { Background, Controls, MarkerType, ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useWords } from "../../../words";
import type { Graph, StepCounts } from "../flows";
import classes from "./graph.module.css";
import { drawn, type Layout, layOut, shapeOf } from "./layout";
import { RoutedEdge, type RoutedEdgeType } from "./RoutedEdge";
import { FlowBox, type FlowBoxType, StepNode, type StepNodeType } from "./StepNode";

/** What a simulated call did: the places that it came by, and the node it stands at. */
export interface Walk {
  places: ReadonlySet<string>;
  here: string;
}

interface Props {
  graph: Graph | undefined;
  chosen: string;
  choose: (id: string) => void;
  walk: Walk | null;
  counts: { steps: Record<string, StepCounts>; calls: number } | null;
}

const NODES = { step: StepNode, flow: FlowBox };
const EDGES = { routed: RoutedEdge };

/** The flowbook as a picture. It cannot be drawn in: the text is the truth, and the layout follows from it. */
export function FlowGraph({ graph, chosen, choose, walk, counts }: Props) {
  const words = useWords();
  const scheme = useComputedColorScheme("light");
  const shape = useMemo(() => (graph ? shapeOf(graph) : ""), [graph]);
  const [layout, setLayout] = useState<Layout | null>(null);
  const [broken, setBroken] = useState<unknown>(null);
  const flow = useRef<ReactFlowInstance<StepNodeType | FlowBoxType, RoutedEdgeType> | null>(null);

  useEffect(() => {
    if (!graph) return;
    let late = false;
    layOut(graph)
      .then((made) => !late && setLayout(made))
      .catch((error: unknown) => !late && setBroken(error));
    return () => {
      late = true;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only another shape is laid out anew
  }, [shape]);
  if (broken) throw broken;

  const look = useCallback((id: string) => {
    const { current } = flow;
    if (!current?.getNode(id)) return;
    const zoom = Math.max(0.6, current.getZoom());
    void current.fitView({ nodes: [{ id }], minZoom: zoom, maxZoom: zoom, duration: 250 });
  }, []);

  const nodes = useMemo<(StepNodeType | FlowBoxType)[]>(() => {
    const known = new Map((graph ? drawn(graph) : []).map((node) => [node.id, node]));
    return (layout?.nodes ?? []).flatMap((at): (StepNodeType | FlowBoxType)[] => {
      const place = { id: at.id, position: { x: at.x, y: at.y }, width: at.width, height: at.height, draggable: false, selectable: false, focusable: false };
      const node = known.get(at.id);
      if (node) {
        const stands = walk?.here === node.id ? "here" : walk?.places.has(node.id) ? "passed" : "";
        const zero = counts && node.flow ? { passed: 0, ended: 0, dropped: 0, no_match: 0, no_input: 0 } : null;
        const data = { node, chosen: chosen === node.id, walk: stands, counts: counts?.steps[node.id] ?? zero, calls: counts?.calls ?? 0, choose, look } as const;
        return [{ ...place, type: "step", parentId: at.parent, data }];
      }
      return at.id.startsWith("flow ") ? [{ ...place, type: "flow", data: { name: at.id.slice(5) } }] : [];
    });
  }, [layout, graph, chosen, choose, look, walk, counts]);
  const edges = useMemo<RoutedEdgeType[]>(() => {
    const there = new Set(nodes.map((node) => node.id));
    return (layout?.lines ?? [])
      .filter((line) => there.has(line.source) && there.has(line.target))
      .map((line) => {
        const lit = !!walk && (line.ways.length > 0 ? line.ways.some((way) => walk.places.has(way)) : line.kind !== "queue" && walk.places.has(line.source) && walk.places.has(line.target));
        const marker = { type: MarkerType.ArrowClosed, width: 14, height: 14, color: lit ? "var(--console-good)" : "var(--mantine-color-dimmed)" };
        return { id: line.id, source: line.source, target: line.target, type: "routed", data: { line, lit }, markerEnd: marker, focusable: false, zIndex: lit ? 3 : 2 };
      });
  }, [layout, nodes, walk]);

  useEffect(() => {
    look(walk?.here || chosen);
  }, [look, chosen, walk?.here]);

  return (
    <section className={classes.place} aria-label={words.flows.graph}>
      {layout ? (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={NODES}
          edgeTypes={EDGES}
          colorMode={scheme}
          nodesDraggable={false}
          nodesConnectable={false}
          elementsSelectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          minZoom={0.08}
          maxZoom={1.5}
          onInit={(made) => {
            flow.current = made;
            void made.fitView({ nodes: firstOf(nodes), padding: 0.1, minZoom: 0.35, maxZoom: 1 });
          }}
          proOptions={{ hideAttribution: true }}
          ariaLabelConfig={{ "controls.ariaLabel": words.flows.zoom, "controls.zoomIn.ariaLabel": words.flows.closer, "controls.zoomOut.ariaLabel": words.flows.farther, "controls.fitView.ariaLabel": words.flows.whole }}
        >
          <Background gap={24} />
          <Controls showInteractive={false} />
        </ReactFlow>
      ) : (
        <div className={classes.empty}>
          <Loader aria-label={words.frame.loading} />
        </div>
      )}
    </section>
  );
}

/** Where calls begin, and the first flow: what one wants to see first. */
function firstOf(nodes: readonly { id: string }[]): { id: string }[] {
  const first = nodes.find((node) => node.id.startsWith("flow "));
  return nodes.filter((node) => node.id === "start" || node.id === first?.id).map(({ id }) => ({ id }));
}
