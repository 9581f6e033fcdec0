import type { Schemas } from "../../api/client";
import type { Words } from "../../words";
import { type Colours, tooltipOf } from "./colours";

export type Stage = Schemas["StageView"];

/** What a stage is called and how it is counted; one that these words do not know yet is told as the server tells it. */
export function stageOf(words: Words, stage: Stage): { name: string; about: string } {
  const known = (words.dashboards.funnel.stages as Record<string, { name: string; about: string }>)[stage.stage];
  return known ?? { name: stage.stage, about: stage.definition };
}

/** How many of the stage went on to the next; of the last one, all. */
export function onwards({ sessions, passed, lost }: Stage): number {
  return sessions - passed - lost;
}

/** A share, or none of nothing. */
export function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

/** What the chart library is told: a bar for each stage, from top to bottom, divided by how its sessions went on. */
export function funnelOf(words: Words, stages: readonly Stage[], colours: Colours, narrow: boolean) {
  const w = words.dashboards.funnel;
  const most = stages[0]?.sessions ?? 0;
  const part = (name: string, color: string, ink: string, of: (stage: Stage) => number) => ({
    name,
    type: "bar",
    stack: "all",
    barMaxWidth: 44,
    itemStyle: { color, borderColor: colours.ground, borderWidth: 1 },
    // A number stands in its bar where there is room for it; all are in the table.
    data: stages.map((stage) => ({ value: of(stage), label: { show: of(stage) > most / (narrow ? 6 : 14), color: ink } })),
    label: { show: true, position: "inside", formatter: ({ value }: { value: number }) => words.format.number(value) },
  });
  return {
    grid: { left: 8, right: 16, top: narrow ? 60 : 40, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { top: 0, left: 0, itemGap: 14, textStyle: { color: colours.text }, icon: "rect", itemWidth: 14, itemHeight: 10, selectedMode: false },
    tooltip: { ...tooltipOf(colours), trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (value: unknown) => words.format.number(Number(value)) },
    xAxis: {
      type: "value",
      minInterval: 1,
      axisLabel: { color: colours.text, hideOverlap: true, formatter: (value: number) => words.format.number(value) },
      splitLine: { lineStyle: { color: colours.line } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: stages.map((stage) => stageOf(words, stage).name),
      axisLabel: { color: colours.ink, width: narrow ? 84 : 160, overflow: "break", lineHeight: 14 },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    series: [
      part(w.onwards, colours.main, colours.onMain, onwards),
      part(w.passed, colours.second, colours.onMain, (stage) => stage.passed),
      part(w.lost, colours.third, colours.onMain, (stage) => stage.lost),
    ],
  };
}
