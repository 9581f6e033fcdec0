import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useCallback } from "react";
import { useWords } from "../../words";
import { barsOf, type Point } from "./bars";
import type { Colours } from "./colours";
import { EChart } from "./EChart";
import { shown } from "./kpis";

use([BarChart, CanvasRenderer, GridComponent, LineChart, TooltipComponent]);

/** One KPI over time, or by something. Loaded when it is first shown. */
export default function Bars({ title, unit, inTime, points }: { title: string; unit: string; inTime: boolean; points: readonly Point[] }) {
  const words = useWords();
  const option = useCallback((colours: Colours) => barsOf({ points, inTime, say: (value) => shown(words, unit, value), colours }), [points, inTime, unit, words]);
  return <EChart title={title} option={option} />;
}
