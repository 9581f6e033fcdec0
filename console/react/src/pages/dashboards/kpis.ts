import type { Schemas } from "../../api/client";
import type { Words } from "../../words";
import { type Asked, daysOf, type Grouping, moved } from "./asked";

export type Definition = Schemas["DefinitionView"];
export type Row = Schemas["RowView"];
type Group = keyof Words["dashboards"]["groups"];

/** The KPIs as they are shown together. One that the server knows beyond these is shown with the last group. */
export const GROUPS: readonly (readonly [Group, readonly string[]])[] = [
  ["bot", ["calls", "sessions", "containment", "transfer", "early_hangups", "bot_turns", "bot_time"]],
  ["queue", ["service_level", "asa", "wait_p50", "wait_p95", "abandonment", "called_back", "offers_unanswered", "service_level_answered", "service_level_queued"]],
  ["people", ["aht", "talk", "hold", "wrap_up"]],
  ["understanding", ["coverage", "no_match", "no_input", "repeats", "confidence", "latency_p50", "latency_p95"]],
  ["satisfaction", ["fcr", "csat", "nps", "survey_response"]],
];

/** The groups with what the server has, each KPI once. */
export function grouped(definitions: readonly Definition[]): [Group, Definition[]][] {
  const left = new Map(definitions.map((one) => [one.name, one]));
  const groups = GROUPS.map(([group, names]): [Group, Definition[]] => {
    const found = names.flatMap((name) => left.get(name) ?? []);
    for (const one of found) left.delete(one.name);
    return [group, found];
  });
  groups.at(-1)?.[1].push(...left.values());
  return groups.filter(([, found]) => found.length > 0);
}

/** A KPI's words; one that these do not know yet is called as the server calls it. */
export function saidOf(words: Words, kpi: Definition): { name: string; about: string; formula: string } {
  const known = (words.kpis as Record<string, { name: string; about: string; formula: string }>)[kpi.name];
  return known ?? { name: kpi.name, about: "", formula: kpi.formula };
}

/** A value as people read it. */
export function shown(words: Words, unit: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return words.dashboards.nothing;
  if (unit === "share") return words.format.percent(value);
  if (unit === "ms") return words.format.duration(value);
  return words.format.number(value, unit === "count" ? 0 : 1);
}

/** The same rows with those in which nothing happened, so that a picture of time has no hidden gaps. */
export function inFullTime(rows: readonly Row[], asked: Pick<Asked, "by" | "from" | "to">): Pick<Row, "key" | "values">[] {
  const found = new Map(rows.map((row) => [row.key, row]));
  return (keysOf(asked) ?? [...found.keys()]).map((key) => found.get(key) ?? { key, values: {} });
}

function keysOf({ by, from, to }: Pick<Asked, "by" | "from" | "to">): string[] | null {
  const days = daysOf(from, to);
  if (by === "day" && days <= 400) return Array.from({ length: days }, (_, n) => moved(from, n));
  if (by === "hour") return Array.from({ length: 24 }, (_, n) => String(n).padStart(2, "0"));
  if (by === "weekday") return Array.from({ length: 7 }, (_, n) => String(n + 1));
  return null;
}

/** What a row is about, as people read it. */
export function keyOf(words: Words, by: Grouping, row: Pick<Row, "key">, titles: ReadonlyMap<string, string>): string {
  if (by === "day") return words.format.day(row.key);
  if (by === "hour") return words.dashboards.hour(row.key);
  if (by === "weekday") return words.dashboards.weekdays[Number(row.key) - 1] ?? row.key;
  if (by === "line") return titles.get(row.key) ?? row.key;
  return row.key;
}
