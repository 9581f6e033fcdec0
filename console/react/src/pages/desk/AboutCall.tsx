import { Stack, Text, Title } from "@mantine/core";
import { Facts } from "../../ui/Facts";
import { useWords } from "../../words";
import type { DeskCall } from "./desk";

/** Why the bot passes this call on, and what it collected. */
export function AboutCall({ call, title }: { call: DeskCall; title: (line: string) => string }) {
  const w = useWords().desk;
  const facts: [string, string][] = [
    [w.why, w.handoffs[call.reason] ?? call.reason],
    [w.urgency, w.urgencies[call.urgency] ?? call.urgency],
    [w.caller, call.caller || w.withheld],
    [w.queue, call.queue],
    [w.line, title(call.line)],
    [w.language, w.languages[call.language] ?? call.language],
  ];
  if (!call.queue) return null; // a page that has just come back, and is not told yet
  const slots = Object.entries(call.slots);
  return (
    <Stack gap="xs" component="section" aria-labelledby="about-title">
      <Title order={3} size="h5" id="about-title">
        {w.call}
      </Title>
      <Facts facts={facts.filter(([, value]) => value)} />
      <Title order={3} size="h5">
        {w.slots}
      </Title>
      {slots.length > 0 ? (
        <Facts facts={slots} />
      ) : (
        <Text size="sm" c="dimmed">
          {w.no_slots}
        </Text>
      )}
    </Stack>
  );
}
