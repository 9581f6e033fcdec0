import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { toast } from "../../ui/toasts";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { type Delivery, type Endpoint, GIVEN_UP, shortened } from "./webhooks";

/** Messages that no try got through, and the way to send them again. */
export function GivenUp({ endpoints }: { endpoints: readonly Endpoint[] }) {
  const words = useWords();
  const queries = useQueryClient();
  const dead = useQuery({ queryKey: GIVEN_UP, queryFn: () => data(api.GET("/api/webhooks/deliveries", { params: { query: { state: "dead", limit: 100 } } })) });
  const urls = new Map(endpoints.map((one) => [one.id, one.url]));
  const replaying = useMutation({
    mutationFn: async () => {
      const asked = [...new Set((dead.data ?? []).map((one) => one.endpoint_id))].filter((id) => urls.has(id));
      const answers = await Promise.all(
        asked.map((id) => data(api.POST("/api/webhooks/{endpoint_id}/replay", { params: { path: { endpoint_id: id } }, body: {} }))),
      );
      return answers.reduce((sum, one) => sum + one.messages, 0);
    },
    onSuccess: async (messages) => {
      await queries.invalidateQueries({ queryKey: GIVEN_UP });
      toast(words.webhooks.replayed(messages));
    },
  });
  const columns: Column<Delivery>[] = [
    { key: "event", title: words.webhooks.event, names: true, cell: (one) => one.topic },
    { key: "to", title: words.webhooks.to, cell: (one) => shortened(urls.get(one.endpoint_id) ?? one.endpoint_id) },
    { key: "why", title: words.webhooks.why, cell: (one) => one.error || words.webhooks.no_answer },
    { key: "when", title: words.webhooks.when, cell: (one) => (one.last_tried_at ? words.format.dateTime(one.last_tried_at) : "–") },
  ];
  return (
    <Stack component="section" gap="sm" aria-labelledby="given-up">
      <Group justify="space-between">
        <Title order={2} size="h4" id="given-up">
          {words.webhooks.dead}
        </Title>
        {(dead.data?.length ?? 0) > 0 && (
          <Button variant="default" loading={replaying.isPending} onClick={() => replaying.mutate()}>
            {words.webhooks.replay}
          </Button>
        )}
      </Group>
      <Trouble error={dead.error ?? replaying.error} again={dead.error ? () => dead.refetch() : undefined} />
      {dead.data?.length === 0 && <Text c="dimmed">{words.webhooks.dead_none}</Text>}
      {dead.data && dead.data.length > 0 && (
        <>
          <Text c="dimmed">{words.webhooks.dead_text}</Text>
          <DataTable caption={words.webhooks.dead} columns={columns} rows={dead.data} keyOf={(one) => `${one.message_id} ${one.endpoint_id}`} />
        </>
      )}
    </Stack>
  );
}
