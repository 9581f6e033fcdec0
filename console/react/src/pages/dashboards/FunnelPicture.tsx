import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useCallback } from "react";
import { useWords } from "../../words";
import type { Colours } from "./colours";
import { EChart } from "./EChart";
import { funnelOf, type Stage } from "./funnel";

use([BarChart, CanvasRenderer, GridComponent, LegendComponent, TooltipComponent]);

export default function FunnelPicture({ title, stages }: { title: string; stages: readonly Stage[] }) {
  const words = useWords();
  const option = useCallback((colours: Colours, narrow: boolean) => funnelOf(words, stages, colours, narrow), [words, stages]);
  return <EChart title={title} option={option} />;
}
