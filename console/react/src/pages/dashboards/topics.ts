import type { Schemas } from "../../api/client";
import type { Words } from "../../words";
import { type Colours, tooltipOf } from "./colours";

export type Told = Schemas["ToldView"];

export const MOST_ROWS = 12;
const URGENCIES = ["high", "normal", "low"];
const MOODS = ["angry", "negative", "neutral", "positive"];
/** As the server calls the rarest topics together; so the picture calls those that it has no row for. */
const OTHERS = "*";

export function topicOf({ understood }: Words, topic: string): string {
  if (topic === "") return understood.no_topic;
  return topic === OTHERS ? understood.other_topics : (understood.topics[topic] ?? topic);
}

export interface Grid {
  /** Each [urgency, mood], in order; only those that there are. */
  columns: [string, string][];
  topics: string[];
  /** Column, row, how many. */
  cells: [number, number, number][];
}

/** A field for each topic and each urgency with a mood; topics beyond `most` stand together in the last row. */
export function gridOf(told: readonly Told[], most = MOST_ROWS): Grid {
  const found = [...new Set(told.map((one) => one.topic))].filter((topic) => topic !== OTHERS);
  const topics = found.slice(0, most);
  const rest = told.some((one) => !topics.includes(one.topic));
  if (rest) topics.push(OTHERS);
  const there = new Set(told.map((one) => `${one.urgency} ${one.mood}`));
  const columns = URGENCIES.flatMap((urgency) => MOODS.map((mood): [string, string] => [urgency, mood])).filter(([urgency, mood]) => there.has(`${urgency} ${mood}`));
  const sums = new Map<string, [number, number, number]>();
  for (const one of told) {
    const x = columns.findIndex(([urgency, mood]) => urgency === one.urgency && mood === one.mood);
    const y = topics.includes(one.topic) ? topics.indexOf(one.topic) : topics.length - 1;
    if (x < 0) continue;
    const cell = sums.get(`${x} ${y}`) ?? [x, y, 0];
    cell[2] += one.interactions;
    sums.set(`${x} ${y}`, cell);
  }
  return { columns, topics, cells: [...sums.values()] };
}

/** What the chart library is told: the more interactions, the stronger a field's colour; its number stands in it. */
export function heatOf(words: Words, grid: Grid, colours: Colours, narrow: boolean) {
  const { urgencies, moods } = words.understood;
  const most = Math.max(1, ...grid.cells.map(([, , n]) => n));
  // By its root: one large field would leave all others pale.
  const strength = (n: number) => Math.sqrt(n / most);
  const name = ([urgency, mood]: [string, string]) => [urgencies[urgency] ?? urgency, moods[mood] ?? mood] as const;
  return {
    grid: { left: 8, right: 8, top: 8, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      ...tooltipOf(colours),
      formatter: ({ value: [x, y, , n] }: { value: [number, number, number, number] }) => {
        const [urgency, mood] = name(grid.columns[x] ?? ["", ""]);
        return `${topicOf(words, grid.topics[y] ?? "")}\n${words.understood.of_urgency(urgency)}, ${words.understood.of_mood(mood)}: ${words.format.number(n)}`;
      },
    },
    xAxis: [
      {
        type: "category",
        position: "bottom",
        data: grid.columns.map((column) => {
          const [urgency, mood] = name(column);
          return narrow ? `${mood} · ${urgency}` : `${mood}\n${words.understood.of_urgency(urgency)}`;
        }),
        axisLabel: { color: colours.text, interval: 0, rotate: narrow ? 90 : 0, width: narrow ? 130 : 88, overflow: "break", fontSize: narrow ? 11 : 12, lineHeight: 15 },
        axisLine: { lineStyle: { color: colours.line } },
        axisTick: { show: false },
      },
    ],
    yAxis: {
      type: "category",
      inverse: true,
      data: grid.topics.map((topic) => topicOf(words, topic)),
      axisLabel: { color: colours.ink, interval: 0, width: narrow ? 96 : 170, overflow: "break", lineHeight: 14 },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    visualMap: { show: false, type: "continuous", min: 0, max: 1, dimension: 2, inRange: { color: [colours.sunk, colours.main] } },
    series: [
      {
        type: "heatmap",
        itemStyle: { borderColor: colours.ground, borderWidth: 2, borderRadius: 4 },
        data: grid.cells.map(([x, y, n]) => ({ value: [x, y, strength(n), n], label: { color: strength(n) > 0.6 ? colours.onMain : colours.ink } })),
        label: { show: true, fontSize: narrow ? 10 : 12, formatter: ({ value }: { value: number[] }) => words.format.number(value[3] ?? 0) },
      },
    ],
  };
}
