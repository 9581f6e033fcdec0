import { Checkbox, SimpleGrid, Stack, TagsInput, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "../../../api/client";
import { useWords } from "../../../words";
import { asText, type Editing } from "../steps/TextFields";
import { ChoiceField, durationOf, NumberField, secondsOf } from "./fields";

/** Whom a queue that has no flow for it is answered by: `dialogs.frame.CALL_BACK`. */
const CALL_BACK = "callback";

interface Props {
  name: string;
  editing: Editing;
  /** What the check says of each field. */
  at: Record<string, string>;
}

export const PEOPLE = ["queue-people"];
export const usePeople = () => useQuery({ queryKey: PEOPLE, queryFn: () => data(api.GET("/api/queue-people")) });

/** All that a queue can have: `dialogs.frame.Queue`. What is left out of the YAML is as usual, and shown so. */
export function QueueForm({ name, editing, at }: Props) {
  const words = useWords();
  const w = words.queues;
  const { yaml, set } = editing;
  const get = (key: string) => yaml.get(["queues", name, key]);
  const write = (key: string) => (value: string | number | boolean | readonly string[] | null) => set(["queues", name, key], value ?? "");
  const error = (key: string) => Object.entries(at).find(([field]) => field === key || field.startsWith(`${key}.`))?.[1];
  const number = (key: string) => (typeof get(key) === "number" ? (get(key) as number) : null);
  const seconds = (key: string, usual: number | null, help: string, label: string) => (
    <NumberField label={label} description={help} value={secondsOf(get(key))} write={(value) => write(key)(value === null ? null : durationOf(value))} placeholder={usual ? w.usual(`${usual}${w.seconds}`) : undefined} suffix={w.seconds} min={0.1} max={999_999} decimals={3} error={error(key)} />
  );
  const skills = get("skills");
  const calendar = asText(get("calendar"));
  const flows = [{ value: "", label: w.notes_callback }, ...yaml.keys(["flows"]).map((flow) => ({ value: flow, label: flow }))];
  const way = (key: "when_closed" | "when_full") => (
    <ChoiceField label={w[key]} value={get(key) === CALL_BACK ? "" : asText(get(key))} write={write(key)} options={flows} error={error(key)} />
  );
  return (
    <Stack>
      <Stack className="card" gap="sm">
        <Title order={3} size="h5">
          {w.who}
        </Title>
        <People name={name} />
        <TagsInput label={w.skills} description={w.skills_help} value={Array.isArray(skills) ? skills.map(String) : []} onChange={(list) => write("skills")(list.length > 0 ? list : null)} splitChars={[",", ";"]} maxTags={50} error={error("skills")} clearButtonProps={{ "aria-label": w.clear_skills }} />
      </Stack>
      <Stack className="card" gap="sm">
        <Title order={3} size="h5">
          {w.order}
        </Title>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberField label={w.priority} description={w.priority_help} value={number("priority")} write={write("priority")} placeholder={w.usual("0")} min={-1000} max={1000} error={error("priority")} />
          <NumberField label={w.max_length} description={w.max_length_help} value={number("max_length")} write={write("max_length")} min={0} max={1000} error={error("max_length")} />
          {seconds("max_wait", 180, w.max_wait_help, w.max_wait)}
          {seconds("announce_every", 30, w.announce_help, w.announce_every)}
          {seconds("callback_after", null, w.callback_help, w.callback_after)}
        </SimpleGrid>
      </Stack>
      <Stack className="card" gap="sm">
        <Title order={3} size="h5">
          {w.ways}
        </Title>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <ChoiceField label={w.hours} description={w.hours_help} value={calendar} write={write("calendar")} options={[{ value: "", label: w.always_open }, ...yaml.keys(["calendars"]).map((one) => ({ value: one, label: one }))]} error={error("calendar")} />
          {calendar && way("when_closed")}
          {way("when_full")}
          <ChoiceField label={w.leave_when_empty} value={asText(get("leave_when_empty"))} write={(value) => write("leave_when_empty")(value === "" ? null : value === "true")} options={Object.entries(w.leaves).map(([value, label]) => ({ value, label }))} error={error("leave_when_empty")} />
        </SimpleGrid>
        <Checkbox label={w.join_empty} checked={get("join_empty") === true} onChange={(event) => write("join_empty")(event.currentTarget.checked ? true : null)} error={error("join_empty")} />
      </Stack>
      <Text size="sm" c="dimmed">
        {w.elsewhere}
      </Text>
    </Stack>
  );
}

function People({ name }: { name: string }) {
  const w = useWords().queues;
  const people = usePeople();
  if (!people.data) return null;
  const { all_queues: all, by_queue } = people.data;
  const named = by_queue[name] ?? 0;
  return (
    <Text size="sm" c={named + all === 0 ? "var(--console-warn)" : undefined}>
      {named + all === 0 ? w.nobody : w.people(named, all)}
    </Text>
  );
}
