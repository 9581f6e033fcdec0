import { Anchor, Button, Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "wouter";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useLanguage, useWords } from "../../words";
import { localDay, moved } from "../dashboards/asked";
import { shown } from "../dashboards/kpis";
import { ARTICLES } from "./articles";
import { type Covered, covered } from "./coverage";

const DAYS = [7, 30, 90, 365];

/** How much of what callers ask the articles answer, which of them are asked for, and what they lack. */
export function Coverage() {
  const words = useWords();
  const w = words.knowledge;
  const { language } = useLanguage();
  const [days, setDays] = useState(30);
  const today = localDay(new Date());
  const time = { from: moved(today, 1 - days), to: today };
  const whole = useQuery({ queryKey: ["kpis", time], queryFn: () => data(api.GET("/api/kpis", { params: { query: time } })) });
  const by = { ...time, by: "article" };
  const divided = useQuery({ queryKey: ["kpis", by], queryFn: () => data(api.GET("/api/kpis", { params: { query: by } })) });
  const articles = useQuery({ queryKey: ARTICLES, queryFn: () => data(api.GET("/api/articles")) });
  const lines = useQuery({ queryKey: ["lines"], queryFn: () => data(api.GET("/api/lines")) });
  const spoken = useMemo(() => [...new Set((lines.data ?? []).map((line) => line.language))], [lines.data]);
  const rows = useMemo(() => covered(articles.data ?? [], divided.data?.rows ?? [], spoken, language), [articles.data, divided.data, spoken, language]);
  const asks = whole.data?.rows[0]?.values.coverage;
  const served = rows.filter((row) => !row.gone);

  const columns: Column<Covered>[] = [
    {
      key: "name",
      title: w.article,
      names: true,
      cell: (row) =>
        row.gone ? (
          <Group gap={6}>
            {row.name} <Tag>{w.gone}</Tag>
          </Group>
        ) : (
          <Anchor component={Link} href={`/knowledge/articles/${row.id}`} fw={600}>
            {row.name}
          </Anchor>
        ),
    },
    { key: "calls", title: w.told_in, numeric: true, cell: (row) => words.format.number(row.calls) },
    { key: "contained", title: words.kpis.containment.name, numeric: true, cell: (row) => shown(words, "share", row.contained) },
    {
      key: "lacks",
      title: w.lacks,
      cell: (row) =>
        row.lacks.length > 0 ? (
          <Group gap={6}>
            {row.lacks.map((code) => (
              <Tag key={code} tone="warn">
                {w.languages[code] ?? code}
              </Tag>
            ))}
          </Group>
        ) : (
          words.dashboards.nothing
        ),
    },
  ];

  const waits = [whole, divided, articles, lines].some((query) => query.isPending);
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <Stack gap={2} maw="44rem">
          {asks && (
            <Text role="status">
              {asks.value === null ? w.nothing_asked : w.covered(shown(words, "share", asks.value), asks.n)} <Anchor component={Link} underline="always" href={`/dashboards?kpi=coverage&from=${time.from}&to=${time.to}`}>{w.over_time}</Anchor>
            </Text>
          )}
          <Text size="sm" c="dimmed">
            {words.kpis.coverage.name} = {words.kpis.coverage.formula}. {w.counted_in_each}
          </Text>
        </Stack>
        <Group align="flex-end">
          <Select label={w.days} data={DAYS.map((count) => ({ value: String(count), label: w.days_of(count) }))} value={String(days)} onChange={(count) => setDays(Number(count))} allowDeselect={false} w="10rem" />
          <Button variant="default" component="a" href={`/api/kpis?${new URLSearchParams({ ...by, format: "csv" }).toString()}`} download>
            {words.dashboards.csv}
          </Button>
        </Group>
      </Group>
      <Trouble error={whole.error ?? divided.error ?? articles.error ?? lines.error} again={() => Promise.all([whole.refetch(), divided.refetch(), articles.refetch(), lines.refetch()])} />
      {waits ? (
        <Waiting height={180} />
      ) : (
        <>
          <Text size="sm">{w.never_asked(served.filter((row) => row.calls === 0).length, served.length)}</Text>
          <DataTable caption={w.coverage} columns={columns} rows={rows} keyOf={(row) => row.id} />
        </>
      )}
    </Stack>
  );
}
