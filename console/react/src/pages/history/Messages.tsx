import { Group, List, Text } from "@mantine/core";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";
import type { Told } from "../desk/messages";

const TONES = { asked: "warn", sent: "good", failed: "bad" } as const;

/** What was sent to who called, by the bot and by people, and what of it did not leave. */
export function Messages({ messages }: { messages: readonly Told[] }) {
  const w = useWords().history;
  if (messages.length === 0) return <Text c="dimmed">{w.no_messages}</Text>;
  return (
    <List listStyleType="none" spacing="sm" aria-label={w.messages}>
      {messages.map((one) => (
        <List.Item key={one.seq}>
          <Group gap={6}>
            <Tag>{w.channels[one.channel] ?? one.channel}</Tag>
            <Text fw={600}>{one.to}</Text>
            <Tag tone={TONES[one.state]}>{w.message_states[one.state]}</Tag>
          </Group>
          <Text style={{ whiteSpace: "pre-line" }}>{one.text}</Text>
          {one.why && (
            <Text size="sm" c="dimmed">
              {one.why}
            </Text>
          )}
        </List.Item>
      ))}
    </List>
  );
}
