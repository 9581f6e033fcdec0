import { Stack, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { asked } from "./articles";
import classes from "./desk.module.css";
import { lastWordsOf, type Turn } from "./turns";

const TYPED_MS = 400;

/** What the bot's search finds for what the caller last said, to be read out; or for what the operator looks for. */
export function Articles({ turns, language }: { turns: readonly Turn[]; language: string }) {
  const words = useWords();
  const w = words.desk.articles;
  const [typed, setTyped] = useState("");
  const [sought] = useDebouncedValue(typed, TYPED_MS);
  const text = asked(sought, lastWordsOf(turns, "caller"));
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
      {shown.map((one, place) => (
        <Article key={one.article} one={one} open={place === 0} />
      ))}
    </section>
  );
}

function Article({ one, open }: { one: Schemas["SuggestedArticle"]; open: boolean }) {
  const w = useWords().desk.articles;
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
      </Stack>
    </details>
  );
}
