import { Anchor, Button, Grid, Group, Skeleton, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { createRef, type RefObject, useMemo, useState } from "react";
import { Link, useParams } from "wouter";
import { api, data } from "../../api/client";
import { may, useMe } from "../../api/me";
import { Facts } from "../../ui/Facts";
import { Page } from "../../ui/Page";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { messagesOf } from "../desk/messages";
import { SendMessage } from "../desk/SendMessage";
import { clockOf, slotsOf, turnAt } from "./calls";
import { Card } from "./Card";
import { Consents, Understood } from "./Insights";
import classes from "./history.module.css";
import { Messages } from "./Messages";
import { Player } from "./Player";
import { Transcript } from "./Transcript";
import { useNews } from "./useNews";
import { Who } from "./Who";

const LOOK_EVERY_MS = 15_000; // where no news get through

/** One call: what was said and why, what was heard, understood, agreed to, and every event. */
export default function CallPage() {
  const words = useWords();
  const w = words.history;
  const me = useMe();
  const { id = "" } = useParams<{ id: string }>();
  const params = { path: { interaction_id: id } };
  const call = useQuery({
    queryKey: ["call", id],
    queryFn: () => data(api.GET("/api/interactions/{interaction_id}", { params })),
    refetchInterval: (query) => (query.state.data?.interaction.status === "open" ? LOOK_EVERY_MS : false),
  });
  const last = call.data?.interaction.last_seq;
  useNews(id, call.data?.interaction.status === "open", last);
  const events = useQuery({
    queryKey: ["events", id, last],
    queryFn: () => data(api.GET("/api/interactions/{interaction_id}/events", { params })),
    enabled: last !== undefined,
    placeholderData: keepPreviousData, // a call that goes on has more of them every few seconds
  });
  const lines = useQuery({ queryKey: ["lines"], queryFn: () => data(api.GET("/api/lines")) });
  const [now, setNow] = useState<number | null>(null);
  const recordings = call.data?.recordings ?? [];
  const there = recordings.filter((one) => !one.deleted_at);
  const seqs = recordings.map((one) => one.seq).join(" ");
  const players = useMemo(() => new Map(seqs.split(" ").map((seq) => [Number(seq), createRef<HTMLAudioElement>() as RefObject<HTMLAudioElement | null>])), [seqs]);

  if (!call.data) {
    return (
      <Page title={w.calls}>
        <Trouble error={call.error} again={() => call.refetch()} />
        {call.isPending && <Skeleton h={400} radius="md" aria-label={words.frame.loading} />}
      </Page>
    );
  }
  const { interaction: one, transcript } = call.data;
  const listen = (atMs: number) => {
    const fits = there.find((part) => part.started_ms <= atMs && atMs <= part.started_ms + part.duration_ms) ?? there[0];
    const player = fits && players.get(fits.seq)?.current;
    if (!fits || !player) return;
    player.currentTime = Math.max(0, atMs - fits.started_ms) / 1000;
    setNow(turnAt(transcript, atMs));
    void player.play();
  };
  const slots = slotsOf(events.data ?? []);
  const facts: [string, string][] = [
    [w.outcome, w.outcomes[one.status === "open" ? "open" : one.outcome] ?? one.outcome],
    [w.caller, one.caller || w.withheld],
    [w.line, lines.data?.find((line) => line.id === one.line)?.title ?? one.line],
    [w.channel, w.channels[one.channel] ?? one.channel],
    [w.door, w.doors[one.door] ?? one.door],
    [w.duration, one.duration_ms === null ? "" : clockOf(one.duration_ms)],
    [w.operator, one.operator_name ?? ""],
    [w.queue, one.queue],
    [w.language, words.desk.languages[one.language] ?? one.language],
    [w.recognizer, one.recognizer],
    [w.end, w.ends[one.end_reason] ?? one.end_reason],
  ];
  const messages = messagesOf(events.data ?? []);
  const writes = may(me, ["operator", "supervisor"]);
  const officer = may(me, ["privacy-officer"]);
  return (
    <Page
      title={w.call_of(words.format.dateTime(one.started_at))}
      actions={
        officer && (
          <>
            <Button component="a" variant="default" href={`/api/interactions/${id}/export`} download>
              {w.export_json}
            </Button>
            <Button component="a" variant="default" href={`/api/interactions/${id}/vcon`} download={`${id}.vcon.json`}>
              {w.export_vcon}
            </Button>
          </>
        )
      }
    >
      <Anchor component={Link} href="/history" size="sm">
        ← {w.back}
      </Anchor>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <Card title={w.recordings}>
              {recordings.length === 0 && <Text c="dimmed">{w.no_recordings}</Text>}
              {recordings.map((part) => (
                <Player key={part.seq} recording={part} address={`/api/interactions/${id}/recordings/${part.seq}`} audio={players.get(part.seq) ?? createRef()} moved={(atMs) => setNow(turnAt(transcript, atMs))} />
              ))}
            </Card>
            <Card title={w.transcript}>
              <Transcript turns={transcript} now={now} listen={there.length > 0 ? listen : null} goesOn={one.status === "open"} />
            </Card>
            <details className="card">
              <summary>{w.events(events.data?.length ?? 0)}</summary>
              <Trouble error={events.error} again={() => events.refetch()} />
              <pre className={classes.log} tabIndex={0} aria-label={w.events(events.data?.length ?? 0)}>
                {events.data?.map((event) => `${event.seq}  ${clockOf(event.at_ms)}  ${event.type}  ${event.actor}\n    ${JSON.stringify(event.payload)}\n`)}
              </pre>
            </details>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            <Card title={w.facts}>
              <Facts facts={facts.filter(([, value]) => value)} />
            </Card>
            {may(me, ["operator", "supervisor", "privacy-officer"]) && (
              <Card title={w.who}>
                <Who id={id} />
              </Card>
            )}
            {slots.length > 0 && (
              <Card title={w.slots}>
                <Facts facts={slots} />
              </Card>
            )}
            {(messages.length > 0 || writes) && (
              <Card title={w.messages}>
                <Messages messages={messages} />
                {writes && (
                  <Group>
                    <SendMessage callId={id} />
                  </Group>
                )}
              </Card>
            )}
            <Card title={w.analyses}>
              <Understood id={id} />
            </Card>
            <Card title={w.consents}>
              <Consents id={id} />
            </Card>
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
