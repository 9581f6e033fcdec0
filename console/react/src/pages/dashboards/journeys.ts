import type { Schemas } from "../../api/client";
import type { Words } from "../../words";
import { type Colours, tooltipOf } from "./colours";
import { topicOf } from "./topics";

export type Link = Schemas["LinkView"];
type Touchpoint = Schemas["TouchpointView"];

/** Touchpoints that a place of the picture shows apart; the rarer ones stand together. */
export const MOST_NODES = 7;
export const MOST_ON_A_PHONE = 4;
const PLACE_PX = 150;
const PHONE_LABEL_PX = 78;
const REST = "…";

export interface Node {
  key: string;
  /** Places from the call: 0 is the call itself, -1 what came right before. */
  at: number;
  /** None: the rarer ones of this place, together. */
  point: Touchpoint | null;
}

export interface Paths {
  nodes: Node[];
  flows: { from: string; to: string; contacts: number }[];
}

/** The picture's nodes and flows: at each place the `most` frequent touchpoints, and where paths begin and end. */
export function pathsOf(links: readonly Link[], most = MOST_NODES): Paths {
  const weights = new Map<number, Map<string, number>>();
  const weigh = (at: number, name: string, contacts: number) => {
    const there = weights.get(at) ?? new Map<string, number>();
    weights.set(at, there.set(name, (there.get(name) ?? 0) + contacts));
  };
  for (const link of links) {
    if (link.came_from.channel) weigh(link.step, link.source, link.contacts);
    if (link.went_to.channel) weigh(link.step + 1, link.target, link.contacts);
  }
  const kept = new Map([...weights].map(([at, there]) => [at, new Set([...there].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).slice(0, most).map(([name]) => name))]));
  const nodes = new Map<string, Node>();
  const nodeOf = (at: number, name: string, point: Touchpoint): string => {
    const own = !point.channel || kept.get(at)?.has(name);
    const key = `${at} ${own ? name : REST}`;
    if (!nodes.has(key)) nodes.set(key, { key, at, point: own ? point : null });
    return key;
  };
  const flows = new Map<string, Paths["flows"][number]>();
  for (const link of links) {
    const from = nodeOf(link.step, link.source, link.came_from);
    const to = nodeOf(link.step + 1, link.target, link.went_to);
    const flow = flows.get(`${from}|${to}`) ?? { from, to, contacts: 0 };
    flow.contacts += link.contacts;
    flows.set(`${from}|${to}`, flow);
  }
  return { nodes: [...nodes.values()], flows: [...flows.values()] };
}

/** A touchpoint as people read it. first: it stands before the call, so that nothing means that it was the beginning. */
export function pointOf(words: Words, point: Touchpoint, first: boolean): string {
  const w = words.dashboards.journeys;
  if (!point.channel) return first ? w.begins : w.ends;
  const { channels, outcomes } = words.history;
  const said = [channels[point.channel] ?? point.channel, point.topic && topicOf(words, point.topic), outcomes[point.outcome] ?? point.outcome];
  return said.filter(Boolean).join(" · ");
}

/** The same, on two short lines: what else there is to say is in the table and where one points. */
function shortly(words: Words, { at, point }: Node): string {
  const { channels, outcomes } = words.history;
  if (!point?.channel) return point ? pointOf(words, point, at < 0) : words.dashboards.journeys.rest;
  const [channel, topic, outcome] = [channels[point.channel] ?? point.channel, point.topic && topicOf(words, point.topic), outcomes[point.outcome] ?? point.outcome];
  return (at === 0 ? [topic || channel, outcome] : [channel, topic || outcome]).filter(Boolean).join("\n");
}

/** How wide the picture must be for its labels to stand beside each other; 0: as wide as there is room. */
export function leastWidthPx({ nodes }: Paths): number {
  const places = new Set(nodes.map((node) => node.at)).size;
  return places > 3 ? (places + 1) * PLACE_PX : 0;
}

/** What the chart library is told: from left to right what came before the call, the call, and what came after. */
export function sankeyOf(words: Words, paths: Paths, colours: Colours, narrow: boolean) {
  const w = words.dashboards.journeys;
  const places = paths.nodes.map((node) => node.at);
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const names = new Map(paths.nodes.map((node) => [node.key, node.point ? pointOf(words, node.point, node.at < 0) : w.rest]));
  // In the middle there are only calls, and little room: there it need not be said.
  const inTheMiddle = ({ key, at, point }: Node) => (at === 0 && point?.topic ? pointOf(words, point, false).replace(/^.*? · /, "") : names.get(key));
  const short = new Map(paths.nodes.map((node) => [node.key, narrow ? shortly(words, node) : inTheMiddle(node)]));
  const room = narrow ? PHONE_LABEL_PX : last - first > 2 ? 130 : 220;
  const colourOf = ({ point }: Node) => (!point?.channel ? colours.third : point.channel === "voice" ? colours.main : colours.second);
  return {
    tooltip: {
      ...tooltipOf(colours),
      trigger: "item",
      formatter: ({ data }: { data: { name?: string; source?: string; target?: string; value?: number } }) =>
        data.source && data.target ? `${names.get(data.source)}\n→ ${names.get(data.target)}\n${w.contacts(words.format.number(data.value ?? 0))}` : (names.get(data.name ?? "") ?? ""),
    },
    series: [
      {
        type: "sankey",
        left: 4,
        right: narrow ? room + 6 : room + 20,
        top: 8,
        bottom: 8,
        nodeGap: narrow ? 26 : 12,
        nodeWidth: narrow ? 10 : 14,
        draggable: false,
        emphasis: { focus: "adjacency" },
        label: {
          color: colours.ink,
          width: room,
          overflow: "truncate",
          fontSize: narrow ? 10 : 12,
          lineHeight: narrow ? 12 : 14,
          textBorderColor: colours.ground,
          textBorderWidth: 2,
          formatter: ({ name }: { name: string }) => short.get(name) ?? name,
        },
        labelLayout: { hideOverlap: true },
        lineStyle: { color: "source", opacity: 0.3, curveness: 0.5 },
        data: paths.nodes.map((node) => ({
          name: node.key,
          depth: node.at - first,
          itemStyle: { color: colourOf(node), borderWidth: 0 },
        })),
        links: paths.flows.map(({ from, to, contacts }) => ({ source: from, target: to, value: contacts })),
      },
    ],
  };
}
