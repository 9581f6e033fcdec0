import type { Schemas } from "../../api/client";

export type Row = Schemas["ArticleRowView"];
export type Problem = Schemas["ArticleProblemView"];
export type Texts = Record<string, string>;

export const ARTICLES = ["articles"] as const;

/** An article as it is edited: texts by language, phrasings with one on each line, dates as "2026-12-31" or "". */
export interface Fields {
  title: Texts;
  phrasings: Texts;
  spoken: Texts;
  more: Texts;
  link: Texts;
  tags: string[];
  owner: string;
  queue: string;
  valid_from: string;
  valid_until: string;
  sensitive: boolean;
}

type Content = Record<string, unknown>;
const BY_LANGUAGE = ["title", "spoken", "more", "link"] as const;

/** What is known of an article, whatever is wrong with it. */
export function fieldsOf(content: Content): Fields {
  const [title, spoken, more, link] = BY_LANGUAGE.map((name) => texts(content[name])) as [Texts, Texts, Texts, Texts];
  const asked = Object.entries(record(content.phrasings)).map(([code, lines]) => [code, list(lines).join("\n")] as const);
  return {
    title, spoken, more, link,
    phrasings: Object.fromEntries(asked),
    tags: list(content.tags),
    owner: text(content.owner),
    queue: text(content.queue),
    valid_from: text(content.valid_from),
    valid_until: text(content.valid_until),
    sensitive: content.sensitive === true,
  };
}

/** The article as its file holds it, without what says nothing. */
export function contentOf(id: string, fields: Fields): Content {
  const content: Content = { id };
  const put = (name: string, value: unknown, there: boolean) => {
    if (there) content[name] = value;
  };
  const written = (of: Texts) => Object.fromEntries(Object.entries(of).filter(([, said]) => said.trim()).map(([code, said]) => [code, said.trim()]));
  const put_texts = (name: (typeof BY_LANGUAGE)[number]) => put(name, written(fields[name]), Object.keys(written(fields[name])).length > 0);
  put_texts("title");
  const asked = Object.entries(fields.phrasings).map(([code, lines]) => [code, linesOf(lines)] as const).filter(([, lines]) => lines.length > 0);
  put("phrasings", Object.fromEntries(asked), asked.length > 0);
  put_texts("spoken");
  put_texts("more");
  put_texts("link");
  put("tags", fields.tags, fields.tags.length > 0);
  for (const name of ["owner", "queue", "valid_from", "valid_until"] as const) put(name, fields[name].trim(), fields[name].trim() !== "");
  put("sensitive", true, fields.sensitive);
  return content;
}

/** The languages in which anything of it is written, the given ones first. */
export function languagesOf(fields: Fields, first: readonly string[]): string[] {
  const written = [...BY_LANGUAGE, "phrasings" as const].flatMap((name) => Object.keys(fields[name]));
  return [...new Set([...first, ...written.sort()])];
}

/** What the API takes: YAML, of which JSON is a part. One value on each line, so that a problem's line names a field. */
export function textOf(id: string, fields: Fields): string {
  return JSON.stringify(contentOf(id, fields), null, 1);
}

/** The field that stands at a line (from 1) of `textOf`: "spoken.it", "queue", "" for the article as a whole. */
export function placeAt(written: string, line: number): string {
  const lines = written.split("\n").slice(0, line);
  const key = (depth: number, before: number) => {
    for (let at = before; at >= 0; at--) {
      const found = new RegExp(`^ {${depth}}"([a-z_]+)":`).exec(lines[at] ?? "");
      if (found?.[1]) return { name: found[1], at };
    }
    return null;
  };
  const top = key(1, lines.length - 1);
  if (!top) return "";
  const inner = key(2, lines.length - 1);
  return inner && inner.at > top.at ? `${top.name}.${inner.name}` : top.name;
}

/** A stable name from a title: "I costi di spedizione" → "i-costi-di-spedizione"; "" where nothing of it is a to z. */
export function idFor(title: string): string {
  const plain = title.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").slice(0, 60).replace(/^-+|-+$/g, "");
}

export type State = "published" | "draft" | "errors" | "expired" | "upcoming" | "sensitive";

/** What is to be known of an article in the list. today: "2026-12-31". */
export function statesOf(row: Row, today: string): State[] {
  const shown = shownOf(row);
  const found: State[] = [];
  if (row.served) found.push("published");
  if (row.draft) found.push("draft");
  if (row.draft && row.draft.faults.length > 0) found.push("errors");
  if (shown.valid_until && shown.valid_until < today) found.push("expired");
  if (shown.valid_from && shown.valid_from > today) found.push("upcoming");
  if (shown.sensitive) found.push("sensitive");
  return found;
}

/** What is served; of an article that is only drafted, its draft. */
export function shownOf(row: Row): Fields {
  return fieldsOf(row.served ? (row.content ?? {}) : (row.draft?.content ?? {}));
}

export interface Wanted {
  words: string;
  state: State | "";
  language: string;
  queue: string;
}

/** Whether an article is looked for: every word stands somewhere in it, and the filters fit. */
export function fits(row: Row, wanted: Wanted, today: string): boolean {
  const shown = shownOf(row);
  if (wanted.state && !statesOf(row, today).includes(wanted.state)) return false;
  if (wanted.language && !shown.spoken[wanted.language]) return false;
  if (wanted.queue && shown.queue !== wanted.queue) return false;
  const all = [row.id, ...shown.tags, shown.owner, ...[shown.title, shown.phrasings, shown.spoken, shown.more].flatMap((of) => Object.values(of))];
  const hay = level(all.join("\n"));
  return level(wanted.words).split(/\s+/).every((word) => hay.includes(word));
}

/** Its title in the reader's language, else in any. */
export function nameOf(row: Row, language: string): string {
  const { title } = shownOf(row);
  return title[language] ?? Object.values(title)[0] ?? row.id;
}

export function linesOf(lines: string): string[] {
  return lines.split("\n").map((line) => line.trim()).filter(Boolean);
}

function level(said: string): string {
  return said.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function record(value: unknown): Content {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Content) : {};
}

function texts(value: unknown): Texts {
  return Object.fromEntries(Object.entries(record(value)).map(([code, said]) => [code, text(said)]));
}

function text(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : [];
}
