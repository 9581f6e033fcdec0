import { type FieldProblem, ApiError } from "../../api/errors";
import type { Schemas } from "../../api/client";

export type Settings = Schemas["SettingsView"];
export type Line = Schemas["LineSettingsView"];
export type LineFields = Schemas["LineFields"];
export type Retention = Schemas["RetentionFields"];
export type Days = Schemas["RetentionDays"];
export type Kept = Schemas["KeptView"];

export const SETTINGS = ["settings"];
export const RETENTION = ["settings", "retention"];

/** What of a line is edited: the rest is told by the server. */
export function fieldsOf({ id: _id, flowbook: _f, languages: _l, flows: _fl, more: _m, ...fields }: Line): LineFields {
  return fields;
}

/** A new line like another one, so that its language is one that is heard already. */
export function newLine(like: Line): Line {
  return { ...like, id: "", title: "", number: "", words: [], hours: null, recording: "off", recordings_kept_days: null, more: [] };
}

/** Whether two settings say the same, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, ordered(inner)]));
}

/** What an answer says is wrong: by field, and the rest. A field's inner parts count to it: `words.3` to `words`. */
export function problemsOf(error: unknown, fields: readonly string[]): { at: Record<string, string>; others: string[] } {
  const at: Record<string, string> = {};
  const others: string[] = [];
  for (const { field = "", message } of error instanceof ApiError ? error.problems : ([] as FieldProblem[])) {
    const known = fields.find((one) => field === one || field.startsWith(`${one}.`));
    if (known) at[known] ??= message;
    else others.push(field ? `${field}: ${message}` : message);
  }
  return { at, others };
}

/** Numbers are dialled as +390510000001; '' is none. */
export function isNumber(text: string): boolean {
  return /^(\+[0-9]{5,15})?$/.test(text);
}

/** What a voice is tried with, by language. */
const TRIALS: Record<string, string> = {
  it: "Buongiorno, sono l'assistente automatico. In che cosa posso esserle utile?",
  en: "Good morning, this is the automatic assistant. How can I help you?",
  ko: "안녕하세요, 자동 안내입니다. 무엇을 도와드릴까요?",
};

export function trialOf(language: string, title: string): string {
  return TRIALS[language] ?? title;
}

/** A number of days as a field shows it, and back: nothing is no limit. */
export function daysOf(value: string | number): number | null {
  return value === "" ? null : Number(value);
}

/** Channels with numbers of their own, of which none is asked for any more. */
export function withChannel(retention: Retention, name: string, days: Days | null): Retention {
  const channels = { ...retention.channels };
  if (days) channels[name] = days;
  else delete channels[name];
  return { ...retention, channels };
}
