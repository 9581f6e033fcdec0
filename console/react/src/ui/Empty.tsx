import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** Where there is nothing yet: what this place is for, and what to do next. title: none where the page's says it. */
export function Empty({ title, text, children }: { title?: string; text: string; children?: ReactNode }) {
  return (
    <Stack className="card" align="center" gap="xs" ta="center" py="xl">
      {title && (
        <Title order={2} size="h4">
          {title}
        </Title>
      )}
      <Text c="dimmed" maw="36rem">
        {text}
      </Text>
      {children}
    </Stack>
  );
}
