import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { api, data, type Schemas } from "../../api/client";
import { ApiError, saidOf, worthRetrying } from "../../api/errors";
import { PageLink } from "../../ui/PageLink";
import { useWords, type Words } from "../../words";
import { Matters } from "../history/Matters";
import { Points } from "../history/Points";
import { Steps } from "../history/Steps";
import classes from "./desk.module.css";

const LATEST = 5;
type Story = Schemas["StoryView"];

/** Who calls, and what was before: asked for once, when a call is offered. A number proves nothing, and the page says so. */
export function WhoCalls({ callId, caller }: { callId: string; caller: string }) {
  const words = useWords();
  const w = words.desk.who;
  const heading = useRef<HTMLHeadingElement>(null);
  const story = useQuery({
    queryKey: ["contact-of", callId],
    queryFn: () => data(api.GET("/api/interactions/{interaction_id}/contact", { params: { path: { interaction_id: callId } } })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (failures, error) => !(error instanceof ApiError && error.code === "history_unavailable") && worthRetrying(failures, error),
  });
  const nobody = story.error instanceof ApiError && story.error.code === "unknown_contact";
  const again = () => {
    heading.current?.focus(); // the button goes away: who reads with the keyboard stays here
    void story.refetch();
  };
  const said = () => {
    if (story.isFetching) return w.asking;
    if (nobody) return caller ? w.nobody : w.withheld;
    if (story.error) return w.failed(saidOf(story.error, words));
    return story.data ? summary(story.data, words) : "";
  };
  const failed = story.error && !nobody && !story.isFetching;
  return (
    <>
      <section className={classes.who} aria-labelledby="who-title">
        <Title order={3} size="h5" id="who-title" ref={heading} tabIndex={-1}>
          {w.title}
        </Title>
        <Text fw={600} role="status">
          {said()}
        </Text>
        {failed && (
          <Button size="compact-sm" variant="default" onClick={again}>
            {w.again}
          </Button>
        )}
        {story.data && <Now story={story.data} callId={callId} />}
      </section>
      {story.data && <Before story={story.data} />}
    </>
  );
}

function Now({ story, callId }: { story: Story; callId: string }) {
  const w = useWords().desk.who;
  const others = story.running.filter((one) => one.id !== callId).length;
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {w.proves_nothing}
      </Text>
      {story.may_be.length > 0 && (
        <Alert color="yellow" variant="light" p="xs">
          {w.may_be(story.may_be.map((one) => one.name || w.no_name).join(", "))}
        </Alert>
      )}
      {others > 0 && (
        <Alert color="yellow" variant="light" p="xs">
          {w.also_running(others)}
        </Alert>
      )}
      {story.open.length > 0 && (
        <Part title={w.open}>
          <Matters open={story.open} otherTab />
        </Part>
      )}
    </Stack>
  );
}

function Before({ story: { contact, latest, threads } }: { story: Story }) {
  const words = useWords();
  const w = words.desk.who;
  const several = threads.filter((one) => one.interactions > 1);
  return (
    <section className={classes.who} aria-labelledby="before-title">
      <Title order={3} size="h5" id="before-title">
        {w.before}
      </Title>
      {latest.length > 0 && (
        <Part title={w.latest}>
          <Steps steps={latest.slice(0, LATEST)} otherTab />
        </Part>
      )}
      {several.length > 0 && (
        <Part title={w.threads}>
          <ul className={classes.list}>
            {several.map((one) => (
              <li key={one.id}>
                <PageLink href={`/history/calls/${one.id}`} otherTab>
                  {one.subject || w.no_subject}
                </PageLink>
                <Text size="sm" c="dimmed">
                  {[one.channels.map((channel) => words.history.channels[channel] ?? channel).join(", "), w.contacts_n(one.interactions), words.format.dateTime(one.latest_at)].join(" · ")}
                </Text>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {contact.points.length > 0 && (
        <Part title={w.addresses}>
          <Points points={contact.points} />
        </Part>
      )}
      <PageLink href={`/history/contacts/${contact.id}`} otherTab size="sm">
        {w.whole}
      </PageLink>
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={4} size="h6">
        {title}
      </Title>
      {children}
    </div>
  );
}

function summary({ contact, latest, open }: Story, words: Words): string {
  const w = words.desk.who;
  const address = contact.points.find((point) => point.confidence === "known")?.value ?? w.no_address;
  if (!contact.name && latest.length === 0) return w.unknown(address);
  const before = latest[0] ? w.last_time(words.format.dateTime(latest[0].started_at)) : w.never_before;
  return [contact.name || address, before, open.length > 0 ? w.open_n(open.length) : ""].filter(Boolean).join(" · ");
}
