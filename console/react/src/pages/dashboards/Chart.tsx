import { useComputedColorScheme } from "@mantine/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useWords } from "../../words";
import classes from "./dashboards.module.css";
import { shown } from "./kpis";
import { type Colours, optionsOf, type Point } from "./options";

use([AriaComponent, BarChart, CanvasRenderer, GridComponent, LineChart, TooltipComponent]);

/** A picture of the numbers; the table below it says the same to who does not see it. Loaded when it is first shown. */
export default function Chart({ title, unit, inTime, points }: { title: string; unit: string; inTime: boolean; points: readonly Point[] }) {
  const words = useWords();
  const scheme = useComputedColorScheme("light");
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const chart = init(place.current);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    chart.setOption({ ...optionsOf({ points, inTime, say: (value) => shown(words, unit, value), colours: coloursOf(scheme) }), animation: !calm });
    const resized = new ResizeObserver(() => chart.resize());
    if (place.current) resized.observe(place.current);
    return () => {
      resized.disconnect();
      chart.dispose();
    };
  }, [points, inTime, unit, words, scheme]);
  return <div ref={place} className={classes.chart} role="img" aria-label={title} />;
}

/** A canvas knows no CSS: the colours are read from the page. scheme: as they are in it. */
function coloursOf(scheme: string): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    main: of(scheme === "dark" ? "--mantine-color-petrol-3" : "--mantine-color-petrol-8"),
    text: of("--mantine-color-dimmed"),
    line: of("--console-line"),
    ground: of("--console-surface"),
    ink: of("--mantine-color-text"),
  };
}
