import { Button, Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { api, data } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { type Asked, before, type Grouping, query } from "./asked";
import { Divided } from "./Divided";
import { KpiGroups } from "./KpiGroups";

interface Props {
  asked: Asked;
  change: (wanted: Partial<Asked>) => void;
  /** Of the lines, by id. */
  titles: ReadonlyMap<string, string>;
}

/** Each KPI with its meaning, one of them divided in a chart and a table. */
export function Figures({ asked, change, titles }: Props) {
  const words = useWords();
  const place = useRef<HTMLDivElement>(null);
  const choose = (kpi: string) => {
    change({ kpi });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.current?.scrollIntoView({ behavior: calm ? "auto" : "smooth" });
  };
  const whole = useKpis(asked, "");
  const earlier = useKpis(before(asked), "");
  const divided = useKpis(asked, asked.by);
  const nothing = whole.data && (whole.data.rows[0]?.calls ?? 0) === 0;
  const kpi = whole.data?.definitions.find((one) => one.name === asked.kpi) ?? whole.data?.definitions[0];
  return (
    <>
      <Trouble error={whole.error ?? divided.error} again={() => Promise.all([whole.refetch(), divided.refetch()])} />
      {whole.isPending && <Waiting height={320} />}
      {nothing && (
        <Empty title={words.dashboards.empty} text={words.dashboards.empty_text}>
          <Button component="a" href="/call" variant="default">
            {words.dashboards.empty_try}
          </Button>
        </Empty>
      )}
      {whole.data && kpi && !nothing && (
        <Stack gap="xl">
          <KpiGroups page={whole.data} earlier={earlier.data?.rows[0]} chosen={kpi.name} choose={choose} />
          {divided.data && <Divided asked={asked} change={change} kpi={kpi} definitions={whole.data.definitions} place={place} rows={divided.data.rows} titles={titles} />}
        </Stack>
      )}
    </>
  );
}

function useKpis(asked: Asked, by: Grouping | "") {
  const wanted = query(asked, by);
  return useQuery({
    queryKey: ["kpis", wanted],
    queryFn: () => data(api.GET("/api/kpis", { params: { query: wanted } })),
    placeholderData: keepPreviousData,
  });
}
