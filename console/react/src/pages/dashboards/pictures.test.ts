import { describe, expect, it } from "vitest";
import { en } from "../../words/en";
import { it as italian } from "../../words/it";
import { onwards, type Stage, stageOf } from "./funnel";
import { leastWidthPx, type Link, pathsOf, pointOf, sankeyOf } from "./journeys";
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

const NO_COLOURS = { main: "", second: "", third: "", text: "", line: "", ground: "", sunk: "", ink: "", onMain: "" };
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

  it("are wider than a phone when they have more places than it has room for", () => {
    const three = [link(-1, nothing, call, 1), link(0, call, nothing, 1)];
    expect(leastWidthPx(pathsOf(three))).toBe(0);
    expect(leastWidthPx(pathsOf([...three, link(-2, mail("a"), call, 1), link(1, call, mail("a"), 1)]))).toBeGreaterThan(600);
  });

  it("have labels of two short lines on a phone, and whole ones where there is room", () => {
    const paths = pathsOf([link(-1, mail("returns"), call, 1), link(0, call, nothing, 1)]);
    const [wide, narrow] = [false, true].map((phone) => {
      const [drawn] = sankeyOf(italian, paths, NO_COLOURS, phone).series;
      return paths.nodes.map(({ key }) => drawn?.label.formatter({ name: key }));
    });
    expect(wide).toEqual(["e-mail · resi e rimborsi", "resi e rimborsi · passata a una persona", "niente dopo"]);
    expect(narrow).toEqual(["e-mail\nresi e rimborsi", "resi e rimborsi\npassata a una persona", "niente dopo"]);
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
