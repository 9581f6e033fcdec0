import { List, Text } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { PageLink } from "../../ui/PageLink";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";

/** What waits to be done for a contact. otherTab: for who must not leave the page. */
export function Matters({ open, otherTab = false }: { open: Schemas["StoryView"]["open"]; otherTab?: boolean }) {
  const words = useWords();
  const w = words.history;
  if (open.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {w.nothing_open}
      </Text>
    );
  }
  return (
    <List listStyleType="none" spacing={4}>
      {open.map((one) => (
        <List.Item key={`${one.kind} ${one.interaction_id}`}>
          <Tag tone="warn">{w.matters[one.kind] ?? one.kind}</Tag> {one.subject}{" "}
          <PageLink href={`/history/calls/${one.interaction_id}`} otherTab={otherTab} size="sm">
            {w.since(words.format.dateTime(one.since))}
          </PageLink>
        </List.Item>
      ))}
    </List>
  );
}
