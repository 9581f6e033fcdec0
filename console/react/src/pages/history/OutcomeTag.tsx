import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";

const TONES: Record<string, "good" | "warn" | "bad"> = { answered: "good", callback: "warn", abandoned: "warn", failed: "bad" };

/** How an interaction ended, or that it goes on. */
export function OutcomeTag({ status, outcome, end = "" }: { status: string; outcome: string; end?: string }) {
  const w = useWords().history;
  if (status === "open") return <Tag tone="warn">{w.outcomes.open}</Tag>;
  return <Tag tone={TONES[outcome]}>{w.outcomes[outcome] ?? (outcome || w.ends[end] || end || "–")}</Tag>;
}
