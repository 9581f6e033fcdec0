export type CallbackDeed = "take" | "give-back" | "done";

/** What this operator can do about somebody to be called back. */
export function deedsOn({ status = "waiting", mine = false }: { status?: string; mine?: boolean }): CallbackDeed[] {
  if (status === "calling") return [];
  if (mine) return ["give-back", "done"];
  if (status === "waiting" || status === "failed") return ["take", "done"];
  return status === "in_queue" ? ["done"] : [];
}
