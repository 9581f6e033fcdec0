import { type Colours, tooltipOf } from "./colours";

export interface Point {
  label: string;
  value: number | null;
}

interface Wanted {
  points: readonly Point[];
  inTime: boolean;
  say: (value: number | null | undefined) => string;
  colours: Colours;
}

/** What the chart library is told: a line over time, bars for all else; gaps where there is nothing to tell. */
export function barsOf({ points, inTime, say, colours }: Wanted) {
  const few = points.length < 3;
  return {
    grid: { left: 8, right: 16, top: 16, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      ...tooltipOf(colours),
      trigger: "axis",
      valueFormatter: (value: unknown) => say(typeof value === "number" ? value : null),
    },
    xAxis: {
      type: "category",
      data: points.map((point) => point.label),
      axisLabel: { color: colours.text, hideOverlap: true, width: 110, overflow: "truncate" },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      axisLabel: { color: colours.text, formatter: (value: number) => say(value) },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: [
      {
        type: inTime && !few ? "line" : "bar",
        data: points.map((point) => point.value),
        itemStyle: { color: colours.main, borderRadius: inTime && !few ? 0 : [4, 4, 0, 0] },
        lineStyle: { width: 2.5 },
        symbolSize: 7,
        barMaxWidth: 48,
      },
    ],
  };
}
