import { Anchor, Button, Grid, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "wouter";
import { api, data } from "../../api/client";
import { may, useMe } from "../../api/me";
import { Page } from "../../ui/Page";
import { Sure } from "../../ui/Sure";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { Card } from "./Card";
import { Matters } from "./Matters";
import { Points } from "./Points";
import { type Erased, Receipt } from "./Receipt";
import { Steps } from "./Steps";

/** One person: what they did on every channel, what is open, who else they may be; erased by who may. */
export default function ContactPage() {
  const words = useWords();
  const w = words.history;
  const me = useMe();
  const queries = useQueryClient();
  const { id = "" } = useParams<{ id: string }>();
  const params = { path: { contact_id: id } };
  const [sure, setSure] = useState<"erase" | null>(null);
  const [joins, setJoins] = useState<string | null>(null);
  const [parts, setParts] = useState<string | null>(null);
  const [erased, setErased] = useState<Erased | null>(null);
  const story = useQuery({ queryKey: ["contact", id, "story"], queryFn: () => data(api.GET("/api/contacts/{contact_id}", { params })), enabled: !erased, retry: false });
  const alike = useQuery({ queryKey: ["contact", id, "alike"], queryFn: () => data(api.GET("/api/contacts/{contact_id}/suggestions", { params })), enabled: !!story.data && !erased });
  const steps = useInfiniteQuery({
    queryKey: ["contact", id, "steps"],
    queryFn: ({ pageParam }) => data(api.GET("/api/contacts/{contact_id}/interactions", { params: { ...params, query: { ...(pageParam && { before: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.before || undefined,
    enabled: !!story.data && !erased,
  });
  const again = () => queries.invalidateQueries({ queryKey: ["contact", id] });
  const merge = async (other: string, reason: string) => {
    await data(api.POST("/api/contacts/{contact_id}/merges", { params, body: { other, reason } }));
    await again();
    toast(w.merged);
  };
  const unmerge = async (merge_id: string) => {
    await data(api.DELETE("/api/contact-merges/{merge_id}", { params: { path: { merge_id } } }));
    await again();
    toast(w.unmerged);
  };
  const erase = async () => setErased((await data(api.POST("/api/contacts/{contact_id}/erasure", { params }))) as Erased);
  if (erased) return <Receipt receipt={erased} />;
  if (!story.data) {
    return (
      <Page title={w.contact}>
        <Trouble error={story.error} again={() => story.refetch()} />
        {story.isPending && <Skeleton h={300} radius="md" aria-label={words.frame.loading} />}
      </Page>
    );
  }
  const { contact, open } = story.data;
  const officer = may(me, ["privacy-officer"]);
  const rows = steps.data?.pages.flatMap((page) => page.interactions) ?? [];
  return (
    <Page
      title={contact.name || contact.points[0]?.value || w.nameless}
      actions={
        officer && (
          <>
            <Button component="a" variant="default" href={`/api/contacts/${id}/portable`} download>
              {w.portable}
            </Button>
            <Button color="red.9" onClick={() => setSure("erase")}>
              {w.erase}
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
          <Card title={w.timeline}>
            <Trouble error={steps.error} again={() => steps.refetch()} />
            <Steps steps={rows} />
            {steps.hasNextPage && (
              <Button variant="default" loading={steps.isFetchingNextPage} onClick={() => steps.fetchNextPage()}>
                {w.more}
              </Button>
            )}
          </Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            <Card title={w.open}>
              <Matters open={open} />
            </Card>
            <Card title={w.points}>
              <Points points={contact.points} />
            </Card>
            <Card title={w.suggestions}>
              <Trouble error={alike.error} again={() => alike.refetch()} />
              {alike.data?.length === 0 && <Text c="dimmed">{w.no_suggestions}</Text>}
              {alike.data?.map((one) => (
                <Group key={one.contact_id} justify="space-between">
                  <Anchor component={Link} href={`/history/contacts/${one.contact_id}`} size="sm">
                    {w.like(words.format.percent(one.score))} · {one.why.join(", ")}
                  </Anchor>
                  <Button size="compact-sm" variant="default" onClick={() => setJoins(one.contact_id)}>
                    {w.merge}
                  </Button>
                </Group>
              ))}
              {contact.merges.filter((one) => one.undone_at === null).map((one) => (
                <Group key={one.id} justify="space-between">
                  <Text size="sm">
                    {w.merges}: {words.format.dateTime(one.merged_at)} {one.reason}
                  </Text>
                  <Button size="compact-sm" variant="default" onClick={() => setParts(one.id)}>
                    {w.unmerge}
                  </Button>
                </Group>
              ))}
            </Card>
          </Stack>
        </Grid.Col>
      </Grid>
      {sure && <Sure title={w.erase_title} text={w.erase_text} go={w.erase} act={erase} close={() => setSure(null)} harmful />}
      {joins && <Sure title={w.merge_title} text={w.merge_text} go={w.merge} message={w.reason} act={(reason) => merge(joins, reason)} close={() => setJoins(null)} />}
      {parts && <Sure title={w.unmerge_title} text={w.unmerge_text} go={w.unmerge} act={() => unmerge(parts)} close={() => setParts(null)} />}
    </Page>
  );
}
