import { describe, expect, it } from "vitest";
import { en } from "../../words/en";
import { it as italian } from "../../words/it";
import { onwards, type Stage, stageOf } from "./funnel";
import { type Link, pathsOf, pointOf } from "./journeys";
import { gridOf, type Told, topicOf } from "./topics";

const told = (topic: string, urgency: string, mood: string, interactions: number): Told => ({ topic, urgency, mood, interactions, handed: 0 });

describe("topics by urgency and mood", () => {
  it("have a column for what there is, and the rarest topics stand together", () => {
    const grid = gridOf([told("returns", "normal", "neutral", 9), told("", "high", "angry", 3), told("orders", "normal", "neutral", 2), told("*", "normal", "neutral", 1)], 2);
    expect(grid.columns).toEqual([["high", "angry"], ["normal", "neutral"]]);
    expect(grid.topics).toEqual(["returns", "", "*"]);
    expect(grid.cells).toEqual([[1, 0, 9], [0, 1, 3], [1, 2, 3]]);
    expect(gridOf([told("returns", "normal", "neutral", 9)], 2).topics).toEqual(["returns"]);
  });

  it("are called as people call them, a company's own as it calls them", () => {
    expect(["returns", "", "*", "gita_scolastica"].map((topic) => topicOf(italian, topic))).toEqual(["resi e rimborsi", "senza argomento", "altri argomenti", "gita_scolastica"]);
  });
});

const nothing = { channel: "", topic: "", outcome: "" };
const mail = (topic: string) => ({ channel: "email", topic, outcome: "" });
const call = { channel: "voice", topic: "returns", outcome: "handed_off" };
const link = (step: number, came_from: Link["came_from"], went_to: Link["went_to"], contacts: number): Link => ({
  step,
  came_from,
  went_to,
  contacts,
  source: Object.values(came_from).join(" "),
  target: Object.values(went_to).join(" "),
});

describe("journeys", () => {
  it("show the most frequent points of each step, the rest together, and lose nobody", () => {
    const links = [link(-1, mail("a"), call, 5), link(-1, mail("b"), call, 3), link(-1, mail("c"), call, 2), link(-1, nothing, call, 9), link(0, call, nothing, 12), link(0, call, call, 1)];
    const { nodes, flows } = pathsOf(links, 1);
    expect(nodes.map(({ at, point }) => [at, point])).toEqual([[-1, mail("a")], [0, call], [-1, null], [-1, nothing], [1, nothing], [1, call]]);
    expect(flows.find(({ from }) => from === "-1 …")?.contacts).toBe(5);
    expect(flows.reduce((sum, { contacts }) => sum + contacts, 0)).toBe(32);
  });

  it("say where paths begin and end", () => {
    expect(pointOf(italian, call, true)).toBe("telefonata · resi e rimborsi · passata a una persona");
    expect([pointOf(en, nothing, true), pointOf(en, nothing, false)]).toEqual(["nothing before", "nothing after"]);
  });
});

it("tells how many of a stage go on, and a stage that it does not know as the server tells it", () => {
  const stage: Stage = { stage: "served", sessions: 10, passed: 2, lost: 3, definition: "of these" };
  expect(onwards(stage)).toBe(5);
  expect(stageOf(italian, stage).name).toBe("Servite dal bot");
  expect(stageOf(en, { ...stage, stage: "new" })).toEqual({ name: "new", about: "of these" });
});
