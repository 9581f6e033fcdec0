import { useComputedColorScheme } from "@mantine/core";
import { type EChartsCoreOption, init } from "echarts/core";
import { useEffect, useRef } from "react";
import type { Colours } from "./colours";
import classes from "./dashboards.module.css";

interface Props {
  title: string;
  /** What the chart library is told; `narrow`: as wide as on a phone. */
  option: (colours: Colours, narrow: boolean) => EChartsCoreOption;
  tall?: boolean;
  /** Narrower than this the picture is scrolled sideways; 0: it always fits. */
  leastPx?: number;
}

const NARROW_PX = 560;

/** A picture of numbers; the table beside it says the same to who does not see it. Whoever shows one registers its chart. */
export function EChart({ title, option, tall = false, leastPx = 0 }: Props) {
  const scheme = useComputedColorScheme("light");
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const on = place.current;
    if (!on) return;
    const chart = init(on);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const colours = coloursOf(scheme);
    let narrow: boolean | null = null;
    const draw = () => {
      chart.resize();
      if (narrow === (narrow = on.clientWidth < NARROW_PX)) return;
      // aria: the picture has a label, its numbers are in the table.
      chart.setOption({ aria: { enabled: false }, ...option(colours, narrow), animation: !calm }, true);
    };
    draw();
    const resized = new ResizeObserver(draw);
    resized.observe(on);
    return () => {
      resized.disconnect();
      chart.dispose();
    };
  }, [option, scheme]);
  const picture = <div ref={place} className={tall ? `${classes.chart} ${classes.tall}` : classes.chart} style={leastPx ? { minWidth: leastPx } : undefined} role="img" aria-label={title} />;
  if (!leastPx) return picture;
  return (
    <div className={classes.sideways} role="group" aria-label={title} tabIndex={0}>
      {picture}
    </div>
  );
}

/** A canvas knows no CSS: the colours are read from the page. scheme: as they are in it. */
function coloursOf(scheme: string): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    main: of(scheme === "dark" ? "--mantine-color-petrol-3" : "--mantine-color-petrol-8"),
    second: of("--console-chart-second"),
    third: of("--console-chart-third"),
    text: of("--mantine-color-dimmed"),
    line: of("--console-line"),
    ground: of("--console-surface"),
    sunk: of("--console-sunk"),
    ink: of("--mantine-color-text"),
    onMain: of(scheme === "dark" ? "--mantine-color-dark-9" : "--mantine-color-white"),
  };
}
