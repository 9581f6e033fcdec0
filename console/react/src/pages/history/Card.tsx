import { Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A part of a page, with its heading. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack className="card" gap="sm" component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  );
}
