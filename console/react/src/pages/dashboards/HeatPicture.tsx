import { HeatmapChart } from "echarts/charts";
import { GridComponent, TooltipComponent, VisualMapContinuousComponent } from "echarts/components";
import { use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useCallback } from "react";
import { useWords } from "../../words";
import type { Colours } from "./colours";
import { EChart } from "./EChart";
import { gridOf, heatOf, type Told } from "./topics";

use([CanvasRenderer, GridComponent, HeatmapChart, TooltipComponent, VisualMapContinuousComponent]);

export default function HeatPicture({ title, told }: { title: string; told: readonly Told[] }) {
  const words = useWords();
  const option = useCallback((colours: Colours, narrow: boolean) => heatOf(words, gridOf(told), colours, narrow), [words, told]);
  return <EChart title={title} option={option} tall />;
}
