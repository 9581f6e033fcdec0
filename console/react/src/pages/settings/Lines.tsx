import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { may, useMe } from "../../api/me";
import { type Column, DataTable } from "../../ui/DataTable";
import { Icon } from "../../ui/Icon";
import { useWords } from "../../words";
import type { Line, Settings } from "./settings";

/** The company's lines, each to be opened. */
export function Lines({ settings, open }: { settings: Settings; open: (line: string) => void }) {
  const words = useWords();
  const w = words.settings;
  const me = useMe();
  const columns: Column<Line>[] = [
    {
      key: "line",
      title: w.line,
      names: true,
      cell: (line) => (
        <Stack gap={0}>
          <Text fw={600}>{line.title || line.id}</Text>
          <Text size="sm" c="dimmed">
            {line.id}
          </Text>
        </Stack>
      ),
    },
    { key: "number", title: w.number, cell: (line) => line.number || "–" },
    { key: "language", title: w.language, cell: (line) => words.knowledge.languages[line.language] ?? line.language },
    { key: "hours", title: w.hours, cell: (line) => line.hours?.calendar ?? w.always_open },
    { key: "words", title: w.words, numeric: true, cell: (line) => words.format.number(line.words.length) },
    {
      key: "edit",
      title: w.actions,
      numeric: true,
      cell: (line) => (
        <Button size="compact-sm" variant="subtle" aria-label={w.edit_of(line.title || line.id)} onClick={() => open(line.id)}>
          {w.edit}
        </Button>
      ),
    },
  ];
  return (
    <Stack component="section" aria-labelledby="lines">
      <Group justify="space-between">
        <Title order={2} size="h4" id="lines">
          {w.lines}
        </Title>
        {may(me, ["sysadmin"]) && (
          <Button variant="default" leftSection={<Icon name="plus" size={18} />} onClick={() => open("+")}>
            {w.add_line}
          </Button>
        )}
      </Group>
      <DataTable caption={w.lines} columns={columns} rows={settings.lines} keyOf={(line) => line.id} />
    </Stack>
  );
}
