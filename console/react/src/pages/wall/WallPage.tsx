import { Alert, Skeleton, Stack, Title, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { api, data } from "../../api/client";
import { DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { ForceState } from "./ForceState";
import { ListeningPanel } from "./ListeningPanel";
import { MoveCaller } from "./MoveCaller";
import { Operators } from "./Operators";
import { Queues } from "./Queues";
import { StartListening } from "./StartListening";
import { Tiles } from "./Tiles";
import { useListening } from "./useListening";
import { useServerTime, useWall } from "./useWall";
import { Waiting } from "./Waiting";
import { type Caller, type Operator, type Wall, whole } from "./wall";

/** What happens now: who waits, who works, which calls talk. */
export default function WallPage() {
  const words = useWords();
  const { wall, lost, error, again } = useWall();
  const now = useServerTime(wall);
  const [forced, setForced] = useState<Operator | null>(null);
  const rules = useQuery({ queryKey: ["monitoring"], queryFn: () => data(api.GET("/api/monitoring")) }).data;
  const listening = useListening();
  const [listenedTo, setListenedTo] = useState<Operator | null>(null);
  const [moved, setMoved] = useState<Caller | null>(null);
  return (
    <Page title={words.wall.title} lead={words.wall.about}>
      <Trouble error={error} again={again} />
      {lost && !error && (
        <Alert color="yellow" role="status" variant="light">
          {words.wall.lost}
        </Alert>
      )}
      {!wall && !error && <Skeleton h={220} radius="md" aria-label={words.frame.loading} />}
      {wall && (
        <>
          <Said wall={wall} />
          <ListeningPanel listening={listening} />
          <Tiles wall={wall} now={now} />
          <Part title={words.wall.queues}>
            <Queues wall={wall} now={now} />
          </Part>
          {wall.waiting.length > 0 && (
            <Part title={words.wall.callers}>
              <Waiting wall={wall} now={now} move={setMoved} />
            </Part>
          )}
          <Part title={words.wall.operators}>
            {wall.operators.length > 0 ? <Operators wall={wall} now={now} force={setForced} listen={rules?.possible ? setListenedTo : null} /> : <Empty title={words.wall.nobody_works} text={words.wall.nobody_works_text} />}
          </Part>
          <Part title={words.wall.lines}>
            <DataTable
              caption={words.wall.lines}
              rows={wall.lines}
              keyOf={(line) => line.line}
              columns={[
                { key: "line", title: words.wall.line, names: true, cell: (line) => line.title },
                { key: "bot", title: words.wall.with_bot, numeric: true, cell: (line) => words.format.number(line.bot) },
                { key: "queue", title: words.wall.in_queue, numeric: true, cell: (line) => words.format.number(line.queue) },
                { key: "person", title: words.wall.with_person, numeric: true, cell: (line) => words.format.number(line.person) },
              ]}
            />
          </Part>
        </>
      )}
      {wall && moved && <MoveCaller caller={moved} wall={wall} close={() => setMoved(null)} />}
      {rules && listenedTo && <StartListening operator={listenedTo} rules={rules} start={listening.start} close={() => setListenedTo(null)} />}
      {forced && <ForceState operator={forced} close={() => setForced(null)} />}
    </Page>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

const SAID_AFTER_MS = 2000;

/** For screen readers: how many wait and who is there, once it has stayed so for a moment; never the running clocks. */
function Said({ wall }: { wall: Wall }) {
  const words = useWords();
  const { waiting, urgent, available } = whole(wall);
  const text = words.wall.said(waiting, urgent, available);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), SAID_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {said}
    </VisuallyHidden>
  );
}

