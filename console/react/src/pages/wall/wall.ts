import type { Schemas } from "../../api/client";

export type Wall = Schemas["WallView"];
export type Queue = Schemas["WallQueueView"];
export type Operator = Schemas["WallOperatorView"];
export type Caller = Schemas["WallWaitingView"];
export type Line = Schemas["WallLineView"];
export type State = Operator["state"] | "with_bot" | "lost";

/** "0:07", "12:31", "1:02:03": how long something lasts, in whole seconds. */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** Who waits in all queues, since when the longest, and how many operators could take a call. */
export function whole(wall: Wall): { waiting: number; urgent: number; since: string | null; available: number } {
  const since = wall.queues.flatMap((one) => one.since ?? []).sort((a, b) => Date.parse(a) - Date.parse(b));
  return {
    waiting: sum(wall.queues, (one) => one.waiting),
    urgent: sum(wall.queues, (one) => one.high),
    since: since[0] ?? null,
    available: wall.operators.filter((one) => stateOf(one) === "available").length,
  };
}

/** Operators who could take this caller now, those of the caller's queue first. */
export function freeFor(wall: Wall, caller: Caller): Operator[] {
  const serves = (one: Operator) => one.queues.length === 0 || one.queues.includes(caller.queue);
  const free = wall.operators.filter((one) => stateOf(one) === "available");
  return [...free.filter(serves), ...free.filter((one) => !serves(one))];
}

/** Who waits for a call that the bot has talks to nobody; whose connection broke does nothing that they are shown with. */
export function stateOf(one: Operator): State {
  if (!one.connected) return "lost";
  return one.with_bot ? "with_bot" : one.state;
}

/** Whether there is somebody to listen to. */
export function canBeHeard(one: Operator): boolean {
  return one.call_id !== "" && !one.with_bot;
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
