import { Anchor, Group, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { Trouble } from "../../ui/Trouble";
import { useWords, type Words } from "../../words";
import { errorsIn, type Flowbook, FLOWBOOKS, problemsOf } from "./flows";

/** The company's flowbooks, and how each stands. */
export default function FlowsPage() {
  const words = useWords();
  const found = useQuery({ queryKey: FLOWBOOKS, queryFn: () => data(api.GET("/api/flowbooks")) });
  const columns: Column<Flowbook>[] = [
    {
      key: "id",
      title: words.flows.flowbook,
      names: true,
      cell: (book) => (
        <Anchor component={Link} href={`/flows/${book.id}`} fw={600}>
          {book.id}
        </Anchor>
      ),
    },
    { key: "lines", title: words.flows.lines, cell: (book) => book.lines.join(", ") || "–" },
    { key: "published", title: words.flows.published, cell: (book) => <Published book={book} words={words} /> },
    { key: "state", title: words.flows.state, cell: (book) => <States book={book} /> },
  ];
  return (
    <Page title={words.flows.title} lead={words.flows.about}>
      <Trouble error={found.error} again={() => found.refetch()} />
      {found.isPending && <Skeleton h={140} radius="md" aria-label={words.frame.loading} />}
      {found.data?.length === 0 && <Empty title={words.flows.none} text={words.flows.none_text} />}
      {found.data && found.data.length > 0 && <DataTable caption={words.flows.list} columns={columns} rows={found.data} keyOf={(book) => book.id} />}
    </Page>
  );
}

function Published({ book: { published }, words }: { book: Flowbook; words: Words }) {
  if (!published) return "–";
  return (
    <>
      {words.flows.revision(published.number)}
      <Text size="sm" c="dimmed">
        {words.format.dateTime(published.at)} · {published.who || words.flows.by_hand}
      </Text>
    </>
  );
}

/** The draft, and whether what stands there has errors. */
function States({ book }: { book: Flowbook }) {
  const words = useWords();
  const state = book.draft ? "draft" : "published";
  const graph = useQuery({
    queryKey: ["flow-graph-of", book.id, state, book.draft?.serial ?? 0, book.published?.number ?? 0],
    queryFn: () => data(api.GET("/api/flowbooks/{flowbook}/graph", { params: { path: { flowbook: book.id }, query: { state } } })),
    enabled: !!(book.draft || book.published),
  });
  const errors = errorsIn(problemsOf(graph.data));
  return (
    <Group gap={6}>
      {book.draft && <Tag tone="warn">{words.flows.draft_of(book.draft.who)}</Tag>}
      {book.draft?.overtaken && <Tag tone="bad">{words.flows.overtaken}</Tag>}
      {book.file_differs && <Tag tone="bad">{words.flows.file_differs}</Tag>}
      {errors > 0 && <Tag tone="bad">{words.flows.errors(errors)}</Tag>}
      {graph.data && errors === 0 && <Tag tone="good">{words.flows.no_errors}</Tag>}
    </Group>
  );
}
