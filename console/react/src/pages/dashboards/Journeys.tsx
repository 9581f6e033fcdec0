import { Button, NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { type Asked, csvOf, journeysQuery, STEPS, WINDOWS } from "./asked";
import { type Link, pathsOf, pointOf } from "./journeys";
import { Shown } from "./Shown";
import { ChannelChoice, useTopics } from "./Topics";
import { topicOf } from "./topics";

const SankeyPicture = lazy(() => import("./SankeyPicture"));

/** Links that the page asks for; rarer ones are only in the CSV. */
const MOST_LINKS = 2000;
const MOST_IN_CSV = 10_000;
const MOST_IN_TABLE = 100;

interface Props {
  asked: Asked;
  change: (wanted: Partial<Asked>) => void;
}

/** What contacts did before and after a call, on any channel. */
export function Journeys({ asked, change }: Props) {
  const words = useWords();
  const w = words.dashboards.journeys;
  const wanted = journeysQuery(asked);
  const found = useQuery({
    queryKey: ["journeys", wanted],
    queryFn: () => data(api.GET("/api/journeys", { params: { query: { ...wanted, limit: MOST_LINKS } } })),
    placeholderData: keepPreviousData,
  });
  if (found.error) return <Trouble error={found.error} again={() => found.refetch()} />;
  if (!found.data) return <Waiting height={320} />;
  const links = found.data.links;
  if (links.length === 0) {
    const narrowed = Boolean(asked.topic || asked.channel);
    return (
      <Empty title={w.empty} text={narrowed ? w.empty_narrowed : w.empty_text}>
        {narrowed ? (
          <Button variant="default" onClick={() => change({ topic: "", channel: "" })}>
            {w.show_all}
          </Button>
        ) : (
          <Button component="a" href="/call" variant="default">
            {words.dashboards.empty_try}
          </Button>
        )}
      </Empty>
    );
  }
  const columns: Column<Link>[] = [
    { key: "from", title: w.from, names: true, cell: (one) => pointOf(words, one.came_from, true) },
    { key: "to", title: w.to, cell: (one) => pointOf(words, one.went_to, false) },
    { key: "when", title: w.when, cell: (one) => w.steps_away(one.step) },
    { key: "contacts", title: w.contacts_title, numeric: true, cell: (one) => words.format.number(one.contacts) },
  ];
  const folded = pathsOf(links).nodes.some((node) => node.point === null);
  return (
    <Shown
      title={w.title}
      about={w.about}
      csv={csvOf("/api/journeys", { ...wanted, limit: MOST_IN_CSV })}
      choices={<Choices asked={asked} change={change} />}
      picture={<SankeyPicture title={w.title} links={links} />}
      table={<DataTable caption={w.title} columns={columns} rows={links.slice(0, MOST_IN_TABLE)} keyOf={(one) => `${one.step} ${one.source} ${one.target}`} />}
      stacked
      notes={[folded && w.folded, links.length > MOST_IN_TABLE && words.dashboards.table_first(MOST_IN_TABLE), found.data.left_off > 0 && w.left_off(words.format.number(found.data.left_off))]}
      definition={w.definition(asked.window)}
    />
  );
}

function Choices({ asked, change }: Props) {
  const words = useWords();
  const w = words.dashboards.journeys;
  const topics = [...new Set(useTopics(asked).data?.told.map((one) => one.topic).filter((topic) => topic && topic !== "*"))];
  if (asked.topic && !topics.includes(asked.topic)) topics.push(asked.topic);
  return (
    <>
      <NativeSelect label={w.topic} value={asked.topic} onChange={(event) => change({ topic: event.currentTarget.value })} data={[{ value: "", label: w.all_topics }, ...topics.map((topic) => ({ value: topic, label: topicOf(words, topic) }))]} />
      <ChannelChoice asked={asked} change={change} />
      <NativeSelect label={w.window} value={String(asked.window)} onChange={(event) => change({ window: Number(event.currentTarget.value) })} data={WINDOWS.map((days) => ({ value: String(days), label: w.days(days) }))} />
      <NativeSelect label={w.steps} value={String(asked.steps)} onChange={(event) => change({ steps: Number(event.currentTarget.value) })} data={STEPS.map((steps) => ({ value: String(steps), label: String(steps) }))} />
    </>
  );
}
