import { Alert, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { may, useMe } from "../../api/me";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { PageLink } from "../../ui/PageLink";
import { Trouble } from "../../ui/Trouble";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import { type Flowbook, FLOWBOOKS } from "../flows/flows";

/** Queues stand in the flows: where to find them, or who may edit them. */
export function QueuesSection() {
  const words = useWords();
  const w = words.queues;
  if (may(useMe(), ["flow-admin"])) return <Books />;
  return (
    <Alert color="petrol" variant="light" title={w.not_yours} role="note">
      {w.not_yours_text(words.roles["flow-admin"].name)} <PageLink href="/users">{words.users.title}</PageLink>
    </Alert>
  );
}

function Books() {
  const words = useWords();
  const w = words.queues;
  const found = useQuery({ queryKey: FLOWBOOKS, queryFn: () => data(api.GET("/api/flowbooks")) });
  const columns: Column<Flowbook>[] = [
    { key: "book", title: words.flows.flowbook, names: true, cell: (book) => <Text fw={600}>{book.id}</Text> },
    { key: "lines", title: words.flows.lines, cell: (book) => book.lines.join(", ") || "–" },
    { key: "queues", title: w.queues, cell: (book) => <Names book={book} /> },
    {
      key: "open",
      title: w.actions,
      numeric: true,
      cell: (book) => (
        <PageLink size="sm" href={`/flows/${book.id}?side=queues`} aria-label={w.settings_open(book.id)}>
          {w.title}
        </PageLink>
      ),
    },
  ];
  return (
    <Stack component="section" aria-labelledby="queues">
      <Title order={2} size="h4" id="queues">
        {w.queues}
      </Title>
      <Text size="sm" c="dimmed">
        {w.settings_lead}
      </Text>
      <Trouble error={found.error} again={() => found.refetch()} />
      {found.isPending && <Waiting height={120} />}
      {found.data?.length === 0 && <Empty title={words.flows.none} text={words.flows.none_text} />}
      {found.data && found.data.length > 0 && <DataTable caption={w.queues} columns={columns} rows={found.data} keyOf={(book) => book.id} />}
    </Stack>
  );
}

/** The queues of a flow, as its draft or what is published has them. */
function Names({ book }: { book: Flowbook }) {
  const state = book.draft ? "draft" : "published";
  const graph = useQuery({
    queryKey: ["flow-graph-of", book.id, state, book.draft?.serial ?? 0, book.published?.number ?? 0],
    queryFn: () => data(api.GET("/api/flowbooks/{flowbook}/graph", { params: { path: { flowbook: book.id }, query: { state } } })),
    enabled: !!(book.draft || book.published),
  });
  const names = graph.data?.nodes.filter((node) => node.kind === "queue").map((node) => node.label) ?? [];
  return <>{graph.isLoading ? "…" : names.join(", ") || "–"}</>;
}
