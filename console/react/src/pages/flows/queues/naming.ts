/* Queues and calendars of a flowbook by their names: what is wrong with each, where it is used, another name for it. */
import type { Schemas } from "../../../api/client";
import type { Problem } from "../flows";
import { difference } from "../steps/AddStep";
import { type Change, changed, pathOf, Yaml } from "../yaml/editing";

export type Mention = Schemas["MentionView"];
export type Section = "queues" | "calendars";

/** What is open: a queue or a calendar; a name of "" is a new one. */
export interface Opened {
  section: Section;
  name: string;
}

/** As an address has it: "queues.desk", "calendars." for a new one. */
export function openedOf(asked: string): Opened | null {
  const [section, name = ""] = asked.split(".");
  return section === "queues" || section === "calendars" ? { section, name } : null;
}

export function isName(text: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(text);
}

/** Where it is named, the tests apart: calls can do without those. */
export function usesOf(mentions: readonly Mention[], { section, name }: Opened): { calls: Mention[]; tests: Mention[] } {
  const kind = section === "queues" ? "queue" : "calendar";
  const mine = mentions.filter((one) => one.kind === kind && one.name === name);
  return { calls: mine.filter((one) => !one.in_test), tests: mine.filter((one) => one.in_test) };
}

/** What the check says of one of them: errors by the field they stand at, and the rest. */
export function problemsAt(problems: readonly Problem[], { section, name }: Opened): { at: Record<string, string>; others: Problem[] } {
  const here = `${section}.${name}`;
  const at: Record<string, string> = {};
  const others: Problem[] = [];
  for (const problem of problems) {
    if (problem.node !== here && !problem.node.startsWith(`${here}.`)) continue;
    const field = problem.node.slice(here.length + 1);
    if (field && problem.severity === "error") at[field] ??= problem.message;
    else others.push(problem);
  }
  return { at, others };
}

/** Another name, there and in every place that names it: one change. null where the text cannot be changed so. */
export function renamed(text: string, opened: Opened, name: string, mentions: readonly Mention[]): Change | null {
  const { calls, tests } = usesOf(mentions, opened);
  let after = text;
  for (const { node } of [...calls, ...tests]) {
    const change = new Yaml(after).set(pathOf(node), name);
    if (!change) return null;
    after = changed(after, change);
  }
  const key = new Yaml(after).rename([opened.section, opened.name], name);
  return key && difference(text, changed(after, key));
}

/** Takes it out; with the last calendar the section goes, too. */
export function removed(text: string, { section, name }: Opened): Change | null {
  const yaml = new Yaml(text);
  return yaml.keys([section]).length > 1 ? yaml.remove([section, name]) : yaml.remove([section]);
}

/** A new one. source: what stands behind its name. */
export function added(text: string, { section, name }: Opened, source: string): Change | null {
  const yaml = new Yaml(text);
  if (yaml.keys([section]).length > 0) return yaml.add([section], name, source);
  // An empty section is written anew; calendars stand before the queues that go by them.
  const clean = changed(text, yaml.remove([section]));
  const change = new Yaml(clean).addBefore(section === "calendars" ? "queues" : "repair", `${section}:\n  ${name}: ${source}\n\n`);
  return change && difference(text, changed(clean, change));
}
