import { SankeyChart } from "echarts/charts";
import { TooltipComponent } from "echarts/components";
import { use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useCallback } from "react";
import { useWords } from "../../words";
import type { Colours } from "./colours";
import { EChart } from "./EChart";
import { leastWidthPx, type Link, MOST_NODES, MOST_ON_A_PHONE, pathsOf, sankeyOf } from "./journeys";

use([CanvasRenderer, SankeyChart, TooltipComponent]);

export default function SankeyPicture({ title, links }: { title: string; links: readonly Link[] }) {
  const words = useWords();
  const option = useCallback((colours: Colours, narrow: boolean) => sankeyOf(words, pathsOf(links, narrow ? MOST_ON_A_PHONE : MOST_NODES), colours, narrow), [words, links]);
  return <EChart title={title} option={option} leastPx={leastWidthPx(pathsOf(links))} tall />;
}
