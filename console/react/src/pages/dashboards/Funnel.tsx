import { Button, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { type Asked, csvOf, funnelQuery } from "./asked";
import { shareOf, type Stage, stageOf } from "./funnel";
import { shown } from "./kpis";
import { Shown } from "./Shown";

const FunnelPicture = lazy(() => import("./FunnelPicture"));

/** How far the bot's calls come, and where they go on with people instead. */
export function Funnel({ asked }: { asked: Asked }) {
  const words = useWords();
  const w = words.dashboards.funnel;
  const wanted = funnelQuery(asked);
  const found = useQuery({ queryKey: ["funnel", wanted], queryFn: () => data(api.GET("/api/funnel", { params: { query: wanted } })), placeholderData: keepPreviousData });
  if (found.error) return <Trouble error={found.error} again={() => found.refetch()} />;
  if (!found.data) return <Waiting height={320} />;
  const stages = found.data.stages;
  const arrived = stages[0]?.sessions ?? 0;
  if (arrived === 0) {
    return (
      <Empty title={w.empty} text={w.empty_text}>
        <Button component="a" href="/call" variant="default">
          {words.dashboards.empty_try}
        </Button>
      </Empty>
    );
  }
  const before = (stage: Stage) => stages[stages.indexOf(stage) - 1]?.sessions ?? stage.sessions;
  const percent = (part: number, whole: number) => shown(words, "share", shareOf(part, whole));
  const number = (value: number) => words.format.number(value);
  const columns: Column<Stage>[] = [
    { key: "stage", title: w.stage, names: true, cell: (one) => stageOf(words, one).name },
    { key: "sessions", title: w.sessions, numeric: true, cell: (one) => number(one.sessions) },
    { key: "of_all", title: w.of_all, numeric: true, cell: (one) => percent(one.sessions, arrived) },
    { key: "of_before", title: w.of_before, numeric: true, cell: (one) => percent(one.sessions, before(one)) },
    { key: "passed", title: w.passed, numeric: true, cell: (one) => number(one.passed) },
    { key: "lost", title: w.lost, numeric: true, cell: (one) => number(one.lost) },
  ];
  return (
    <Shown
      title={w.title}
      about={w.about}
      csv={csvOf("/api/funnel", wanted)}
      picture={<FunnelPicture title={w.title} stages={stages} />}
      table={<DataTable caption={w.title} columns={columns} rows={stages} keyOf={(one) => one.stage} />}
      stacked
      definition={
        <>
          {stages.map((one) => (
            <Text key={one.stage} size="sm">
              <strong>{stageOf(words, one).name}</strong>: {stageOf(words, one).about}
            </Text>
          ))}
          <Text size="sm">{w.definition}</Text>
        </>
      }
    />
  );
}
