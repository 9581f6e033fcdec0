import { Stack, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { api, data } from "../../api/client";
import { Page } from "../../ui/Page";
import { useWords } from "../../words";
import { type Asked, daysOf, localDay, read, type View, VIEWS, written } from "./asked";
import { Figures } from "./Figures";
import { Filters } from "./Filters";
import { Funnel } from "./Funnel";
import { Journeys } from "./Journeys";
import { Topics } from "./Topics";

/** The figures of a time: the KPIs, the bot's funnel, what calls are about, what contacts did around them. */
export default function DashboardsPage() {
  const words = useWords();
  const [address, setAddress] = useSearchParams();
  const today = localDay(new Date());
  const asked = useMemo(() => read(address, today), [address, today]);
  const change = (wanted: Partial<Asked>) => setAddress(written(asked, wanted), { replace: true });
  const sound = daysOf(asked.from, asked.to) > 0;
  const lines = useQuery({ queryKey: ["lines"], queryFn: () => data(api.GET("/api/lines")), staleTime: 300_000 });
  const titles = useMemo(() => new Map((lines.data ?? []).map((line) => [line.id, line.title])), [lines.data]);
  const shown: Record<View, React.ReactNode> = {
    figures: <Figures asked={asked} change={change} titles={titles} />,
    funnel: <Funnel asked={asked} />,
    topics: <Topics asked={asked} change={change} />,
    journeys: <Journeys asked={asked} change={change} />,
  };
  return (
    <Page title={words.dashboards.title} lead={words.dashboards.lead}>
      <Filters asked={asked} change={change} lines={lines.data ?? []} today={today} sound={sound} />
      <Tabs value={asked.view} onChange={(view) => change({ view: (view ?? "figures") as View })} keepMounted={false}>
        <Tabs.List mb="md">
          {VIEWS.map((view) => (
            <Tabs.Tab key={view} value={view}>
              {words.dashboards.views[view]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {VIEWS.map((view) => (
          <Tabs.Panel key={view} value={view}>
            <Stack gap="lg">{sound && shown[view]}</Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
