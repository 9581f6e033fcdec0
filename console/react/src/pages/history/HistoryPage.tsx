import { Anchor, Button, Group, List, Mark, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { type Call, clockOf, marked } from "./calls";
import { OutcomeTag } from "./OutcomeTag";

const OUTCOMES = ["answered", "handed_off", "callback", "abandoned", "no_input", "failed"] as const;

/** All calls, the newest first, and search in what was said. The address says what is shown. */
export default function HistoryPage() {
  const words = useWords();
  const w = words.history;
  const [params, setParams] = useSearchParams();
  const [asked, setAsked] = useState(params.get("q") ?? "");
  const [line, outcome, sought] = ["line", "outcome", "q"].map((name) => params.get(name) ?? "") as [string, string, string];
  const lines = useQuery({ queryKey: ["lines"], queryFn: () => data(api.GET("/api/lines")) });
  const titles = new Map(lines.data?.map((one) => [one.id, one.title]));
  const change = (part: Record<string, string>) => {
    const next = Object.entries({ line, outcome, q: sought, ...part }).filter(([, value]) => value);
    setParams(Object.fromEntries(next));
  };
  const find = (event: FormEvent) => {
    event.preventDefault();
    change({ q: asked.trim() });
  };
  return (
    <Page title={w.title} lead={w.about}>
      <form onSubmit={find} role="search">
        <Group align="flex-end">
          <TextInput type="search" label={w.search} description={w.search_help} value={asked} onChange={(event) => setAsked(event.currentTarget.value)} maxLength={1000} w={{ base: "100%", sm: "22rem" }} />
          <Button type="submit" variant="default">
            {w.go}
          </Button>
          <Select label={w.line} data={[{ value: "", label: w.any_line }, ...(lines.data ?? []).map((one) => ({ value: one.id, label: one.title }))]} value={line} onChange={(chosen) => change({ line: chosen ?? "" })} allowDeselect={false} w={{ base: "100%", sm: "13rem" }} />
          {!sought && <Select label={w.outcome} data={[{ value: "", label: w.any }, ...OUTCOMES.map((one) => ({ value: one, label: w.outcomes[one] ?? one }))]} value={outcome} onChange={(chosen) => change({ outcome: chosen ?? "" })} allowDeselect={false} w={{ base: "100%", sm: "13rem" }} />}
        </Group>
      </form>
      {sought ? (
        <Hits sought={sought} line={line} titles={titles} clear={() => (setAsked(""), change({ q: "" }))} />
      ) : (
        <Calls line={line} outcome={outcome} titles={titles} clear={() => change({ line: "", outcome: "" })} />
      )}
    </Page>
  );
}

type Found = Awaited<ReturnType<typeof search>>["hits"][number];

function search(q: string, line: string, before: string) {
  return data(api.GET("/api/search", { params: { query: { q, line, before } } }));
}

interface Shown {
  line: string;
  titles: Map<string, string>;
  clear: () => void;
}

function Calls({ line, outcome, titles, clear }: Shown & { outcome: string }) {
  const words = useWords();
  const w = words.history;
  const calls = useInfiniteQuery({
    queryKey: ["calls", line, outcome],
    queryFn: ({ pageParam }) => data(api.GET("/api/interactions", { params: { query: { line, outcome, ...(pageParam && { before: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.before || undefined,
  });
  if (calls.error) return <Trouble error={calls.error} again={() => calls.refetch()} />;
  if (!calls.data) return <Skeleton h={240} radius="md" aria-label={words.frame.loading} />;
  const rows = calls.data.pages.flatMap((page) => page.interactions);
  if (rows.length === 0 && (line || outcome)) return <Nothing clear={clear} />;
  if (rows.length === 0) {
    return (
      <Empty title={w.none} text={w.none_text}>
        <Button component="a" href="/call">
          {w.try_call}
        </Button>
      </Empty>
    );
  }
  const columns: Column<Call>[] = [
    {
      key: "when",
      title: w.when,
      names: true,
      cell: (call) => (
        <Anchor component={Link} href={`/history/calls/${call.id}`} fw={600}>
          {words.format.dateTime(call.started_at)}
        </Anchor>
      ),
    },
    { key: "line", title: w.line, cell: (call) => titles.get(call.line) ?? call.line },
    { key: "caller", title: w.caller, cell: (call) => call.caller || w.withheld },
    { key: "outcome", title: w.outcome, cell: (call) => <OutcomeTag status={call.status} outcome={call.outcome} end={call.end_reason} /> },
    { key: "operator", title: w.operator, cell: (call) => call.operator_name || "–" },
    { key: "duration", title: w.duration, numeric: true, cell: (call) => (call.duration_ms === null ? "–" : clockOf(call.duration_ms)) },
    { key: "latency", title: w.answer_time, numeric: true, cell: (call) => (typeof call.latency_ms === "number" ? words.format.duration(call.latency_ms) : "–") },
  ];
  return (
    <Stack>
      <DataTable caption={w.calls} columns={columns} rows={rows} keyOf={(call) => call.id} />
      {calls.hasNextPage && (
        <Button variant="default" loading={calls.isFetchingNextPage} onClick={() => calls.fetchNextPage()}>
          {w.more}
        </Button>
      )}
    </Stack>
  );
}

function Hits({ sought, line, titles, clear }: Shown & { sought: string }) {
  const words = useWords();
  const w = words.history;
  const found = useInfiniteQuery({
    queryKey: ["search", sought, line],
    queryFn: ({ pageParam }) => search(sought, line, pageParam),
    initialPageParam: "",
    getNextPageParam: (page) => page.before || undefined,
  });
  if (found.error) return <Trouble error={found.error} again={() => found.refetch()} />;
  if (!found.data) return <Skeleton h={240} radius="md" aria-label={words.frame.loading} />;
  const hits = found.data.pages.flatMap((page) => page.hits);
  return (
    <Stack>
      {Object.entries(found.data.pages[0]?.meant ?? {}).map(([word, of]) => (
        <Text key={word} role="status">
          {w.meant(word, of.join(", "))}
        </Text>
      ))}
      {hits.length === 0 ? (
        <Nothing clear={clear} />
      ) : (
        <List listStyleType="none" spacing="sm" aria-label={w.calls} styles={{ itemWrapper: { display: "block" }, itemLabel: { display: "block" } }}>
          {hits.map((hit) => (
            <List.Item key={hit.id}>
              <Hit hit={hit} title={titles.get(hit.line) ?? hit.line} />
            </List.Item>
          ))}
        </List>
      )}
      <Group>
        {found.hasNextPage && (
          <Button variant="default" loading={found.isFetchingNextPage} onClick={() => found.fetchNextPage()}>
            {w.more}
          </Button>
        )}
        {hits.length > 0 && (
          <Button variant="subtle" onClick={clear}>
            {w.clear}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Hit({ hit, title }: { hit: Found; title: string }) {
  const words = useWords();
  const w = words.history;
  return (
    <Stack className="card" gap={6}>
      <Group gap="sm">
        <Anchor component={Link} href={`/history/calls/${hit.id}`} fw={600}>
          {words.format.dateTime(hit.started_at)}
        </Anchor>
        <Text size="sm" c="dimmed">
          {[title, hit.subject].filter(Boolean).join(" · ")}
        </Text>
        <OutcomeTag status="" outcome={hit.outcome} />
      </Group>
      {hit.snippets.map((one) => (
        <Text key={`${one.seq} ${one.at_ms}`} size="sm">
          <Text span c="dimmed" size="sm">
            {w.speakers[one.speaker] ?? one.speaker}:{" "}
          </Text>
          {marked(one.text, one.marks).map((part, at) => (part.mark ? <Mark key={at}>{part.text}</Mark> : part.text))}
        </Text>
      ))}
    </Stack>
  );
}

function Nothing({ clear }: { clear: () => void }) {
  const w = useWords().history;
  return (
    <Empty title={w.nothing} text={w.nothing_text}>
      <Button variant="default" onClick={clear}>
        {w.clear}
      </Button>
    </Empty>
  );
}
