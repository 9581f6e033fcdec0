import { BaseEdge, type Edge, type EdgeProps } from "@xyflow/react";
import classes from "./graph.module.css";
import type { Point, RoutedLine } from "./layout";

export type RoutedEdgeType = Edge<{ line: RoutedLine; lit: boolean }, "routed">;

/** A line along the way that the layouter found for it. */
export function RoutedEdge({ data, markerEnd, sourceX, sourceY, targetX, targetY }: EdgeProps<RoutedEdgeType>) {
  const line = data?.line;
  const points = line?.points.length ? line.points : [{ x: sourceX, y: sourceY }, { x: targetX, y: targetY }];
  return (
    <g className={`${classes.line} ${classes[line?.kind ?? "next"] ?? ""} ${data?.lit ? classes.lit : ""}`}>
      <BaseEdge
        path={pathThrough(points)}
        markerEnd={markerEnd}
        label={line?.label}
        labelX={line?.at?.x}
        labelY={line?.at?.y}
        labelShowBg
        labelBgPadding={[4, 2]}
        labelBgBorderRadius={4}
        interactionWidth={0}
      />
    </g>
  );
}

/** Straight stretches with round corners. */
export function pathThrough(points: readonly Point[], radius = 7): string {
  const first = points[0];
  if (!first) return "";
  const parts = [`M${first.x},${first.y}`];
  points.slice(1).forEach((corner, index) => {
    const before = points[index] as Point;
    const after = points[index + 2];
    if (!after) {
      parts.push(`L${corner.x},${corner.y}`);
      return;
    }
    const begin = towards(corner, before, radius);
    const end = towards(corner, after, radius);
    parts.push(`L${begin.x},${begin.y}`, `Q${corner.x},${corner.y} ${end.x},${end.y}`);
  });
  return parts.join(" ");
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
