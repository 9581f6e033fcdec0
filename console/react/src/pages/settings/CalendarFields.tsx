import { Button, Checkbox, Group, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { Icon } from "../../ui/Icon";
import { useWords } from "../../words";
import { DAYS, type Written, wrongIn } from "./calendar";

interface Props {
  written: Written;
  change: (written: Written) => void;
  /** What the server said of each field. */
  at: Record<string, string>;
}

/** The names of the fields, for what is told of them. */
export function calendarFields(written: Written): string[] {
  const special = written.overrides.flatMap((_, at) => ["on", "until", "hours"].map((key) => `overrides.${at}.${key}`));
  return ["tz", "holidays", ...DAYS.map((day) => `week.${day}`), ...special];
}

/** When somebody is there: the hours of a week, public holidays, days that are different. */
export function CalendarFields({ written, change, at }: Props) {
  const w = useWords().settings;
  const wrong = wrongIn(written);
  const told = (field: string, why: string) => (wrong.includes(field) ? why : at[field]);
  const special = (place: number, part: Partial<Written["overrides"][number]>) =>
    change({ ...written, overrides: written.overrides.map((one, number) => (number === place ? { ...one, ...part } : one)) });
  return (
    <>
      <Stack className="card" component="section" aria-label={w.week}>
        <Title order={3} size="h5">
          {w.week}
        </Title>
        <Text size="sm" c="dimmed">
          {w.week_help}
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {DAYS.map((day) => (
            <TextInput key={day} label={w.day_names[day]} placeholder={w.closed_all_day} value={written.week[day]} onChange={(event) => change({ ...written, week: { ...written.week, [day]: event.currentTarget.value } })} error={told(`week.${day}`, w.bad_hours)} maxLength={200} />
          ))}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={w.holidays} description={w.holidays_help} value={written.holidays} onChange={(event) => change({ ...written, holidays: event.currentTarget.value })} error={at.holidays} maxLength={6} spellCheck={false} />
          <TextInput label={w.tz} description={w.tz_help} value={written.tz} onChange={(event) => change({ ...written, tz: event.currentTarget.value })} error={at.tz} maxLength={64} spellCheck={false} />
        </SimpleGrid>
      </Stack>
      <Stack className="card" component="section" aria-label={w.special_days}>
        <Title order={3} size="h5">
          {w.special_days}
        </Title>
        <Text size="sm" c="dimmed">
          {w.special_help}
        </Text>
        {written.overrides.map((one, place) => (
          <Stack key={place} component="fieldset" gap="xs" m={0} p="sm" bd="1px solid var(--console-line)" style={{ borderRadius: "var(--mantine-radius-md)" }} aria-label={w.special_day(one.on, place + 1)}>
            <SimpleGrid cols={{ base: 1, xs: 3 }}>
              <TextInput type="date" label={w.on} value={one.on} onChange={(event) => special(place, { on: event.currentTarget.value })} error={told(`overrides.${place}.on`, w.bad_day)} />
              <TextInput type="date" label={w.until} value={one.until} onChange={(event) => special(place, { until: event.currentTarget.value })} error={told(`overrides.${place}.until`, w.bad_until)} />
              <TextInput label={w.special_hours} placeholder={w.closed_all_day} value={one.hours} onChange={(event) => special(place, { hours: event.currentTarget.value })} error={told(`overrides.${place}.hours`, w.bad_hours)} maxLength={200} />
            </SimpleGrid>
            <Group justify="space-between">
              <Checkbox label={w.every_year} checked={one.every_year} onChange={(event) => special(place, { every_year: event.currentTarget.checked })} />
              <Button size="compact-sm" variant="subtle" aria-label={w.remove_day(one.on, place + 1)} onClick={() => change({ ...written, overrides: written.overrides.filter((_, number) => number !== place) })}>
                {w.remove}
              </Button>
            </Group>
          </Stack>
        ))}
        <Group>
          <Button variant="default" leftSection={<Icon name="plus" size={18} />} onClick={() => change({ ...written, overrides: [...written.overrides, { on: "", until: "", every_year: false, hours: "" }] })}>
            {w.add_day}
          </Button>
        </Group>
      </Stack>
    </>
  );
}
