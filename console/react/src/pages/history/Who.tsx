import { Anchor, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, data } from "../../api/client";
import { ApiError } from "../../api/errors";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { Matters } from "./Matters";

/** Who called, what is open with them, and the way to their story. */
export function Who({ id }: { id: string }) {
  const w = useWords().history;
  const story = useQuery({
    queryKey: ["contact-of", id],
    queryFn: () => data(api.GET("/api/interactions/{interaction_id}/contact", { params: { path: { interaction_id: id } } })),
  });
  if (story.error instanceof ApiError && story.error.status === 404) return <Text c="dimmed">{w.withheld}</Text>;
  if (story.error) return <Trouble error={story.error} again={() => story.refetch()} />;
  if (!story.data) return null;
  const { contact, open, may_be } = story.data;
  return (
    <Stack gap="xs">
      <Text fw={600}>{contact.name || contact.points[0]?.value || w.nameless}</Text>
      {may_be.length > 0 && (
        <Text size="sm">
          {w.maybe}: {may_be.map((one) => one.name || one.contact_id).join(", ")}
        </Text>
      )}
      <Matters open={open} />
      <Anchor component={Link} href={`/history/contacts/${contact.id}`}>
        {w.journey}
      </Anchor>
    </Stack>
  );
}
