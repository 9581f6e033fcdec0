import { Anchor, Button, Group, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { Link } from "wouter";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useLanguage, useWords, type Words } from "../../words";
import { ARTICLES, type Fields, fits, linesOf, nameOf, type Row, shownOf, type State, statesOf, type Wanted } from "./articles";
import { Publishing } from "./Publishing";

const AT_ONCE = 100;
const ALL: Wanted = { words: "", state: "", language: "", queue: "" };
const STATES: readonly State[] = ["published", "draft", "errors", "expired", "upcoming", "sensitive"];
export const TONES: Partial<Record<State, "good" | "warn" | "bad">> = { published: "good", draft: "warn", errors: "bad", expired: "bad" };

/** Every article that is served or drafted, and the way to it. */
export function ArticleList() {
  const words = useWords();
  const { language } = useLanguage();
  const w = words.knowledge;
  const [wanted, setWanted] = useState(ALL);
  const [most, setMost] = useState(AT_ONCE);
  const [publishing, setPublishing] = useState(false);
  const sought = useDeferredValue(wanted);
  const today = new Date().toISOString().slice(0, 10);
  const articles = useQuery({ queryKey: ARTICLES, queryFn: () => data(api.GET("/api/articles")) });
  const all = articles.data;
  const found = useMemo(() => (all ?? []).filter((row) => fits(row, sought, today)), [all, sought, today]);
  const choices = useMemo(() => choicesOf(all ?? []), [all]);
  const change = (part: Partial<Wanted>) => {
    setWanted({ ...wanted, ...part });
    setMost(AT_ONCE);
  };

  const columns: Column<Row>[] = [
    {
      key: "name",
      title: w.article,
      names: true,
      cell: (row) => (
        <Stack gap={0}>
          <Anchor component={Link} href={`/knowledge/articles/${row.id}`} fw={600}>
            {nameOf(row, language)}
          </Anchor>
          <Text size="sm" c="dimmed">
            {row.id}
          </Text>
        </Stack>
      ),
    },
    {
      key: "state",
      title: w.state,
      cell: (row) => (
        <Group gap={6}>
          {statesOf(row, today).map((state) => (
            <Tag key={state} tone={TONES[state]}>
              {w.states[state]}
            </Tag>
          ))}
        </Group>
      ),
    },
    { key: "language", title: w.language, cell: (row) => Object.keys(shownOf(row).spoken).join(", ") || "–" },
    { key: "phrasings", title: w.phrasings, numeric: true, cell: (row) => words.format.number(Object.values(shownOf(row).phrasings).flatMap(linesOf).length) },
    { key: "queue", title: w.queue, cell: (row) => shownOf(row).queue || "–" },
    { key: "validity", title: w.validity, cell: (row) => validityOf(shownOf(row), words) },
  ];

  if (articles.error) return <Trouble error={articles.error} again={() => articles.refetch()} />;
  if (!all) return <Skeleton h={180} radius="md" aria-label={words.frame.loading} />;
  if (all.length === 0) {
    return (
      <Empty title={w.none_title} text={w.none_text}>
        <Button component={Link} href="/knowledge/new">
          {w.new}
        </Button>
      </Empty>
    );
  }
  const drafts = found.filter((row) => row.draft);
  return (
    <Stack>
      <Group align="flex-end">
        <TextInput type="search" label={w.search} placeholder={w.search_help} value={wanted.words} onChange={(event) => change({ words: event.currentTarget.value })} maxLength={200} w={{ base: "100%", sm: "20rem" }} />
        <Choice label={w.state} any={w.any} value={wanted.state} change={(state) => change({ state: state as State | "" })} options={STATES.map((state) => [state, w.states[state]])} />
        {choices.languages.length > 1 && <Choice label={w.language} any={w.any_language} value={wanted.language} change={(code) => change({ language: code })} options={choices.languages.map((code) => [code, w.languages[code] ?? code])} />}
        {choices.queues.length > 0 && <Choice label={w.queue} any={w.any_queue} value={wanted.queue} change={(queue) => change({ queue })} options={choices.queues.map((queue) => [queue, queue])} />}
      </Group>
      <Group justify="space-between">
        <Text c="dimmed" size="sm" role="status">
          {w.shown(found.length, all.length)}
        </Text>
        {wanted.state === "draft" && drafts.length > 0 && (
          <Button size="xs" onClick={() => setPublishing(true)}>
            {w.publish_drafts(drafts.length)}
          </Button>
        )}
      </Group>
      {found.length === 0 ? (
        <Empty title={w.nothing_fits} text={w.nothing_fits_text}>
          <Button variant="default" onClick={() => change(ALL)}>
            {w.clear}
          </Button>
        </Empty>
      ) : (
        <DataTable caption={w.articles} columns={columns} rows={found.slice(0, most)} keyOf={(row) => row.id} />
      )}
      {found.length > most && (
        <Button variant="default" onClick={() => setMost(most + AT_ONCE)}>
          {w.more_rows}
        </Button>
      )}
      {publishing && <Publishing ids={drafts.map((row) => row.id)} name={w.publish_drafts(drafts.length)} close={() => setPublishing(false)} />}
    </Stack>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string;
  change: (value: string) => void;
  options: readonly (readonly [string, string])[];
}

/** A filter: one of the options, or any. */
function Choice({ label, any, value, change, options }: ChoiceProps) {
  const choices = [{ value: "", label: any }, ...options.map(([name, shown]) => ({ value: name, label: shown }))];
  return <Select label={label} data={choices} value={value} onChange={(chosen) => change(chosen ?? "")} allowDeselect={false} w={{ base: "calc(50% - 0.5rem)", sm: "11rem" }} />;
}

function choicesOf(rows: readonly Row[]): { languages: string[]; queues: string[] } {
  const shown = rows.map(shownOf);
  const sorted = (names: string[]) => [...new Set(names)].filter(Boolean).sort();
  return { languages: sorted(shown.flatMap((one) => Object.keys(one.spoken))), queues: sorted(shown.map((one) => one.queue)) };
}

function validityOf({ valid_from, valid_until }: Fields, words: Words): string {
  const { always, from, until, between } = words.knowledge;
  const day = words.format.day;
  if (valid_from && valid_until) return between(day(valid_from), day(valid_until));
  if (valid_from) return from(day(valid_from));
  return valid_until ? until(day(valid_until)) : always;
}
