import { Group, List, Text } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { PageLink } from "../../ui/PageLink";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";
import { clockOf } from "./calls";
import { OutcomeTag } from "./OutcomeTag";

/** What somebody did on every channel, one contact after the other. otherTab: for who must not leave the page. */
export function Steps({ steps, otherTab = false }: { steps: readonly Schemas["StepView"][]; otherTab?: boolean }) {
  const words = useWords();
  const w = words.history;
  return (
    <List listStyleType="none" spacing="sm">
      {steps.map((step, place) => (
        <List.Item key={step.id}>
          <Group gap={6}>
            <PageLink href={`/history/calls/${step.id}`} otherTab={otherTab} fw={600}>
              {words.format.dateTime(step.started_at)}
            </PageLink>
            <Tag>{w.channels[step.channel] ?? step.channel}</Tag>
            <OutcomeTag status={step.status} outcome={step.outcome} />
            {steps[place - 1]?.thread_id === step.thread_id && <Tag>{w.same_thread}</Tag>}
          </Group>
          <Text size="sm" c="dimmed">
            {[step.direction === "outbound" ? w.outbound : "", step.subject, step.article, step.queue, step.duration_ms === null ? "" : clockOf(step.duration_ms)].filter(Boolean).join(" · ")}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
