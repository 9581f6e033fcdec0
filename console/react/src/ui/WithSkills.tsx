import { Stack, Text } from "@mantine/core";

/** A word for somebody's queues or place, and below it the skills that they have or ask for. */
export function WithSkills({ text, skills }: { text: string; skills: readonly string[] }) {
  return (
    <Stack gap={0}>
      {text}
      {skills.length > 0 && (
        <Text size="sm" c="dimmed">
          {skills.join(", ")}
        </Text>
      )}
    </Stack>
  );
}
