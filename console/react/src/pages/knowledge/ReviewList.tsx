import { Button, Group, List, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { Tag } from "../../ui/Tag";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useLanguage, useWords } from "../../words";
import { ARTICLES, nameOf, type Row } from "./articles";
import { Fix } from "./Fix";

export type Unanswered = Schemas["UnansweredView"];
export const REVIEW = ["review"] as const;
const SHOWN = 3;

/** What callers asked and got no answer to, the costliest first, each with what would answer it. */
export function ReviewList() {
  const words = useWords();
  const w = words.knowledge;
  const [days, setDays] = useState(30);
  const review = useQuery({ queryKey: [...REVIEW, days], queryFn: () => data(api.GET("/api/review", { params: { query: { days } } })) });
  const articles = useQuery({ queryKey: ARTICLES, queryFn: () => data(api.GET("/api/articles")) });
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <Text c="dimmed" role="status">
          {review.data ? w.review_lead(review.data.all, review.data.calls) : ""}
        </Text>
        <Select label={w.days} data={[7, 30, 90, 365].map((count) => ({ value: String(count), label: w.days_of(count) }))} value={String(days)} onChange={(count) => setDays(Number(count))} allowDeselect={false} w="10rem" />
      </Group>
      <Trouble error={review.error} again={() => review.refetch()} />
      {review.isPending && <Skeleton h={180} radius="md" aria-label={words.frame.loading} />}
      {review.data?.matters.length === 0 && <Empty title={w.review_none} text={w.review_none_text} />}
      {review.data?.matters.map((matter) => <Matter key={matter.id} matter={matter} days={days} articles={articles.data ?? []} />)}
    </Stack>
  );
}

function Matter({ matter, days, articles }: { matter: Unanswered; days: number; articles: readonly Row[] }) {
  const words = useWords();
  const w = words.knowledge;
  const { language } = useLanguage();
  const queries = useQueryClient();
  const [fixing, setFixing] = useState(false);
  const { suggestion } = matter;
  const target = articles.find((row) => row.id === suggestion.article);
  const name = target ? nameOf(target, language) : suggestion.article;
  const params = { path: { matter: matter.id }, query: { days } };
  const done = async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: REVIEW }), queries.invalidateQueries({ queryKey: ARTICLES })]);
  };
  const approving = useMutation({
    mutationFn: () => data(api.POST("/api/review/{matter}/approve", { params, body: {} })),
    onSuccess: async (made) => {
      await done();
      toast(w.answered(made.article));
    },
  });
  const ignoring = useMutation({
    mutationFn: () => data(api.POST("/api/review/{matter}/dismiss", { params })),
    onSuccess: async () => {
      await done();
      toast(w.ignored);
    },
  });
  const [first, ...others] = matter.questions;
  return (
    <Stack className="card" gap="sm" component="article" aria-label={first?.text}>
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h4" lang={matter.language}>
          {first?.text}
        </Title>
        <Group gap={6}>
          {Object.keys(matter.kinds).map((kind) => (
            <Tag key={kind} tone="warn">
              {w.kinds[kind] ?? kind}
            </Tag>
          ))}
          <Text size="sm" c="dimmed">
            {w.asked_in(matter.calls)} · {w.cost(words.format.duration(matter.cost_s * 1000))}
          </Text>
        </Group>
      </Group>
      {others.length > 0 && (
        <Text size="sm" c="dimmed">
          {others.slice(0, SHOWN).map((one) => `«${one.text}»`).join(", ")} {others.length > SHOWN && w.others(others.length - SHOWN)}
        </Text>
      )}
      <Text size="sm" fw={600}>
        {suggestion.kind === "phrasings" ? w.suggested_phrasings(name) : suggestion.spoken ? w.suggested_article : w.suggested_unanswered}
      </Text>
      {suggestion.kind === "phrasings" ? (
        <List size="sm" lang={matter.language}>
          {suggestion.phrasings.map((phrasing) => (
            <List.Item key={phrasing}>{phrasing}</List.Item>
          ))}
        </List>
      ) : (
        suggestion.spoken && <Text size="sm" lang={matter.language}>{`«${suggestion.spoken}»`}</Text>
      )}
      <Trouble error={approving.error ?? ignoring.error} />
      <Group>
        {suggestion.kind === "phrasings" ? (
          <>
            <Button loading={approving.isPending} onClick={() => approving.mutate()}>
              {w.add_to(name)}
            </Button>
            <Button variant="default" onClick={() => setFixing(true)}>
              {w.other_fix}
            </Button>
          </>
        ) : (
          <Button onClick={() => setFixing(true)}>{w.write_article}</Button>
        )}
        <Button variant="subtle" loading={ignoring.isPending} onClick={() => ignoring.mutate()}>
          {w.ignore}
        </Button>
      </Group>
      {fixing && <Fix matter={matter} days={days} articles={articles} close={() => setFixing(false)} done={done} />}
    </Stack>
  );
}
