import { Anchor, List, Loader, Stack, Text, Title } from "@mantine/core";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";
import type { Problem } from "./articles";

export interface Placed extends Problem {
  /** "spoken.it", "queue", "" */
  place: string;
}

/** Where the field of a place is on the page. */
export function idOf(place: string): string {
  return `field-${place.replace(".", "-")}`;
}

interface Props {
  problems: readonly Placed[] | null;
  checking: boolean;
  /** Nothing is written yet. */
  empty: boolean;
  labelOf: (place: string) => string;
  /** Puts the cursor into a field. */
  reach: (place: string) => void;
}

/** What keeps an article from being published, and what would make it better; each leads to its field. */
export function Problems({ problems, checking, empty, labelOf, reach }: Props) {
  const w = useWords().knowledge;
  const errors = problems?.filter((one) => one.severity === "error").length ?? 0;
  const advice = (problems?.length ?? 0) - errors;
  return (
    <Stack className="card" gap="sm" component="section" aria-label={w.checks}>
      <Title order={2} size="h4">
        {w.checks}
      </Title>
      <Text size="sm" role="status" c={errors ? "var(--mantine-color-error)" : "dimmed"} fw={errors ? 600 : undefined}>
        {empty ? w.write_first : !problems ? w.checking : problems.length === 0 ? w.all_well : [errors && w.errors_count(errors), advice && w.advice_count(advice)].filter(Boolean).join(", ")}
        {checking && !empty && <Loader size={12} ml="xs" aria-hidden />}
      </Text>
      {!empty && problems && problems.length > 0 && (
        <List listStyleType="none" spacing="sm">
          {problems.map((one, number) => (
            <List.Item key={number} styles={{ itemWrapper: { display: "block" }, itemLabel: { display: "block" } }}>
              <Tag tone={one.severity === "error" ? "bad" : "warn"}>{w.severities[one.severity]}</Tag>{" "}
              {one.place && (
                <Anchor component="button" type="button" onClick={() => reach(one.place)} size="sm" fw={600}>
                  {labelOf(one.place)}
                </Anchor>
              )}
              <Text size="sm">{w.rules[one.rule] ?? w.rules.article}</Text>
              <Text size="xs" c="dimmed" lang="en">
                {one.message}
              </Text>
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}
