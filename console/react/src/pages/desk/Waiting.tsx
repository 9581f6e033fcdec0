import { Group, Stack, Text, Title } from "@mantine/core";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";
import { clock } from "../wall/wall";
import type { Desk } from "./desk";
import classes from "./desk.module.css";
import { useNow } from "./useNow";

/** The callers of one's queues who wait, in their order. */
export function Waiting({ waiting, title }: { waiting: Desk["waiting"]; title: (line: string) => string }) {
  const w = useWords().desk;
  const calls = waiting?.calls ?? [];
  const now = useNow(calls.length > 0);
  return (
    <Stack className="card" gap="xs" component="section" aria-labelledby="waiting-title">
      <Title order={2} size="h5" id="waiting-title">
        {w.waiting} {calls.length > 0 && <Tag tone="warn">{calls.length}</Tag>}
      </Title>
      {calls.length === 0 && (
        <Text size="sm" c="dimmed">
          {waiting ? w.nobody_waits : w.nobody_waits_offline}
        </Text>
      )}
      <ol className={classes.list} aria-labelledby="waiting-title">
        {calls.map((call) => (
          <li key={call.call_id}>
            <Group justify="space-between" wrap="nowrap">
              <Text fw={600}>{w.place(call.place, call.queue)}</Text>
              <Text size="sm" c="dimmed">
                {clock(call.since_ms_ago + Math.max(0, now - (waiting?.sinceMs ?? now)))}
              </Text>
            </Group>
            <Text>
              {call.caller || w.withheld} {call.urgency === "high" && <Tag tone="bad">{`${w.urgency}: ${w.urgencies.high}`}</Tag>}
            </Text>
            <Text size="sm" c="dimmed">
              {[title(call.line), w.languages[call.language] ?? call.language, w.handoffs[call.reason] ?? call.reason].filter(Boolean).join(" · ")}
            </Text>
          </li>
        ))}
      </ol>
    </Stack>
  );
}
