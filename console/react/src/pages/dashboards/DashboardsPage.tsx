import { Anchor, Button, Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { useSearchParams } from "wouter";
import { api, data } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { type Asked, before, csvAddress, daysOf, localDay, query, read, written } from "./asked";
import { Divided } from "./Divided";
import { Filters } from "./Filters";
import { KpiGroups } from "./KpiGroups";
import type { Grouping } from "./asked";

/** The figures of a time: each KPI with its meaning, one of them divided in a chart and a table. */
export default function DashboardsPage() {
  const words = useWords();
  const [address, setAddress] = useSearchParams();
  const today = localDay(new Date());
  const asked = useMemo(() => read(address, today), [address, today]);
  const change = (wanted: Partial<Asked>) => setAddress(written(asked, wanted), { replace: true });
  const place = useRef<HTMLDivElement>(null);
  const choose = (kpi: string) => {
    change({ kpi });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.current?.scrollIntoView({ behavior: calm ? "auto" : "smooth" });
  };
  const sound = daysOf(asked.from, asked.to) > 0;

  const lines = useQuery({ queryKey: ["lines"], queryFn: () => data(api.GET("/api/lines")), staleTime: 300_000 });
  const whole = useKpis(asked, "", sound);
  const earlier = useKpis(before(asked), "", sound);
  const divided = useKpis(asked, asked.by, sound);
  const titles = useMemo(() => new Map((lines.data ?? []).map((line) => [line.id, line.title])), [lines.data]);
  const nothing = whole.data && (whole.data.rows[0]?.calls ?? 0) === 0;
  const kpi = whole.data?.definitions.find((one) => one.name === asked.kpi) ?? whole.data?.definitions[0];

  return (
    <Page title={words.dashboards.title} lead={words.dashboards.lead}>
      <Filters asked={asked} change={change} lines={lines.data ?? []} today={today} sound={sound} />
      <Trouble error={whole.error ?? divided.error} again={() => Promise.all([whole.refetch(), divided.refetch()])} />
      {sound && whole.isPending && <Waiting height={320} />}
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
          {divided.data && (
            <Divided asked={asked} change={change} kpi={kpi} definitions={whole.data.definitions} place={place} rows={divided.data.rows} titles={titles}>
              <Anchor href={csvAddress(asked)} download title={words.dashboards.csv_help}>
                {words.dashboards.csv}
              </Anchor>
            </Divided>
          )}
        </Stack>
      )}
    </Page>
  );
}

function useKpis(asked: Asked, by: Grouping | "", enabled: boolean) {
  const wanted = query(asked, by);
  return useQuery({
    queryKey: ["kpis", wanted],
    queryFn: () => data(api.GET("/api/kpis", { params: { query: wanted } })),
    placeholderData: keepPreviousData,
    enabled,
  });
}
