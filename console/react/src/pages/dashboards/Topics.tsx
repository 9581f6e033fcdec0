import { Button, NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { type Asked, csvOf, topicsQuery } from "./asked";
import { Shown } from "./Shown";
import { gridOf, MOST_ROWS, type Told, topicOf } from "./topics";

const HeatPicture = lazy(() => import("./HeatPicture"));

const MOST_IN_TABLE = 100;

interface Props {
  asked: Asked;
  change: (wanted: Partial<Asked>) => void;
}

/** What people are in touch about, how urgent it is to them, and in what mood they are. */
export function Topics({ asked, change }: Props) {
  const words = useWords();
  const w = words.dashboards.topics;
  const found = useTopics(asked);
  if (found.error) return <Trouble error={found.error} again={() => found.refetch()} />;
  if (!found.data) return <Waiting height={320} />;
  const told = found.data.told;
  if (told.length === 0) {
    return (
      <Empty title={w.empty} text={asked.channel ? w.empty_channel : w.empty_text}>
        {asked.channel ? (
          <Button variant="default" onClick={() => change({ channel: "" })}>
            {w.all_channels}
          </Button>
        ) : (
          <Button component="a" href="/call" variant="default">
            {words.dashboards.empty_try}
          </Button>
        )}
      </Empty>
    );
  }
  const { urgencies, moods } = words.understood;
  const columns: Column<Told>[] = [
    { key: "topic", title: w.topic, names: true, cell: (one) => topicOf(words, one.topic) },
    { key: "urgency", title: w.urgency, cell: (one) => urgencies[one.urgency] ?? one.urgency },
    { key: "mood", title: w.mood, cell: (one) => moods[one.mood] ?? one.mood },
    { key: "interactions", title: w.interactions, numeric: true, cell: (one) => words.format.number(one.interactions) },
    { key: "handed", title: w.handed, numeric: true, cell: (one) => words.format.number(one.handed) },
  ];
  return (
    <Shown
      title={w.title}
      about={w.about}
      csv={csvOf("/api/topics", topicsQuery(asked))}
      choices={<ChannelChoice asked={asked} change={change} />}
      picture={<HeatPicture title={w.title} told={told} />}
      table={<DataTable caption={w.title} columns={columns} rows={told.slice(0, MOST_IN_TABLE)} keyOf={(one) => `${one.topic} ${one.urgency} ${one.mood}`} />}
      stacked
      notes={[gridOf(told).topics.length > MOST_ROWS && w.rows(MOST_ROWS), told.length > MOST_IN_TABLE && words.dashboards.table_first(MOST_IN_TABLE)]}
      definition={w.definition}
    />
  );
}

/** The topics of what is asked, the most frequent first. */
export function useTopics(asked: Asked) {
  const wanted = topicsQuery(asked);
  return useQuery({ queryKey: ["topics", wanted], queryFn: () => data(api.GET("/api/topics", { params: { query: wanted } })), placeholderData: keepPreviousData });
}

/** On which channel people were in touch. */
export function ChannelChoice({ asked, change }: Props) {
  const words = useWords();
  const known = Object.entries(words.history.channels);
  const own = asked.channel && !words.history.channels[asked.channel] ? [[asked.channel, asked.channel]] : [];
  return (
    <NativeSelect
      label={words.dashboards.topics.channel}
      value={asked.channel}
      onChange={(event) => change({ channel: event.currentTarget.value })}
      data={[{ value: "", label: words.dashboards.topics.all_channels }, ...[...known, ...own].map(([value = "", label = ""]) => ({ value, label }))]}
    />
  );
}
