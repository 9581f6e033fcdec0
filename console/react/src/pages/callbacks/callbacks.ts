import type { Schemas } from "../../api/client";

export type Callback = Schemas["CallbackView"];
export type CallbackDeed = "take" | "give-back" | "done";

/** The tabs of the page: nobody has them yet, somebody has them, they were made. */
export const STAGES = ["due", "taken", "done"] as const;
export type Stage = (typeof STAGES)[number];

/** What this operator can do about somebody to be called back. */
export function deedsOn({ status = "waiting", mine = false }: { status?: string; mine?: boolean }): CallbackDeed[] {
  if (status === "calling") return [];
  if (mine) return ["give-back", "done"];
  if (status === "waiting" || status === "failed") return ["take", "done"];
  return status === "in_queue" ? ["done"] : [];
}

/** Where a call-back stands. One that the server dials is taken as well: nobody else begins it. */
export function stageOf({ status = "waiting" }: { status?: string }): Stage {
  if (status === "done") return "done";
  return status === "taken" || status === "calling" ? "taken" : "due";
}
