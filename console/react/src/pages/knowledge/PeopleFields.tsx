import { Autocomplete, Checkbox, Group, Stack, TagsInput, TextInput, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords } from "../../words";
import type { Fields } from "./articles";
import { idOf } from "./Problems";

interface Props {
  fields: Fields;
  change: (part: Partial<Fields>) => void;
  wrong: (place: string) => ReactNode;
  queues: readonly string[];
}

/** What of an article callers do not hear: who keeps it, when it holds, who knows more. */
export function PeopleFields({ fields, change, wrong, queues }: Props) {
  const w = useWords().knowledge;
  const day = (name: "valid_from" | "valid_until") => (
    <TextInput type="date" id={idOf(name)} label={w[name]} value={fields[name]} error={wrong(name)} onChange={(event) => change({ [name]: event.currentTarget.value })} flex="1 1 10rem" />
  );
  return (
    <Stack className="card">
      <Title order={2} size="h4">
        {w.for_people}
      </Title>
      <TagsInput id={idOf("tags")} label={w.tags} description={w.tags_help} value={fields.tags} error={wrong("tags")} onChange={(tags) => change({ tags })} maxTags={30} />
      <TextInput id={idOf("owner")} label={w.owner} value={fields.owner} error={wrong("owner")} onChange={(event) => change({ owner: event.currentTarget.value })} maxLength={100} />
      <Autocomplete id={idOf("queue")} label={w.queue} description={w.queue_help} data={[...queues]} value={fields.queue} error={wrong("queue")} onChange={(queue) => change({ queue })} maxLength={100} />
      <Group align="flex-start">
        {day("valid_from")}
        {day("valid_until")}
      </Group>
      <Checkbox id={idOf("sensitive")} label={w.sensitive} checked={fields.sensitive} onChange={(event) => change({ sensitive: event.currentTarget.checked })} />
    </Stack>
  );
}
