import type { Schemas } from "../../api/client";

export type Account = Schemas["AccountView"];
export type Link = Schemas["OneTimeLinkView"];
export type State = "you" | "disabled" | "invited" | "active" | "elsewhere" | "phone";

export const ACCOUNTS = ["accounts"];

/** What to say about an account, the most important first. */
export function statesOf(account: Pick<Account, "id" | "disabled" | "has_password" | "elsewhere" | "second_factor">, me: string): State[] {
  const states: State[] = account.id === me ? ["you"] : [];
  if (account.disabled) return [...states, "disabled"];
  if (account.elsewhere) states.push("elsewhere");
  else states.push(account.has_password ? "active" : "invited");
  if (account.second_factor) states.push("phone");
  return states;
}

/** What is named anywhere, to choose from. */
export function known(accounts: readonly Pick<Account, "queues" | "skills">[], what: "queues" | "skills"): string[] {
  return [...new Set(accounts.flatMap((account) => account[what]))].sort();
}
