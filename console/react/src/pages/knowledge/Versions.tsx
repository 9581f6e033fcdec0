import { Button, Group, List, Modal, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { Sure } from "../../ui/Sure";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { ARTICLES } from "./articles";
import { Difference } from "./Difference";

/** What was published of an article, the newest first: looked at, compared, taken back. */
export function Versions({ id, served }: { id: string; served: boolean }) {
  const words = useWords();
  const w = words.knowledge;
  const queries = useQueryClient();
  const [compared, setCompared] = useState<number | null>(null);
  const [again, setAgain] = useState<number | null>(null);
  const revisions = useQuery({
    queryKey: [...ARTICLES, "revisions", id],
    queryFn: () => data(api.GET("/api/articles/{article}/revisions", { params: { path: { article: id } } })),
  });
  const rollBack = async (revision: number, message: string) => {
    const made = await data(api.POST("/api/articles/{article}/rollback", { params: { path: { article: id } }, body: { revision, message } }));
    await queries.invalidateQueries({ queryKey: ARTICLES });
    toast(made.served ? w.rolled_back : w.not_taken_up);
  };
  return (
    <Stack className="card" gap="sm" component="section" aria-label={w.versions}>
      <Title order={2} size="h4">
        {w.versions}
      </Title>
      <Trouble error={revisions.error} again={() => revisions.refetch()} />
      {revisions.isPending && <Skeleton h={60} />}
      {revisions.data?.length === 0 && <Text c="dimmed">{w.no_versions}</Text>}
      <List listStyleType="none" spacing="sm">
        {revisions.data?.map((one, place) => (
          <List.Item key={one.number}>
            <Text size="sm" fw={600}>
              {w.version(one.number)} · {w.acts[one.what] ?? one.what}
              {one.of ? ` ${w.of_version(one.of)}` : ""}
            </Text>
            <Text size="sm" c="dimmed">
              {[words.format.dateTime(one.at), one.who, one.message].filter(Boolean).join(" · ")}
            </Text>
            {served && place > 0 && (
              <Group gap={4}>
                <Button size="compact-xs" variant="subtle" onClick={() => setCompared(one.number)} aria-label={`${w.compare}: ${w.version(one.number)}`}>
                  {w.compare}
                </Button>
                <Button size="compact-xs" variant="subtle" onClick={() => setAgain(one.number)} aria-label={`${w.roll_back}: ${w.version(one.number)}`}>
                  {w.roll_back}
                </Button>
              </Group>
            )}
          </List.Item>
        ))}
      </List>
      {compared !== null && (
        <Modal opened onClose={() => setCompared(null)} title={`${w.version(compared)}: ${w.compare}`} size="xl" closeButtonProps={{ "aria-label": words.frame.close }}>
          <Difference id={id} before={String(compared)} after="" />
        </Modal>
      )}
      {again !== null && (
        <Sure title={w.roll_back_title(again)} text={w.roll_back_text} go={w.roll_back} message={w.message} act={(message) => rollBack(again, message)} close={() => setAgain(null)} />
      )}
    </Stack>
  );
}
