/** What a dashboard shows: kept in the page's address, so that it can be bookmarked and sent to a colleague. */

export const PERIODS = { today: 1, week: 7, month: 30, quarter: 90 } as const;
export type Period = keyof typeof PERIODS | "own";

export const GROUPINGS = ["day", "hour", "weekday", "month", "line", "queue", "flow", "article", "outcome"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What can be looked at: the KPIs, how far the bot's calls come, what they are about, what contacts did around them. */
export const VIEWS = ["figures", "funnel", "topics", "journeys"] as const;
export type View = (typeof VIEWS)[number];

/** Days before and after a call that belong to a contact's path. */
export const WINDOWS = [1, 7, 30] as const;
/** Touchpoints on each side of it. */
export const STEPS = [1, 2] as const;

/** Seconds at which a service level is exact (history/kpis/spread.py). */
export const WITHIN_S = [5, 10, 15, 20, 30, 60, 120, 300] as const;

export interface Asked {
  /** Days, both included: "2026-05-04". */
  from: string;
  to: string;
  period: Period;
  by: Grouping;
  line: string;
  within: number;
  kpi: string;
  view: View;
  /** Of contacts who were in touch on it, about it; "" for all. */
  channel: string;
  topic: string;
  window: number;
  steps: number;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A day so many days away. */
export function moved(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** How many days there are from one to the other, both included. */
export function daysOf(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / 86_400_000) + 1;
}

/** The local day of a time, as an address has it. */
export function localDay(now: Date): string {
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

/** What an address asks for; whatever it leaves out, or says wrongly, is as usual: 30 days, by day. */
export function read(address: URLSearchParams, today: string): Asked {
  const from = address.get("from") ?? "";
  const to = address.get("to") ?? "";
  const named = one(address.get("period"), Object.keys(PERIODS) as (keyof typeof PERIODS)[], "month");
  const own = isDay(from) && isDay(to);
  return {
    from: own ? from : moved(today, 1 - PERIODS[named]),
    to: own ? to : today,
    period: own ? "own" : named,
    by: one(address.get("by"), GROUPINGS, "day"),
    line: (address.get("line") ?? "").slice(0, 64),
    within: one(Number(address.get("within")), WITHIN_S, 20),
    kpi: address.get("kpi") ?? "calls",
    view: one(address.get("view"), VIEWS, "figures"),
    channel: (address.get("channel") ?? "").slice(0, 64),
    topic: (address.get("topic") ?? "").slice(0, 64),
    window: one(Number(address.get("window")), WINDOWS, 7),
    steps: one(Number(address.get("steps")), STEPS, 1),
  };
}

/** The address of what is asked, with `change` in it; what is as usual is left out. */
export function written(asked: Asked, change: Partial<Asked>): URLSearchParams {
  const next = { ...asked, ...change };
  const address = new URLSearchParams();
  if (next.period === "own") {
    address.set("from", next.from);
    address.set("to", next.to);
  } else if (next.period !== "month") address.set("period", next.period);
  if (next.by !== "day") address.set("by", next.by);
  if (next.line) address.set("line", next.line);
  if (next.within !== 20) address.set("within", String(next.within));
  if (next.kpi !== "calls") address.set("kpi", next.kpi);
  if (next.view !== "figures") address.set("view", next.view);
  if (next.channel) address.set("channel", next.channel);
  if (next.topic) address.set("topic", next.topic);
  if (next.window !== 7) address.set("window", String(next.window));
  if (next.steps !== 1) address.set("steps", String(next.steps));
  return address;
}

/** The parameters of /api/kpis. by: '' for the whole. */
export function query(asked: Asked, by: Grouping | ""): { from: string; to: string; by: string; line: string; within: number } {
  return { from: asked.from, to: asked.to, by, line: asked.line, within: asked.within };
}

/** As many days right before. */
export function before(asked: Asked): Asked {
  const days = daysOf(asked.from, asked.to);
  return { ...asked, from: moved(asked.from, -days), to: moved(asked.from, -1) };
}

/** The parameters of /api/funnel. */
export function funnelQuery({ from, to, line }: Asked): { from: string; to: string; line: string } {
  return { from, to, line };
}

/** The parameters of /api/topics. */
export function topicsQuery({ from, to, line, channel }: Asked): { from: string; to: string; line: string; channel: string } {
  return { from, to, line, channel };
}

/** The parameters of /api/journeys, with where paths begin and end. */
export function journeysQuery({ from, to, line, channel, topic, window, steps }: Asked) {
  return { from, to, line, channel, topic, window, steps, ends: true };
}

/** Where a browser downloads the same as CSV. wanted: the parameters of `path`. */
export function csvOf(path: string, wanted: Record<string, string | number | boolean>): string {
  const texts = Object.entries({ ...wanted, format: "csv" }).map(([name, value]): [string, string] => [name, String(value)]);
  return `${path}?${new URLSearchParams(texts)}`;
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(`${text}T12:00:00Z`));
}

function one<T>(found: unknown, known: readonly T[], usual: T): T {
  return known.includes(found as T) ? (found as T) : usual;
}
