import { Button, Group, Stack, Text, Title } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";
import type { Settings } from "./settings";

type View = Schemas["CalendarView"];

/** The company's calendars: which lines go by them, and whether they are open now. */
export function Calendars({ settings, open }: { settings: Settings; open: (calendar: string) => void }) {
  const words = useWords();
  const w = words.settings;
  const titles = new Map(settings.lines.map((line) => [line.id, line.title || line.id]));
  const columns: Column<View>[] = [
    { key: "name", title: w.calendar, names: true, cell: (one) => <Text fw={600}>{one.name}</Text> },
    { key: "now", title: w.now, cell: (one) => <Now calendar={one} /> },
    { key: "lines", title: w.lines, cell: (one) => one.lines.map((id) => titles.get(id) ?? id).join(", ") || w.no_line },
    {
      key: "edit",
      title: w.actions,
      numeric: true,
      cell: (one) => (
        <Button size="compact-sm" variant="subtle" aria-label={w.edit_of(one.name)} onClick={() => open(one.name)}>
          {w.edit}
        </Button>
      ),
    },
  ];
  const add = (
    <Button variant="default" leftSection={<Icon name="plus" size={18} />} onClick={() => open("+")}>
      {w.add_calendar}
    </Button>
  );
  if (settings.calendars.length === 0) {
    return (
      <Empty title={w.no_calendar} text={w.no_calendar_text}>
        {add}
      </Empty>
    );
  }
  return (
    <Stack component="section" aria-labelledby="calendars">
      <Group justify="space-between">
        <Title order={2} size="h4" id="calendars">
          {w.calendars}
        </Title>
        {add}
      </Group>
      <DataTable caption={w.calendars} columns={columns} rows={settings.calendars} keyOf={(one) => one.name} />
    </Stack>
  );
}

function Now({ calendar }: { calendar: View }) {
  const words = useWords();
  if (calendar.open) return <Tag tone="good">{words.settings.is_open}</Tag>;
  return <Tag>{calendar.opens ? words.settings.opens(words.format.dateTime(calendar.opens)) : words.settings.never_opens}</Tag>;
}
