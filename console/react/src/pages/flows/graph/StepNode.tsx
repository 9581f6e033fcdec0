import type { Node, NodeProps } from "@xyflow/react";
import { Handle, Position } from "@xyflow/react";
import { useWords } from "../../../words";
import { errorsIn, type GraphNode, type StepCounts } from "../flows";
import classes from "./graph.module.css";

export interface StepData extends Record<string, unknown> {
  node: GraphNode;
  chosen: boolean;
  /** What a simulated call did here: it came by, or it stands here now. */
  walk: "" | "passed" | "here";
  counts: StepCounts | null;
  /** Of all calls, for the share that came by. */
  calls: number;
  choose: (id: string) => void;
  /** Brings the node into view: keys reach nodes that are out of it. */
  look: (id: string) => void;
}
export type StepNodeType = Node<StepData, "step">;
export type FlowBoxType = Node<{ name: string }, "flow">;

/** One step: what it does and says, what is wrong with it, what calls did there. */
export function StepNode({ data }: NodeProps<StepNodeType>) {
  const words = useWords();
  const { node, chosen, walk, counts, calls } = data;
  const errors = errorsIn(node.problems);
  const warnings = node.problems.length - errors;
  const kind = (words.flows.kinds as Record<string, string>)[node.kind] ?? node.kind;
  const look = [classes.node, node.flow ? "" : classes.other, errors ? classes.wrong : warnings ? classes.odd : "", chosen ? classes.chosen : "", walk ? classes[walk] : ""];
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} className={classes.handle} />
      <button type="button" className={`${look.join(" ")} nopan nodrag`} aria-pressed={chosen} title={node.label} onClick={() => data.choose(node.id)} onFocus={(event) => event.currentTarget.matches(":focus-visible") && data.look(node.id)}>
        <span className={classes.kind}>
          {kind}
          {errors > 0 && <strong className={classes.bad}>{words.flows.errors(errors)}</strong>}
          {errors === 0 && warnings > 0 && <strong className={classes.warn}>{words.flows.warnings(warnings)}</strong>}
          {walk === "here" && <strong>{words.flows.here}</strong>}
        </span>
        {counts ? (
          <span className={classes.counts}>
            <span>{words.flows.passed(counts.passed, calls ? words.format.percent(counts.passed / calls) : "–")}</span>
            {counts.dropped > 0 && <span className={classes.bad}>{words.flows.dropped(counts.dropped)}</span>}
            {counts.no_match + counts.no_input > 0 && <span className={classes.warn}>{words.flows.not_understood(counts.no_match, counts.no_input)}</span>}
          </span>
        ) : (
          <span className={classes.label}>{node.label || node.id}</span>
        )}
      </button>
      <Handle type="source" position={Position.Bottom} isConnectable={false} className={classes.handle} />
    </>
  );
}

export function FlowBox({ data }: NodeProps<FlowBoxType>) {
  return (
    <div className={classes.flow}>
      <span>{data.name}</span>
    </div>
  );
}
