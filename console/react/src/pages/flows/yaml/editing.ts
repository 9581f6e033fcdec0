/*
 * Changes to a flowbook's text that leave everything else as it stands: comments, order, how lines are broken. The
 * document is parsed to find a place; what is written goes there and nowhere else.
 */
import { isMap, isPair, isScalar, isSeq, type Node, type Pair, parseDocument, type ParsedNode, type YAMLMap, type YAMLSeq } from "yaml";

export type Path = readonly (string | number)[];
/** A list stands where words of a kind do: skills, the hours of a day. */
export type Value = string | number | boolean | readonly string[];
/** Characters `from` to `to` become `insert`. */
export interface Change {
  from: number;
  to: number;
  insert: string;
}

/** "flows.resi.2.then.0" as a path: numbers are places in lists. */
export function pathOf(node: string): Path {
  return node.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** A text that can be looked into and changed at places. */
export class Yaml {
  private readonly root: ParsedNode | null;

  constructor(readonly text: string) {
    this.root = parseDocument(text, { keepSourceTokens: false, prettyErrors: false }).contents;
  }

  private node(path: Path): Node | null {
    let here: unknown = this.root;
    for (const part of path) {
      if (isMap(here)) here = pairOf(here, part)?.value ?? null;
      else if (isSeq(here)) here = here.items[Number(part)] ?? null;
      else return null;
    }
    return (here as Node | null) ?? null;
  }

  /** What stands there as plain values; undefined where nothing does. */
  get(path: Path): unknown {
    const node = this.node(path);
    return node ? (node as { toJSON(): unknown }).toJSON() : undefined;
  }

  keys(path: Path): string[] {
    const node = this.node(path);
    return isMap(node) ? node.items.map((pair) => keyOf(pair)) : [];
  }

  /** The characters of a node; of a step the whole step. */
  range(path: Path): { from: number; to: number } | null {
    const range = this.node(path)?.range;
    return range ? { from: range[0], to: trimmedEnd(this.text, range[0], range[1]) } : null;
  }

  /** The change that writes `value` there: in place of what is there, or as a new key of the mapping around it. */
  set(path: Path, value: Value): Change | null {
    const known = this.node(path);
    if (known) return this.replaced(known, value);
    const around = path.slice(0, -1);
    const map = this.node(around);
    if (!map && around.length > 0) return this.underNewKey(path, value);
    if (!isMap(map)) return null;
    const key = String(path[path.length - 1]);
    const pair = map.items.find((one) => keyOf(one) === key);
    if (pair) return this.afterKey(pair, value); // a key with nothing behind it
    return this.added(map, key, written(value));
  }

  /** The change that puts a new key into a mapping, its value as it is to be written. */
  add(around: Path, key: string, source: string): Change | null {
    const map = this.node(around);
    return isMap(map) && !pairOf(map, key) ? this.added(map, key, source) : null;
  }

  /** The change that puts a whole section before another one of the file, or at its end. source: with its line breaks. */
  addBefore(section: string, source: string): Change | null {
    if (!isMap(this.root) || this.root.flow) return null;
    const pair = pairOf(this.root, section);
    const at = pair ? startOf(pair) : this.text.length;
    return { from: at, to: at, insert: pair || this.text.endsWith("\n") ? source : `\n${source}` };
  }

  /** The change that gives a key another name and leaves its value. */
  rename(path: Path, name: string): Change | null {
    const map = this.node(path.slice(0, -1));
    const range = isMap(map) ? (pairOf(map, path[path.length - 1] ?? "")?.key as Node | undefined)?.range : undefined;
    return range ? { from: range[0], to: range[1], insert: written(name) } : null;
  }

  /** The change that puts an item at the end of a list, as it is to be written. */
  append(list: Path, source: string): Change | null {
    const node = this.node(list);
    if (!isSeq(node)) return null;
    const last = node.items[node.items.length - 1] as Node | undefined;
    if (!last?.range) {
      const open = node.range?.[0];
      return open === undefined ? null : { from: open + 1, to: open + 1, insert: source };
    }
    const end = trimmedEnd(this.text, last.range[0], last.range[1]);
    if (node.flow) return { from: end, to: end, insert: `, ${source}` };
    const { at, indent } = this.behind(last.range[0], end);
    return { from: at, to: at, insert: `\n${indent}- ${source}` };
  }

  /** The change that takes an item out of a list. */
  removeItem(list: Path, index: number): Change | null {
    const node = this.node(list);
    const item = isSeq(node) ? (node.items[index] as Node | undefined) : undefined;
    if (!isSeq(node) || !item?.range) return null;
    const end = trimmedEnd(this.text, item.range[0], item.range[1]);
    if (node.flow) {
      const before = node.items[index - 1] as Node | undefined;
      const after = node.items[index + 1] as Node | undefined;
      if (before?.range) return { from: trimmedEnd(this.text, before.range[0], before.range[1]), to: end, insert: "" };
      return { from: item.range[0], to: after?.range?.[0] ?? end, insert: "" };
    }
    const dash = this.text.lastIndexOf("-", item.range[0]);
    const next = this.text.indexOf("\n", end);
    return { from: this.text.lastIndexOf("\n", dash) + 1, to: next < 0 ? this.text.length : next + 1, insert: "" };
  }

  /** The change that takes a key out. */
  remove(path: Path): Change | null {
    const map = this.node(path.slice(0, -1));
    if (!isMap(map)) return null;
    const at = map.items.findIndex((one) => keyOf(one) === String(path[path.length - 1]));
    const pair = map.items[at];
    if (!pair) return null;
    const from = startOf(pair);
    const to = endOf(pair, this.text);
    if (map.flow) {
      const before = map.items[at - 1];
      const after = map.items[at + 1];
      if (before) return { from: endOf(before, this.text), to, insert: "" };
      return { from, to: after ? startOf(after) : to, insert: "" };
    }
    const line = this.text.lastIndexOf("\n", from - 1) + 1;
    const next = this.text.indexOf("\n", to);
    if (this.text.slice(line, from).trim() === "") return { from: line, to: next < 0 ? this.text.length : next + 1, insert: "" };
    const after = map.items[at + 1]; // the first key of a step stands behind its dash
    return after ? { from, to: startOf(after), insert: "" } : null;
  }

  /** The change that puts a step behind another one. source: the step in one line, "say: hello". */
  stepAfter(step: Path, source: string): Change | null {
    const list = this.node(step.slice(0, -1));
    const index = Number(step[step.length - 1]);
    const item = isSeq(list) ? (list.items[index] as Node | undefined) : undefined;
    if (!isSeq(list) || !item?.range) return null;
    const end = trimmedEnd(this.text, item.range[0], item.range[1]);
    if (list.flow) return { from: end, to: end, insert: `, {${source}}` };
    const { at, indent } = this.behind(item.range[0], end);
    return { from: at, to: at, insert: `\n${indent}- ${source}` };
  }

  /** Where a further item of a list goes, behind the one from `from` to `end`, and how far in. */
  private behind(from: number, end: number): { at: number; indent: string } {
    const dash = this.text.lastIndexOf("-", from);
    const line = this.text.lastIndexOf("\n", dash) + 1;
    const lineEnd = this.text.indexOf("\n", end);
    return { at: lineEnd < 0 ? this.text.length : lineEnd, indent: this.text.slice(line, dash).replace(/[^ ]/g, " ") };
  }

  /**
   * The change that puts an item at the end of a list at the top (`tests`), which need not be there yet. source: the
   * item as lines of YAML, with its dash; value: the same, for lists in brackets.
   */
  itemAtEnd(key: string, source: string, value: unknown): Change | null {
    if (!isMap(this.root)) return null;
    const pair = pairOf(this.root, key);
    const list = pair?.value;
    if (isSeq(list) && list.range) {
      const last = list.items[list.items.length - 1] as Node | undefined;
      if (!last?.range) return { from: list.range[0] + 1, to: list.range[0] + 1, insert: JSON.stringify(value) };
      const end = trimmedEnd(this.text, last.range[0], last.range[1]);
      if (list.flow) return { from: end, to: end, insert: `, ${JSON.stringify(value)}` };
      const line = this.text.lastIndexOf("\n", list.range[0] - 1) + 1;
      const apart = /\n[ \t]*\n/.test(this.text.slice(list.range[0], end)); // as the items before it
      return this.below(end, indented(source, list.range[0] - line), apart);
    }
    if (pair && !(isScalar(list) && list.value === null) && list) return null;
    if (pair) return this.below((pair.key as Node).range?.[1] ?? 0, indented(source, 2));
    return this.below(this.text.trimEnd().length, `${key}:\n${indented(source, 2)}`, true);
  }

  /** Whole lines below the one in which `end` is. */
  private below(end: number, lines: string, apart = false): Change {
    const lineEnd = this.text.indexOf("\n", end);
    const at = lineEnd < 0 ? this.text.length : lineEnd;
    return { from: at, to: at, insert: `${apart ? "\n\n" : "\n"}${lines}` };
  }

  private replaced(node: Node, value: Value): Change | null {
    if (!node.range) return null;
    const [from, valueEnd] = node.range;
    const to = trimmedEnd(this.text, from, valueEnd);
    if (typeof value === "object" && value.length > 0 && isSeq(node) && !node.flow) return this.relisted(node, from, to, value);
    return { from, to, insert: written(value) };
  }

  /** A list that is written line by line stays so: what was in it keeps its line, with the comment behind it. */
  private relisted(list: YAMLSeq, from: number, end: number, values: readonly string[]): Change | null {
    const items = list.items as Node[];
    const first = items[0]?.range?.[0];
    if (first === undefined) return null;
    const lineEnd = (at: number) => (this.text.indexOf("\n", at) < 0 ? this.text.length : this.text.indexOf("\n", at));
    const lines = values.map((value) => {
      const known = items.find((one) => isScalar(one) && String(one.value) === value)?.range;
      return known ? this.text.slice(known[0], lineEnd(known[1] - 1)) : written(value);
    });
    const { indent } = this.behind(first, end);
    return { from, to: Math.max(end, lineEnd(end)), insert: `- ${lines.join(`\n${indent}- `)}` };
  }

  private afterKey(pair: Pair, value: Value): Change | null {
    const keyEnd = (pair.key as Node).range?.[1];
    if (keyEnd === undefined) return null;
    const colon = this.text.indexOf(":", keyEnd) + 1;
    return { from: colon, to: colon, insert: ` ${written(value)}` };
  }

  /** A mapping that is not there yet: `texts.bye.it` where there is no `texts.bye`. */
  private underNewKey(path: Path, value: Value): Change | null {
    const outer = this.node(path.slice(0, -2));
    if (!isMap(outer) || path.length < 2) return null;
    return this.added(outer, String(path[path.length - 2]), `{${String(path[path.length - 1])}: ${written(value)}}`);
  }

  private added(map: YAMLMap, key: string, source: string): Change | null {
    const last = map.items[map.items.length - 1];
    const entry = `${written(key)}: ${source}`;
    if (!last) {
      const open = map.range?.[0];
      return open === undefined ? null : { from: open + 1, to: open + 1, insert: entry };
    }
    const end = endOf(last, this.text);
    if (map.flow) return { from: end, to: end, insert: `, ${entry}` };
    const first = startOf(map.items[0] as Pair);
    const indent = first - (this.text.lastIndexOf("\n", first - 1) + 1);
    const lineEnd = this.text.indexOf("\n", end);
    const at = lineEnd < 0 ? this.text.length : lineEnd;
    return { from: at, to: at, insert: `\n${" ".repeat(indent)}${entry}` };
  }
}

/** The text with a change made. */
export function changed(text: string, change: Change | null): string {
  return change ? text.slice(0, change.from) + change.insert + text.slice(change.to) : text;
}

/** A value as it is written anywhere in YAML, also inside brackets; in quotes unless it is plainly a word or a number. */
export function written(value: Value): string {
  if (typeof value === "object") return `[${value.map(written).join(", ")}]`;
  if (typeof value !== "string") return String(value);
  if (/^(\d{1,6}(ms|s|m)|\d{4}-\d\d-\d\d)$/.test(value)) return value; // a duration, a day
  const plain = /^[\p{L}_][\p{L}\p{N}_ .;!?'’()/+%…–-]*$/u.test(value) && !/\s$/.test(value);
  const word = /^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return plain && !word ? value : JSON.stringify(value);
}

function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => keyOf(pair) === String(key));
}

function keyOf(pair: unknown): string {
  if (!isPair(pair)) return "";
  return isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : String(pair.key);
}

function startOf(pair: Pair): number {
  return (pair.key as Node).range?.[0] ?? 0;
}

function endOf(pair: Pair, text: string): number {
  const value = pair.value as Node | null;
  if (value?.range && value.range[1] > value.range[0]) return trimmedEnd(text, value.range[0], value.range[1]);
  const keyEnd = (pair.key as Node).range?.[1] ?? 0;
  const colon = text.indexOf(":", keyEnd);
  return colon < 0 ? keyEnd : colon + 1;
}

function indented(source: string, by: number): string {
  return source.replace(/^(?=.)/gm, " ".repeat(by));
}

/** Without the blank lines and comments behind it, which the parser counts to a block. */
function trimmedEnd(text: string, from: number, to: number): number {
  const lines = text.slice(from, to).split("\n");
  while (lines.length > 1 && /^\s*(#.*)?$/.test(lines[lines.length - 1] ?? "")) lines.pop();
  return from + lines.join("\n").trimEnd().length;
}
