import { Button, Group, Stack, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "../../api/client";
import { Sure } from "../../ui/Sure";
import { useUnsaved } from "../../ui/unsaved";
import { useWords } from "../../words";
import { calendarOf, NEW_CALENDAR, wrongIn, writtenOf } from "./calendar";
import { CalendarFields, calendarFields } from "./CalendarFields";
import { KeepBar } from "./KeepBar";
import { problemsOf, same, SETTINGS, type Settings } from "./settings";
import { useKeeping } from "./useKeeping";

interface Props {
  settings: Settings;
  /** '' for a new one. */
  name: string;
  done: () => void;
}

/** A calendar of the company, by which lines go. */
export function CalendarForm({ settings, name, done }: Props) {
  const w = useWords().settings;
  const queries = useQueryClient();
  const known = settings.calendars.find((one) => one.name === name);
  const [ownName, setOwnName] = useState(name);
  const [written, setWritten] = useState(() => writtenOf(known ?? NEW_CALENDAR));
  const [kept, setKept] = useState(written);
  const [revision, setRevision] = useState(settings.revision);
  const [removing, setRemoving] = useState(false);
  const params = { path: { name: ownName } };
  const keeping = useKeeping(
    (restart) => data(api.PUT("/api/settings/calendars/{name}", { params, body: { revision, restart, calendar: calendarOf(written) } })),
    (now) => {
      setRevision(now.revision);
      setKept(written);
      if (!known) done();
    },
  );
  const remove = async () => {
    await data(api.DELETE("/api/settings/calendars/{name}", { params: { ...params, query: { revision } } }));
    await queries.invalidateQueries({ queryKey: SETTINGS });
    done();
  };
  const { at, others } = problemsOf(keeping.error, calendarFields(written));
  const changed = !same(written, kept);
  const taken = !known && settings.calendars.some((one) => one.name === ownName);
  useUnsaved(changed || (!known && ownName !== ""));
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (wrongIn(written).length === 0 && !taken) keeping.keep();
  };
  return (
    <form onSubmit={send} aria-label={name || w.add_calendar}>
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">
            {name || w.add_calendar}
          </Title>
          {known && known.lines.length === 0 && (
            <Button size="compact-sm" variant="subtle" color="red" c="var(--mantine-color-error)" onClick={() => setRemoving(true)}>
              {w.remove_calendar}
            </Button>
          )}
        </Group>
        {!known && (
          <Stack className="card">
            <TextInput label={w.calendar_name} description={w.calendar_name_help} value={ownName} onChange={(event) => setOwnName(event.currentTarget.value)} error={taken ? w.calendar_taken : undefined} pattern="[a-z][a-z0-9_\-]*" required maxLength={64} data-autofocus />
          </Stack>
        )}
        <CalendarFields written={written} change={setWritten} at={at} />
        <KeepBar keeping={keeping} changed={changed || !known} others={others} />
      </Stack>
      {removing && <Sure title={w.remove_calendar} text={w.remove_calendar_text(name)} go={w.remove_calendar} act={remove} close={() => setRemoving(false)} harmful />}
    </form>
  );
}
