/* A calendar as a flowbook has it, and the changes that make it another one: what stays the same is not written anew. */
import { type Calendar, type Day, type DayOverride, DAYS, spansIn } from "../../settings/calendar";
import { same } from "../../settings/settings";
import { difference } from "../steps/AddStep";
import { type Change, changed, type Path, type Value, written, Yaml } from "../yaml/editing";

/** The days of a key: "mon-wed, sat"; null for what is none. */
export function daysIn(key: string): Day[] | null {
  const days: Day[] = [];
  for (const part of key.toLowerCase().split(",")) {
    const [first = "", last = first, ...more] = part.trim().split("-");
    const from = DAYS.indexOf(first as Day);
    const to = DAYS.indexOf(last as Day);
    if (from < 0 || to < from || more.length > 0) return null;
    days.push(...DAYS.slice(from, to + 1));
  }
  return days;
}

/** The key of days: "mon-wed, sat". */
export function keyOf(days: readonly Day[]): string {
  const runs: number[][] = [];
  for (const at of days.map((day) => DAYS.indexOf(day)).sort((a, b) => a - b)) {
    const run = runs[runs.length - 1];
    if (run && run[run.length - 1] === at - 1) run.push(at);
    else runs.push([at]);
  }
  const ends = runs.map((run) => (run.length > 1 ? [run[0], run[run.length - 1]] : run));
  return ends.map((run) => run.map((at) => DAYS[at ?? 0]).join("-")).join(", ");
}

/** The calendar of that name; null where it is written in a way that no form can show. */
export function calendarIn(yaml: Yaml, name: string): Calendar | null {
  const raw = yaml.get(["calendars", name]);
  if (!isObject(raw)) return null;
  const { tz = "Europe/Rome", holidays = "", week, overrides = [] } = raw;
  if (typeof tz !== "string" || typeof holidays !== "string" || !isObject(week) || !Array.isArray(overrides)) return null;
  const byDay = Object.fromEntries(DAYS.map((day) => [day, [] as string[]])) as Record<Day, string[]>;
  for (const [key, hours] of Object.entries(week)) {
    const days = daysIn(key);
    if (!days || !isTexts(hours)) return null;
    for (const day of days) byDay[day] = spansIn(hours.join(","));
  }
  const special: DayOverride[] = [];
  for (const one of overrides as unknown[]) {
    if (!isObject(one) || typeof one.on !== "string" || !(one.until == null || typeof one.until === "string") || !isTexts(one.hours ?? [])) return null;
    special.push({ on: one.on, until: one.until ?? null, every_year: one.every_year === true, hours: spansIn(((one.hours ?? []) as string[]).join(",")) });
  }
  return { tz, holidays, week: byDay, overrides: special };
}

/** The change that makes the calendar of that name say this; null when it says so already, or is written in no such way. */
export function calendarChange(text: string, name: string, wanted: Calendar): Change | null {
  const before = calendarIn(new Yaml(text), name);
  if (!before || same(before, wanted)) return null;
  const at: Path = ["calendars", name];
  let after = text;
  const make = (change: (yaml: Yaml) => Change | null) => {
    after = changed(after, change(new Yaml(after)));
  };
  const set = (path: Path, value: Value, none: boolean) => make((yaml) => (none ? yaml.remove(path) : yaml.set(path, value)));
  if (before.tz !== wanted.tz) set([...at, "tz"], wanted.tz, false);
  if (before.holidays !== wanted.holidays) set([...at, "holidays"], wanted.holidays, wanted.holidays === "");
  for (const change of weekChanges(new Yaml(text).keys([...at, "week"]), before.week, wanted.week)) make((yaml) => change(yaml, [...at, "week"]));
  specialChanges([...at, "overrides"], before.overrides, wanted.overrides, make, set);
  return same(calendarIn(new Yaml(after), name), wanted) ? difference(text, after) : null;
}

type WeekChange = (yaml: Yaml, week: Path) => Change | null;

/** Days whose hours differ leave the key that they share with others. */
function weekChanges(keys: readonly string[], before: Record<Day, string[]>, wanted: Record<Day, string[]>): WeekChange[] {
  const changes: WeekChange[] = [];
  const put = (days: readonly Day[], hours: readonly string[]) => changes.push((yaml, week) => yaml.add(week, keyOf(days), written(hours)));
  const kept = new Set<Day>();
  const alone = DAYS.filter((day) => !keys.some((key) => daysIn(key)?.includes(day)));
  for (const key of keys) {
    const days = daysIn(key) ?? [];
    const stay = days.filter((day) => same(before[day], wanted[day]));
    stay.forEach((day) => kept.add(day));
    const [first, ...rest] = groups(days.filter((day) => !stay.includes(day)), wanted);
    if (!first) continue;
    if (stay.length > 0) {
      changes.push((yaml, week) => yaml.rename([...week, key], keyOf(stay)));
    } else {
      changes.push((yaml, week) => yaml.set([...week, key], wanted[first[0] as Day]));
      if (first.length < days.length) changes.push((yaml, week) => yaml.rename([...week, key], keyOf(first)));
    }
    for (const group of stay.length > 0 ? [first, ...rest] : rest) if ((wanted[group[0] as Day] ?? []).length > 0) put(group, wanted[group[0] as Day]);
  }
  for (const group of groups(alone, wanted)) if (wanted[group[0] as Day].length > 0) put(group, wanted[group[0] as Day]);
  return changes;
}

/** Days with the same hours, together. */
function groups(days: readonly Day[], hours: Record<Day, string[]>): Day[][] {
  const found: Day[][] = [];
  for (const day of days) {
    const alike = found.find(([first]) => first && same(hours[first], hours[day]));
    if (alike) alike.push(day);
    else found.push([day]);
  }
  return found;
}

/** What is before and behind the days that changed stays as it is written. */
function specialChanges(list: Path, before: readonly DayOverride[], wanted: readonly DayOverride[], make: (change: (yaml: Yaml) => Change | null) => void, set: (path: Path, value: Value, none: boolean) => void): void {
  let first = 0;
  while (first < before.length && first < wanted.length && same(before[first], wanted[first])) first++;
  let behind = 0;
  while (behind < before.length - first && behind < wanted.length - first && same(before[before.length - 1 - behind], wanted[wanted.length - 1 - behind])) behind++;
  if (wanted.length === 0 && before.length > 0) return make((yaml) => yaml.remove(list));
  const both = Math.min(before.length, wanted.length) - first - behind;
  for (let place = first; place < first + both; place++) {
    const [old, now] = [before[place], wanted[place]] as [DayOverride, DayOverride];
    if (old.on !== now.on) set([...list, place, "on"], now.on, false);
    if (old.until !== now.until) set([...list, place, "until"], now.until ?? "", !now.until);
    if (old.every_year !== now.every_year) set([...list, place, "every_year"], true, !now.every_year);
    if (!same(old.hours, now.hours)) set([...list, place, "hours"], now.hours, false);
  }
  for (let place = before.length - behind - 1; place >= first + both; place--) make((yaml) => yaml.removeItem(list, place));
  for (const one of wanted.slice(first + both, wanted.length - behind)) {
    make((yaml) => (yaml.get(list) === undefined ? yaml.add(list.slice(0, -1), String(list[list.length - 1]), `[${sourceOf(one)}]`) : yaml.append(list, sourceOf(one))));
  }
}

function sourceOf(one: DayOverride): string {
  const parts = [`on: ${written(one.on)}`];
  if (one.until) parts.push(`until: ${written(one.until)}`);
  if (one.every_year) parts.push("every_year: true");
  if (one.hours.length > 0) parts.push(`hours: ${written(one.hours)}`);
  return `{${parts.join(", ")}}`;
}

/** What the check says of its parts, at the fields of the form: what it says of "mon-fri" at each of these days. */
export function atFields(at: Readonly<Record<string, string>>): { at: Record<string, string>; others: string[] } {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const [part, message] of Object.entries(at)) {
    const [field = "", key = "", inner] = part.split(".");
    const days = field === "week" ? daysIn(key) : null;
    if (days && days.length > 0 && key) for (const day of days) fields[`week.${day}`] ??= message;
    else if (field === "overrides" && inner) fields[`overrides.${key}.${inner}`] ??= message;
    else if (field === "tz" || field === "holidays") fields[field] ??= message;
    else others.push(message);
  }
  return { at: fields, others };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
