import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, type RefObject, Suspense, useId } from "react";
import { Waiting } from "../../ui/Waiting";
import { useWords } from "../../words";
import classes from "./dashboards.module.css";

interface Props {
  title: string;
  /** What it tells, in a sentence. */
  about: string;
  /** How it is counted. */
  definition: ReactNode;
  /** Where the same is downloaded as CSV. */
  csv: string;
  /** What of it the CSV has. */
  csvHelp?: string;
  /** What is chosen for it alone. */
  choices?: ReactNode;
  picture: ReactNode;
  table: ReactNode;
  /** What is to be said below. */
  notes?: readonly (string | false)[];
  /** A wide picture: the table stands below it rather than beside. */
  stacked?: boolean;
  place?: RefObject<HTMLDivElement | null>;
}

/** One picture with what it means, how it is counted, the same numbers as a table, and the way to take them along. */
export function Shown({ title, about, definition, csv, csvHelp, choices, picture, table, notes = [], stacked = false, place }: Props) {
  const words = useWords().dashboards;
  const id = useId();
  return (
    <Stack component="section" gap="md" aria-labelledby={id} ref={place} className={classes.divided}>
      <Group justify="space-between" align="flex-end">
        <div>
          <Title order={2} size="h4" id={id}>
            {title}
          </Title>
          <Text c="dimmed" maw="40rem">
            {about}
          </Text>
        </div>
        <Group align="flex-end">
          {choices}
          <Anchor href={csv} download title={csvHelp}>
            {words.csv}
          </Anchor>
        </Group>
      </Group>
      <div className={stacked ? classes.above : classes.beside}>
        <div className="card">
          <Suspense fallback={<Waiting className={stacked ? `${classes.chart} ${classes.tall}` : classes.chart} />}>{picture}</Suspense>
        </div>
        {table}
      </div>
      {notes.filter(Boolean).map((note) => (
        <Text key={String(note)} size="sm">
          {note}
        </Text>
      ))}
      <details>
        <summary>{words.how_counted}</summary>
        <Text component="div" size="sm" maw="60rem" mt={4}>
          {definition}
        </Text>
      </details>
    </Stack>
  );
}
