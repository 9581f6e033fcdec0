import type { Schemas } from "../../api/client";

export type Call = Schemas["InteractionView"];
export type Turn = Schemas["TurnView"];
export type Event = Schemas["EventView"];

/** How loud each of `count` stretches of a sound is, 0 to 1. */
export function peaksOf(samples: Float32Array, count: number): number[] {
  const peaks = Array.from({ length: count }, () => 0);
  for (let at = 0; at < samples.length; at++) {
    const place = Math.min(count - 1, Math.floor((at * count) / samples.length));
    peaks[place] = Math.max(peaks[place] ?? 0, Math.abs(samples[at] ?? 0));
  }
  return peaks;
}

/** The turn that is said at a moment of the call: the last one that has begun; null before the first. */
export function turnAt(turns: readonly Pick<Turn, "seq" | "start_ms">[], atMs: number): number | null {
  let found: number | null = null;
  let since = -1;
  for (const turn of turns) {
    if (turn.start_ms <= atMs && turn.start_ms >= since) {
      found = turn.seq;
      since = turn.start_ms;
    }
  }
  return found;
}

/** What was collected of the caller, as the log last tells it. */
export function slotsOf(events: readonly Pick<Event, "payload">[]): [string, string][] {
  const found = new Map<string, string>();
  for (const { payload } of events) {
    const { slots } = payload as { slots?: unknown };
    if (slots === null || typeof slots !== "object") continue;
    for (const [name, value] of Object.entries(slots)) if (value !== null && value !== "") found.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return [...found];
}

/** "1:05", of a moment in a call. */
export function clockOf(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

/** A text in stretches, each with whether it is one of the marked: [begin, end) in Unicode characters, as Python counts. */
export function marked(text: string, marks: readonly (readonly unknown[])[]): { text: string; mark: boolean }[] {
  const signs = [...text];
  const parts: { text: string; mark: boolean }[] = [];
  let at = 0;
  for (const [begin, end] of marks as readonly (readonly [number, number])[]) {
    if (begin > at) parts.push({ text: signs.slice(at, begin).join(""), mark: false });
    parts.push({ text: signs.slice(begin, end).join(""), mark: true });
    at = end;
  }
  if (at < signs.length) parts.push({ text: signs.slice(at).join(""), mark: false });
  return parts;
}
