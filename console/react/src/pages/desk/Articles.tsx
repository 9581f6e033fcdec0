import { Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords, type Words } from "../../words";
import { asked } from "./articles";
import classes from "./desk.module.css";
import { type Desk, type SayingNews, sounds } from "./desk";
import { SendMessage } from "./SendMessage";
import { softphone } from "./softphone";
import { lastWordsOf } from "./turns";

const TYPED_MS = 400;

/** What the bot's search finds for what the caller last said, or for what the operator looks for: to be read out, or to
 * be said by the bot. */
export function Articles({ desk, language }: { desk: Desk; language: string }) {
  const words = useWords();
  const w = words.desk.articles;
  const [typed, setTyped] = useState("");
  const [sought] = useDebouncedValue(typed, TYPED_MS);
  const text = asked(sought, lastWordsOf(desk.turns, "caller"));
  const spokenIn = language || words.format.language;
  const found = useQuery({
    queryKey: ["articles-suggested", text, spokenIn],
    queryFn: () => data(api.POST("/api/articles-suggested", { body: { text, language: spokenIn } })),
    enabled: text !== "",
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before, // what stands there is read out just now
  });
  // To words that nothing fits, only who looks by hand is shown what comes nearest.
  const shown = found.data && (found.data.band !== "reject" || sought.trim()) ? found.data.articles : [];
  return (
    <section className={classes.who} aria-labelledby="articles-title">
      <Title order={3} size="h5" id="articles-title">
        {w.title}
      </Title>
      <TextInput w="100%" type="search" aria-label={w.search} placeholder={w.search} value={typed} maxLength={500} autoComplete="off" onChange={(event) => setTyped(event.currentTarget.value)} />
      <Trouble error={found.error} again={() => found.refetch()} />
      <Text size="sm" c="dimmed" role="status">
        {text && !found.isFetching ? w.found(shown.length) : ""}
      </Text>
      <Text size="sm" fw={600} role="status">
        {desk.saying && saidOf(desk.saying, w)}
      </Text>
      {sounds(desk) && !shown.some((one) => one.article === desk.saying?.article) && <Stop />}
      {shown.map((one, place) => (
        <Article key={one.article} one={one} open={place === 0} desk={desk} language={spokenIn} />
      ))}
    </section>
  );
}

function Article({ one, open, desk, language }: { one: Schemas["SuggestedArticle"]; open: boolean; desk: Desk; language: string }) {
  const w = useWords().desk.articles;
  const said = sounds(desk) && desk.saying?.article === one.article;
  const canBeSaid = desk.flows !== null && desk.withBot === null && !one.sensitive;
  return (
    <details className={classes.article} open={open}>
      <summary>
        {one.title} {one.sensitive && <Tag tone="warn">{w.sensitive}</Tag>}
      </summary>
      <Stack gap={4}>
        <p>{one.spoken}</p>
        {one.more && <p>{one.more}</p>}
        {one.link && (
          <Text size="sm" c="dimmed">
            {one.link}
          </Text>
        )}
        <Group gap="xs">
          {canBeSaid &&
            (said ? (
              <Stop />
            ) : (
              <Button size="compact-sm" variant="default" aria-label={`${w.say}: ${one.title}`} disabled={sounds(desk)} onClick={() => softphone.do({ type: "say", article: one.article, version: one.version, language })}>
                {w.say}
              </Button>
            ))}
          {desk.call && <SendMessage callId={desk.call.call_id} article={one} />}
        </Group>
      </Stack>
    </details>
  );
}

function Stop() {
  return (
    <Button size="compact-sm" color="red.9" onClick={() => softphone.do({ type: "stop_saying" })}>
      {useWords().desk.articles.stop}
    </Button>
  );
}

function saidOf(news: SayingNews, w: Words["desk"]["articles"]): string {
  if (news.state === "refused") return w.not_said(w.say_fails[news.why] ?? news.message);
  return news.state === "over" ? w.over[news.why] : w.saying[news.state];
}
