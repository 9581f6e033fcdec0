import { ActionIcon, Group, Popover, Stack, Text, UnstyledButton } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { useWords } from "../../words";
import classes from "./dashboards.module.css";
import { type Definition, saidOf, shown } from "./kpis";

interface Props {
  kpi: Definition;
  now?: Schemas["ValueView"];
  earlier?: Schemas["ValueView"];
  chosen: boolean;
  choose: () => void;
}

/** One figure: its value, what it rests on, what it was before; its meaning and formula behind the question mark. */
export function KpiTile({ kpi, now, earlier, chosen, choose }: Props) {
  const words = useWords();
  const said = saidOf(words, kpi);
  const told = earlier?.value !== null && earlier?.value !== undefined;
  return (
    <div className={`card ${classes.tile}`} data-chosen={chosen || undefined}>
      <Group justify="space-between" wrap="nowrap" gap={4} align="flex-start">
        <UnstyledButton className={classes.choose} aria-pressed={chosen} aria-label={words.dashboards.show(said.name)} onClick={choose}>
          <Text size="sm" c="dimmed">
            {said.name}
          </Text>
        </UnstyledButton>
        <Popover width={320} position="bottom-end" shadow="md" withArrow trapFocus returnFocus>
          <Popover.Target>
            <ActionIcon variant="subtle" color="gray" c="dimmed" size="sm" aria-label={words.dashboards.explain(said.name)} className={classes.explain}>
              ?
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <Stack gap={6} tabIndex={-1} data-autofocus>
              <Text fw={600}>{said.name}</Text>
              {said.about && <Text size="sm">{said.about}</Text>}
              <Text size="sm" c="dimmed">
                {words.dashboards.formula}: {said.formula}
              </Text>
            </Stack>
          </Popover.Dropdown>
        </Popover>
      </Group>
      <Text className={classes.value}>{shown(words, kpi.unit, now?.value)}</Text>
      <Text size="xs" c="dimmed">
        {kpi.unit !== "count" && now ? words.dashboards.n(words.format.number(now.n)) : ""}
        {told && (
          <span title={words.dashboards.before_help}>
            {kpi.unit !== "count" ? " · " : ""}
            {words.dashboards.before(shown(words, kpi.unit, earlier.value))}
          </span>
        )}
      </Text>
    </div>
  );
}
