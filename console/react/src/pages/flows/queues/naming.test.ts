import { expect, test } from "vitest";
import type { Problem } from "../flows";
import { changed, Yaml } from "../yaml/editing";
import { added, isName, type Mention, openedOf, problemsAt, removed, renamed, usesOf } from "./naming";

const BOOK = `queues:
  desk: {skills: [orders], priority: 5}   # all
  shop:
    # by the door
    max_wait: 60s
repair:
  no_match: [{handoff: desk}]
flows:
  welcome:
    - handoff: desk   # at last
tests:
  - {name: uno, turns: [{handoff: desk}]}
`;
const mention = (node: string, in_test = false): Mention => ({ kind: "queue", name: "desk", node, line: 1, in_test });
const MENTIONS = [mention("repair.no_match.0.handoff"), mention("flows.welcome.0.handoff"), mention("tests.0.turns.0.handoff", true)];
const DESK = { section: "queues", name: "desk" } as const;

test("another name stands in every place that names it", () => {
  expect(changed(BOOK, renamed(BOOK, DESK, "counter", MENTIONS))).toBe(BOOK.replaceAll("desk", "counter"));
  expect(usesOf(MENTIONS, DESK)).toMatchObject({ calls: { length: 2 }, tests: { length: 1 } });
  expect(usesOf(MENTIONS, { section: "calendars", name: "desk" }).calls).toEqual([]);
  expect(renamed(BOOK, DESK, "counter", [mention("flows.gone.0.handoff")])).toBeNull();
});

test("a queue is added behind the others, a first calendar before them", () => {
  const more = changed(BOOK, added(BOOK, { section: "queues", name: "night" }, "{max_wait: 60s}"));
  expect(more).toContain("    max_wait: 60s\n  night: {max_wait: 60s}\nrepair:");
  const hours = changed(BOOK, added(BOOK, { section: "calendars", name: "office" }, "{week: {}}"));
  expect(hours).toBe(`calendars:\n  office: {week: {}}\n\n${BOOK}`);
  const empty = changed(`calendars:\n${BOOK}`, added(`calendars:\n${BOOK}`, { section: "calendars", name: "office" }, "{week: {}}"));
  expect(empty).toBe(hours);
  expect(changed(hours, removed(hours, { section: "calendars", name: "office" })).trimStart()).toBe(BOOK);
});

test("one of several is taken out, and nothing else", () => {
  expect(changed(BOOK, removed(BOOK, DESK))).toBe(BOOK.replace("  desk: {skills: [orders], priority: 5}   # all\n", ""));
  expect(new Yaml(changed(BOOK, removed(BOOK, { section: "queues", name: "shop" }))).keys(["queues"])).toEqual(["desk"]);
});

test("a key is set and taken out where it is; skills keep their lines", () => {
  expect(changed(BOOK, new Yaml(BOOK).set(["queues", "desk", "skills"], ["orders", "due parole"]))).toContain("desk: {skills: [orders, due parole], priority: 5}   # all");
  const lines = "a:\n  skills:\n    - one   # first\n    - two\n  b: 1\n";
  expect(changed(lines, new Yaml(lines).set(["a", "skills"], ["one", "three"]))).toBe("a:\n  skills:\n    - one   # first\n    - three\n  b: 1\n");
  expect(changed(BOOK, new Yaml(BOOK).set(["queues", "shop", "announce_every"], "20s"))).toContain("    max_wait: 60s\n    announce_every: 20s\nrepair:");
});

test("what is wrong stands at its field", () => {
  const problem = (node: string, message: string, severity: Problem["severity"] = "error"): Problem => ({ severity, rule: "queue", message, file: "", line: 1, column: 1, node, place: "" });
  const all = [problem("queues.desk.max_wait", "no duration"), problem("queues.desk.calendar", "no when_closed", "warning"), problem("queues.desk", "no mapping"), problem("queues.desks.max_wait", "another")];
  expect(problemsAt(all, DESK)).toEqual({ at: { max_wait: "no duration" }, others: [all[1], all[2]] });
});

test("names and addresses", () => {
  expect(["desk", "d2_", "2d", "Desk", "d-k", ""].map(isName)).toEqual([true, true, false, false, false, false]);
  expect(["queues.desk", "calendars.", "", "flows.a"].map(openedOf)).toEqual([DESK, { section: "calendars", name: "" }, null, null]);
});
